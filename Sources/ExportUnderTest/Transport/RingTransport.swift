// Requests over FUSE's own io_uring queues: an entry that completes brings a request, and one command both
// answers it and waits for the next.

import Glibc

extension ServingThread {
  /// Gives every entry of a queue to the kernel. Once per channel, after INIT was answered.
  mutating func register(_ channel: UnsafeMutablePointer<Channel>) {
    precondition(channel.pointee.armed == 0 && channel.pointee.kind == .queue, "a queue is registered once")
    for index in 0..<channel.pointee.slots.depth {
      let iovecs = channel.pointee.slots.iovecs! + 2 * index
      arm(channel.pointee.slots.slots + index, channel, .register, iovecs)
    }
    submit()
  }

  @inline(__always)
  private mutating func arm(
    _ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>, _ command: RingCommand,
    _ iovecs: UnsafePointer<iovec>?
  ) {
    loop.pointee.command(
      channel.pointee.file, command, queue: UInt16(truncatingIfNeeded: channel.pointee.index),
      commitID: slot.pointee.commitID, iovecs: iovecs, Tag(.command, slot))
    channel.pointee.armed += 1
    armedCommands += 1
    isDirty = true
  }

  /// An entry came back: with a request, or because its connection ended.
  @inline(__always)
  mutating func takeFromQueue(_ slot: UnsafeMutablePointer<Slot>, _ result: Int32) {
    let channel = slot.pointee.channel.assumingMemoryBound(to: Channel.self)
    channel.pointee.armed -= 1
    armedCommands -= 1
    guard result == 0 else {
      commandFailed(channel, result)
      return
    }
    // Stopping: what comes now is not begun; the unmount ends it.
    guard channel.pointee.phase == .serving else {
      settle(channel)
      return
    }
    do throws(RingFrame.FrameError) {
      let (view, commitID) = try RingFrame.parse(slot.pointee.head, room: channel.pointee.slots.maxTransfer)
      slot.pointee.commitID = commitID
      slot.pointee.unique = view.header.unique
      slot.pointee.pid = view.header.pid
      channel.pointee.counters.count(view.header.opcode)
      channel.trace(view)
      if let operation = view.decode() {
        slot.pointee.operation = operation
        start(slot, channel)
      } else {
        slot.pointee.error = -EINVAL
        channel.pointee.counters.errors &+= 1
        answerOnQueue(slot, channel)
      }
    } catch {
      halt(channel, "queue \(channel.pointee.index): \(error)")
    }
  }

  private mutating func commandFailed(_ channel: UnsafeMutablePointer<Channel>, _ result: Int32) {
    if result == -ENOTCONN || result == -ECONNABORTED {
      // The normal end: unmounted, or aborted (ECONNABORTED to what comes afterwards, fs/fuse/dev_uring.c).
      // The device fd tells the rest of the export.
      channel.close()
      settle(channel)
      return
    }
    halt(channel, "an entry of queue \(channel.pointee.index) was lost: \(errnoText(-result))")
    channel.pointee.board.update {
      $0.failure = "the kernel refused or lost an io_uring entry: \(errnoText(-result))"
    }
  }

  /// Answers, and waits for the entry's next request; both leave with the next submit.
  @inline(__always)
  mutating func answerOnQueue(_ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>) {
    channel.trace(slot)
    RingFrame.reply(
      slot.pointee.head, unique: slot.pointee.unique, error: slot.pointee.error, length: slot.pointee.replyLength)
    arm(slot, channel, .commitAndFetch, nil)
  }
}
