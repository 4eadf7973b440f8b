// What a thread does with its channels besides serving them: taking them on, draining, ending.

import Glibc

extension ServingThread {
  /// Registers the node's files with this thread's ring, once for all `channels`.
  mutating func adopt(_ channels: [UnsafeMutablePointer<Channel>], _ node: NodeView) throws(SystemError) {
    var node = node
    if node.leaf.pointee.fd >= 0 { node.file = try ring.addFile(node.leaf.pointee.fd) }
    if node.leaf.pointee.bufferedFD >= 0 { node.bufferedFile = try ring.addFile(node.leaf.pointee.bufferedFD) }
    for channel in channels { channel.pointee.node = node }
  }

  /// Begins to read the device; queues are registered when INIT has been answered.
  mutating func open(_ channels: [UnsafeMutablePointer<Channel>], fd: Int32, control: Int32) throws(SystemError) {
    var file: Int32 = -1
    if channels.contains(where: { $0.pointee.kind == .queue }) { file = try ring.addFile(fd) }
    for channel in channels {
      // Threads that share a device do better by polls even with many requests (docs/performance.md), as long as one
      // of them at a time looks: they are not told of crowds.
      channel.pointee.control = channel.pointee.watch == nil ? control : -1
      switch channel.pointee.kind {
      case .queue: channel.pointee.file = file
      case .device:
        channel.pointee.fd = fd
        channel.pointee.next = devices
        devices = channel
      }
    }
  }

  /// Takes no more requests; tells when those in flight are answered.
  mutating func drain(_ channels: [UnsafeMutablePointer<Channel>]) {
    for channel in channels {
      channel.pointee.isClosed = true
      channel.pointee.isDraining = true
      tellIfDrained(channel)
    }
  }

  func tellIfDrained(_ channel: UnsafeMutablePointer<Channel>) {
    guard channel.pointee.isDraining, channel.pointee.inFlight == 0 else { return }
    channel.pointee.isDraining = false
    channel.pointee.server.takeUnretainedValue().tell { $0.sharesDrained += 1 }
  }

  /// The connection is gone: collects what is with the kernel, then ends the channels.
  mutating func finish(_ channels: [UnsafeMutablePointer<Channel>]) {
    for channel in channels {
      channel.pointee.isFinishing = true
      if channel.pointee.isPolled {
        ring.cancelPoll(Tag(.device, channel))
        isDirty = true
      }
      endIfFinished(channel)
    }
  }

  /// Gives the ring's files back, when every channel has ended.
  mutating func release(_ channels: [UnsafeMutablePointer<Channel>]) {
    if let file = channels.first(where: { $0.pointee.kind == .queue })?.pointee.file { ring.removeFile(file) }
    guard let node = channels.first?.pointee.node else { return }
    ring.removeFile(node.file)
    ring.removeFile(node.bufferedFile)
  }

  mutating func endIfFinished(_ channel: UnsafeMutablePointer<Channel>) {
    guard channel.pointee.isFinishing, !channel.pointee.isPolled else { return }
    guard channel.pointee.armed == 0, channel.pointee.inFlight == 0 else { return }
    if channel.pointee.kind == .device { unlink(channel) }
    channel.pointee.isFinishing = false
    let record = CounterRecord(channel.pointee)
    channel.pointee.server.takeUnretainedValue().tell {
      $0.channelsFinished += 1
      $0.counters.append(record)
    }
  }

  private mutating func unlink(_ channel: UnsafeMutablePointer<Channel>) {
    guard devices != channel else {
      devices = channel.pointee.next
      return
    }
    var before = devices
    while let current = before, current.pointee.next != channel { before = current.pointee.next }
    before?.pointee.next = channel.pointee.next
  }

  /// Nothing that comes over `channel` can be trusted any more.
  func halt(_ channel: UnsafeMutablePointer<Channel>, _ why: String) {
    channel.pointee.isClosed = true
    report("\(why); the export is halted")
    channel.pointee.server.takeUnretainedValue().halt()
  }
}
