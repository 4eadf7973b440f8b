// Requests over a /dev/fuse fd: one read takes one, one write answers it, always on the same fd. The fd is
// the mount's own (legacy) or one of its clones (multithread); nothing here can tell.

import Glibc

extension ServingThread {
  /// Takes one request if there is one and a slot for it; whether one was taken.
  @inline(__always)
  mutating func takeFromDevice(_ channel: UnsafeMutablePointer<Channel>) -> Bool {
    guard let slot = channel.pointee.free else { return false }
    let count = read(
      channel.pointee.fd, slot.pointee.head, DeviceFrame.prefix + channel.pointee.slots.maxTransfer)
    guard count >= 0 else { return deviceFailed(channel, errno) }
    channel.pointee.free = slot.pointee.next
    accept(slot, channel, count)
    return channel.pointee.phase == .serving
  }

  @inline(__always)
  private mutating func accept(
    _ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>, _ count: Int
  ) {
    let view: RequestView
    do throws(DeviceFrame.FrameError) {
      view = try DeviceFrame.parse(UnsafeRawBufferPointer(start: slot.pointee.head, count: count))
    } catch {
      channel.release(slot)
      halt(channel, "\(error)")
      return
    }
    slot.pointee.unique = view.header.unique
    slot.pointee.pid = view.header.pid
    channel.pointee.counters.count(view.header.opcode)
    channel.trace(view)
    guard let operation = view.decode() else {
      refuse(slot, channel, EINVAL)
      return
    }
    if operation == .initialize {
      initialize(slot, channel, view)
      return
    }
    slot.pointee.operation = operation
    start(slot, channel)
  }

  /// What a failed read of the device means (fs/fuse/dev.c, fuse_dev_do_read). Always false: nothing was taken.
  private mutating func deviceFailed(_ channel: UnsafeMutablePointer<Channel>, _ code: Int32) -> Bool {
    switch code {
    case EAGAIN: channel.pointee.isReady = false
    case EINTR, ENOENT: break  // What was there has been taken back.
    case ENODEV, ECONNABORTED:
      // Unmounted or aborted: the normal end.
      channel.close()
      channel.pointee.board.update { $0.isLost = true }
    default:
      halt(channel, "reading /dev/fuse: \(errnoText(code))")
    }
    return false
  }

  /// Sends the answer, and frees the slot.
  @inline(__always)
  func answerOnDevice(_ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>, silent: Bool) {
    channel.trace(slot, silent: silent)
    if !silent { send(slot, channel) }
    channel.release(slot)
  }

  @inline(__always)
  private func send(_ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>) {
    var start = slot.pointee.payload - Reply.headerSize
    if slot.pointee.replyLength <= DeviceFrame.shortBody {
      // With its header in one page: one less for the kernel to take hold of.
      start = slot.pointee.payload - DeviceFrame.shortReply
      memcpy(start + Reply.headerSize, slot.pointee.payload, slot.pointee.replyLength)
    }
    Reply.header(at: start, unique: slot.pointee.unique, error: slot.pointee.error, length: slot.pointee.replyLength)
    let size = Reply.headerSize + slot.pointee.replyLength
    if write(channel.pointee.fd, start, size) < 0 { replyFailed(channel, errno) }
  }

  /// ENOENT: the request is gone with its client; ENODEV and the like: the connection is. All else is ours.
  private func replyFailed(_ channel: UnsafeMutablePointer<Channel>, _ code: Int32) {
    guard code != ENOENT, code != ENODEV, code != ECONNABORTED else { return }
    report("the kernel refused a reply on device \(channel.pointee.index): \(errnoText(code))")
  }

  private mutating func refuse(
    _ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>, _ code: Int32
  ) {
    slot.pointee.error = -code
    slot.pointee.replyLength = 0
    channel.pointee.counters.errors &+= 1
    answerOnDevice(slot, channel, silent: false)
  }

  /// INIT: arrives once, on any fd, in every transport. Beside a ring the device is the auxiliary one.
  private mutating func initialize(
    _ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>, _ view: RequestView
  ) {
    let board = channel.pointee.board
    do throws(Negotiation.InitError) {
      guard let request = InitRequest(view) else { throw .truncated }
      guard !board.current.isInitialized else { throw .repeated }
      let reply = try Negotiation.reply(
        to: request, ring: channel.pointee.isAuxiliaryDevice, limit: channel.pointee.export.pointee.limit)
      slot.pointee.error = 0
      slot.pointee.replyLength = Negotiation.encode(reply, into: slot.pointee.payload)
      answerOnDevice(slot, channel, silent: false)
      board.update { $0.isInitialized = true }
    } catch {
      if error == .repeated { report("\(error)") } else { board.update { $0.failure = "\(error)" } }
      refuse(slot, channel, error.code)
    }
  }
}
