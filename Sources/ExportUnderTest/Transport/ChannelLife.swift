// What a thread does with its channels besides serving them: taking them on, draining, ending.

import Glibc

extension ServingThread {
  /// Registers the node's files with this thread's event loop, once for all `channels`.
  mutating func registerFiles(
    _ channels: [UnsafeMutablePointer<Channel>], _ node: NodeView
  ) throws(SystemError) {
    var node = node
    node.loop = loop
    if node.leaf.pointee.fd >= 0 { node.file = try loop.pointee.addFile(node.leaf.pointee.fd) }
    if node.leaf.pointee.bufferedFD >= 0 { node.bufferedFile = try loop.pointee.addFile(node.leaf.pointee.bufferedFD) }
    for channel in channels { channel.pointee.node = node }
  }

  /// Begins to read the device; queues are registered when INIT has been answered.
  mutating func open(
    _ channels: [UnsafeMutablePointer<Channel>], fd: Int32, fusectlDirectory: Int32
  ) throws(SystemError) {
    var file: Int32 = -1
    if channels.contains(where: { $0.pointee.kind == .queue }) { file = try loop.pointee.addFile(fd) }
    for channel in channels {
      // Threads that share a device do better by polls even with many requests, as long as one of them at a time
      // polls (docs/experiments/performance-log.md): they are not told of a backlog.
      channel.pointee.fusectlDirectory = channel.pointee.sharedPollers == nil ? fusectlDirectory : -1
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
    for channel in channels where channel.pointee.phase == .serving || channel.pointee.phase == .closed {
      channel.move(to: .draining)
      settle(channel)
    }
  }

  /// The connection is gone: collects what is with the kernel, then ends the channels.
  mutating func finish(_ channels: [UnsafeMutablePointer<Channel>]) {
    for channel in channels where channel.pointee.phase != .ended && channel.pointee.phase != .finishing {
      channel.move(to: .finishing)
      if channel.pointee.isPolled {
        loop.pointee.cancelPoll(Tag(.device, channel))
        isDirty = true
      }
      settle(channel)
    }
  }

  /// Gives the loop's files back, when every channel has ended.
  mutating func release(_ channels: [UnsafeMutablePointer<Channel>]) {
    if let file = channels.first(where: { $0.pointee.kind == .queue })?.pointee.file { loop.pointee.removeFile(file) }
    guard let node = channels.first?.pointee.node else { return }
    loop.pointee.removeFile(node.file)
    loop.pointee.removeFile(node.bufferedFile)
  }

  /// Takes a channel that serves no more to its next phase, if what that waits for is there: to be called whenever
  /// something of it came back.
  mutating func settle(_ channel: UnsafeMutablePointer<Channel>) {
    switch channel.pointee.phase {
    case .serving, .closed, .ended: break
    case .draining:
      guard channel.pointee.inFlight == 0 else { return }
      // An answer over a ring is only prepared yet. Who hears that nothing is in flight unmounts or aborts at once, and
      // the client would get ECONNABORTED in its place.
      if channel.pointee.kind == .queue, isDirty { submit() }
      channel.move(to: .closed)
      channel.pointee.board.update { $0.channelsDrained += 1 }
    case .finishing:
      guard !channel.pointee.isPolled, channel.pointee.armed == 0, channel.pointee.inFlight == 0 else { return }
      if channel.pointee.kind == .device {
        unlink(channel)
        loop.pointee.forgetPolled(Tag(.device, channel))
      }
      channel.move(to: .ended)
      channel.checkInvariant()
      let record = CounterRecord(channel.pointee)
      channel.pointee.board.update {
        $0.channelsFinished += 1
        $0.counters.append(record)
      }
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
    channel.close()
    report("\(why); the export is halted")
    channel.pointee.board.halt()
  }
}
