// One request on its way through a serving thread: begun, carried on after its node, put aside, answered.

import Glibc
import Synchronization

extension ServingThread {
  /// Begins the request in `slot`, which its channel has decoded.
  @inline(__always)
  mutating func start(_ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>) {
    begun &+= 1
    if begun % Backlog.interval == 0 { backlog.ask(channel.pointee.fusectlDirectory) }
    channel.pointee.inFlight += 1
    channel.pointee.counters.maxInFlight = max(channel.pointee.counters.maxInFlight, channel.pointee.inFlight)
    advance(slot, channel, channel.pointee.export.pointee.begin(slot, channel.pointee.node))
  }

  /// Carries on after the node's completion with `result`.
  @inline(__always)
  mutating func resume(_ slot: UnsafeMutablePointer<Slot>, result: Int32) {
    let channel = slot.pointee.channel.assumingMemoryBound(to: Channel.self)
    switch channel.pointee.node.resume(slot.io, result: result) {
    case .pending: isDirty = true
    case .blocked:
      nodeRequests -= 1
      park(slot, channel)
    case .done(let result):
      nodeRequests -= 1
      retriesParked = retriesParked || parked.first != nil
      advance(slot, channel, channel.pointee.export.pointee.resume(slot, channel.pointee.node, result: result))
    }
  }

  /// Moves a request on until its node has work to do or its answer is sent.
  @inline(__always)
  private mutating func advance(
    _ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>, _ first: Outcome
  ) {
    var outcome = first
    while outcome == .node {
      switch channel.pointee.node.begin(slot.io) {
      case .done(let result):
        outcome = channel.pointee.export.pointee.resume(slot, channel.pointee.node, result: result)
      case .pending:
        nodeRequests += 1
        isDirty = true
        return
      case .blocked:
        park(slot, channel)
        return
      }
    }
    count(slot, channel)
    switch channel.pointee.kind {
    case .device: answerOnDevice(slot, channel, silent: outcome == .noReply)
    case .queue: answerOnQueue(slot, channel)
    }
    channel.pointee.inFlight -= 1
    // Draining waits for this, and so does the end of a channel whose draining was given up.
    if channel.pointee.phase != .serving { settle(channel) }
  }

  @inline(__always)
  private func count(_ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>) {
    if slot.pointee.error != 0 {
      channel.pointee.counters.errors &+= 1
      return
    }
    switch slot.pointee.operation {
    case .read: channel.pointee.counters.bytesRead &+= UInt64(slot.pointee.replyLength)
    case .write:
      let size = slot.pointee.payload.loadUnaligned(as: UInt32.self)
      channel.pointee.counters.bytesWritten &+= UInt64(size)
    default: break
    }
  }

  // MARK: Requests put aside

  private mutating func park(_ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>) {
    parked.append(slot)
    channel.pointee.node.leaf.pointee.locks.waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
    // Whoever let go between the attempt and the line above saw nobody waiting: one attempt more.
    retriesParked = true
  }

  /// Tries every request that was put aside once more, in order.
  mutating func retryParked() {
    var retried = parked
    parked = SlotQueue()
    retriesParked = false
    while let current = retried.popFirst() {
      let channel = current.pointee.channel.assumingMemoryBound(to: Channel.self)
      let locks = channel.pointee.node.leaf
      switch channel.pointee.node.begin(current.io) {
      case .blocked:
        parked.append(current)
      case .pending:
        locks.pointee.locks.waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        nodeRequests += 1
        isDirty = true
      case .done(let result):
        locks.pointee.locks.waiting.wrappingSubtract(1, ordering: .sequentiallyConsistent)
        advance(current, channel, channel.pointee.export.pointee.resume(current, channel.pointee.node, result: result))
      }
    }
  }
}
