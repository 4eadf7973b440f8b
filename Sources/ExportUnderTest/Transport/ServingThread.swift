// The loop that every transport shares: take requests, let nodes work on them, send answers. One thread, one
// io_uring, any number of channels.

import CLiburing
import Glibc
import Synchronization

/// A serving thread's own state; it never leaves the thread.
///
/// Nothing in the loop allocates, counts references or locks, and nothing waits but `waitForWork`.
struct ServingThread: ~Copyable {
  var ring: Ring
  private let mailbox: Mailbox
  private var polling: Polling
  private let batch: Int
  private var crowd = Crowd()
  /// Channels with a device fd, in a list.
  var devices: UnsafeMutablePointer<Channel>?
  /// Requests begun, of all channels.
  private var begun: UInt64 = 0
  /// Requests of nodes that are with the kernel.
  private var nodeRequests = 0
  /// Queues with commands at the kernel.
  var armedCommands = 0
  /// Requests whose node operation has completed and which were not carried on yet.
  private var completed = SlotQueue()
  /// Requests put aside because their regions are held, in order of arrival.
  private var parked = SlotQueue()
  private var retriesParked = false
  /// Something was prepared for the ring since the last submit.
  var isDirty = false
  private var isEnding = false

  init(mailbox: Mailbox, tuning: ThreadTuning) throws(SystemError) {
    ring = try Ring()
    self.mailbox = mailbox
    polling = Polling(limit: tuning.pollLimit)
    batch = tuning.batch
    ring.poll(mailbox.fd, exclusive: false, Tag(.mailbox, nil))
    ring.submit(waiting: false)
  }

  mutating func end() { isEnding = true }

  // MARK: The loop

  mutating func run() {
    while !isEnding {
      let taken = serveDevices()
      if retriesParked { retryParked() }
      let reaped = reapCompletions()
      let resumed = resumeRequests()
      if taken == .some || retriesParked || completed.first != nil || ring.hasNews {
        // More is at hand: what is prepared goes out, and the ring is looked at, without waiting.
        if isDirty { submit() } else if ring.hasNews { ring.look() }
      } else if !reaped && !resumed {
        waitForWork()
      }
    }
  }

  /// Requests that one device channel may bring before the ring gets its turn, while nodes are idle.
  private static let stretch = 32

  /// What a look at the device fds brought.
  private enum Taken {
    case nothing
    /// Requests, and now the fds are empty or nothing more can be held.
    case all
    /// Requests, and there may be more.
    case some
  }

  /// Takes what is waiting on the device fds.
  @inline(__always)
  private mutating func serveDevices() -> Taken {
    var taken = Taken.nothing
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      guard !current.pointee.isClosed, current.pointee.isReady || !current.pointee.isAside else { continue }
      let most = nodeRequests > 0 ? batch : Self.stretch
      var left = most
      while left > 0, takeFromDevice(current) { left -= 1 }
      // More than one at once: a thread that sleeps without a poll should help.
      if most - left > 1 { current.pointee.watch?.pointee.wake() }
      if left == 0 { taken = .some } else if left < most, taken == .nothing { taken = .all }
    }
    return taken
  }

  /// Polls if that pays, then sleeps until something is there.
  private mutating func waitForWork() {
    // With several requests at a disk, or more at clients, it is throughput that counts: they gather while the thread
    // sleeps, and the processor is the clients'.
    if nodeRequests <= 1, !crowd.isThere, polling.begins() {
      look()
      let found = pollForWork()
      lookAway()
      polling.end(found: found)
      if found { return }
    }
    crowd.waited()
    if let device = onlySource {
      sleep(on: device)
      return
    }
    armPolls()
    isDirty = false
    ring.submit(waiting: true)
    rise()
    reapCompletions()
  }

  /// The device that is all that can bring work, but for the mailbox: nothing else is with the ring.
  private var onlySource: UnsafeMutablePointer<Channel>? {
    guard nodeRequests == 0, armedCommands == 0, !isDirty, let device = devices, device.pointee.next == nil,
      device.pointee.watch == nil, !device.pointee.isPolled, !device.pointee.isAside, !device.pointee.isClosed,
      device.pointee.free != nil
    else { return nil }
    return device
  }

  /// Sleeps until `device` or the mailbox has something: cheaper than a poll by the ring, which is made and ends with
  /// every sleep.
  private mutating func sleep(on device: UnsafeMutablePointer<Channel>) {
    var sources = (
      pollfd(fd: device.pointee.fd, events: Int16(POLLIN), revents: 0),
      pollfd(fd: mailbox.fd, events: Int16(POLLIN), revents: 0)
    )
    withUnsafeMutablePointer(to: &sources) {
      $0.withMemoryRebound(to: pollfd.self, capacity: 2) { _ = poll($0, 2, -1) }
    }
    // The letter comes by the ring, whose poll of the mailbox is with the kernel but where a submit failed.
    if sources.1.revents != 0 { isDirty = true }
  }

  /// Looks at fds and ring until something was there, or for as long as the limit says.
  private mutating func pollForWork() -> Bool {
    if isDirty {
      submit()
      if reapCompletions() { return true }
    }
    let start = monotonicNanoseconds()
    var now = start
    repeat {
      if serveDevices() != .nothing || (ring.hasNews && lookAtRing()) {
        crowd.waited(now &- start)
        return true
      }
      let before = now
      now = monotonicNanoseconds()
      // A gap says that somebody else needed this processor: it is not ours to burn.
      if now &- before > 20_000 { return false }
    } while now &- start < polling.limit
    return false
  }

  /// Runs what is due at the ring; whether it brought something.
  private mutating func lookAtRing() -> Bool {
    ring.look()
    return reapCompletions()
  }

  /// Tells the threads that share a device with this one that it is looked at, where it can take a request.
  private func look() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      guard let watch = current.pointee.watch, !current.pointee.isClosed, current.pointee.free != nil else { continue }
      watch.pointee.look()
      current.pointee.isLookedAt = true
    }
  }

  private func lookAway() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      guard current.pointee.isLookedAt else { continue }
      current.pointee.isLookedAt = false
      current.pointee.watch?.pointee.lookAway()
    }
  }

  /// This thread is awake again.
  private func rise() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      current.pointee.watch?.pointee.rises(current.pointee.index)
    }
  }

  private mutating func armPolls() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      guard !current.pointee.isPolled, !current.pointee.isFinishing, current.pointee.fd >= 0 else { continue }
      guard !current.pointee.isClosed else { continue }
      guard current.pointee.free != nil else {
        // Requests are in flight, whose completions wake this thread; until then others must do without it.
        current.pointee.watch?.pointee.wake()
        continue
      }
      if let watch = current.pointee.watch, watch.pointee.rests(current.pointee.index) { continue }
      ring.poll(current.pointee.fd, exclusive: current.pointee.watch != nil, Tag(.device, current))
      current.pointee.isPolled = true
    }
  }

  @inline(__always)
  private mutating func submit() {
    isDirty = false
    ring.submit(waiting: false)
  }

  // MARK: Completions

  /// Takes completions off the ring, begins the requests among them, and queues what nodes have finished;
  /// whether there was one.
  @inline(__always) @discardableResult
  private mutating func reapCompletions() -> Bool {
    let completions = ring.reap()
    for completion in completions { finish(completion) }
    return !completions.isEmpty
  }

  @inline(__always)
  private mutating func finish(_ completion: curing_completion) {
    let tag = Tag(raw: completion.user_data)
    switch tag.kind {
    case .command:
      takeFromQueue(tag.address!.assumingMemoryBound(to: Slot.self), completion.result)
    case .node:
      completed.append(tag.address!.assumingMemoryBound(to: Slot.self), completion.result)
    case .device:
      let channel = tag.address!.assumingMemoryBound(to: Channel.self)
      channel.pointee.isPolled = false
      channel.pointee.isReady = true
      endIfFinished(channel)
    case .mailbox:
      openMail()
    case .ignored: break
    }
  }

  /// Carries on with a few requests whose node operations have completed; whether there was one.
  @inline(__always)
  private mutating func resumeRequests() -> Bool {
    guard completed.first != nil else { return false }
    var left = batch
    while left > 0, let slot = completed.popFirst() {
      left -= 1
      resume(slot, result: slot.pointee.result)
    }
    return true
  }

  @inline(__always)
  private mutating func resume(_ slot: UnsafeMutablePointer<Slot>, result: Int32) {
    let channel = slot.pointee.channel.assumingMemoryBound(to: Channel.self)
    switch channel.pointee.node.resume(slot.io, result: result, &ring, Tag(.node, slot)) {
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

  private mutating func openMail() {
    let hasLetters = mailbox.hush()
    ring.poll(mailbox.fd, exclusive: false, Tag(.mailbox, nil))
    isDirty = true
    retriesParked = parked.first != nil
    if hasLetters { readLetters() }
  }

  private mutating func readLetters() {
    for letter in mailbox.take() { letter(&self) }
  }

  // MARK: One request

  /// Begins the request in `slot`, which its channel has decoded.
  @inline(__always)
  mutating func start(_ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>) {
    begun &+= 1
    if begun % Crowd.interval == 0 { crowd.ask(channel.pointee.control) }
    channel.pointee.inFlight += 1
    channel.pointee.counters.maxInFlight = max(channel.pointee.counters.maxInFlight, channel.pointee.inFlight)
    advance(slot, channel, channel.pointee.export.pointee.begin(slot, channel.pointee.node))
  }

  /// Moves a request on until its node has work to do or its answer is sent.
  @inline(__always)
  private mutating func advance(
    _ slot: UnsafeMutablePointer<Slot>, _ channel: UnsafeMutablePointer<Channel>, _ first: Outcome
  ) {
    var outcome = first
    while outcome == .node {
      switch channel.pointee.node.begin(slot.io, &ring, Tag(.node, slot)) {
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
    if channel.pointee.isDraining {
      tellIfDrained(channel)
      // Where draining was given up and the connection is gone, this was what its end waited for.
      endIfFinished(channel)
    }
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
  private mutating func retryParked() {
    var retried = parked
    parked = SlotQueue()
    retriesParked = false
    while let current = retried.popFirst() {
      let channel = current.pointee.channel.assumingMemoryBound(to: Channel.self)
      let locks = channel.pointee.node.leaf
      switch channel.pointee.node.begin(current.io, &ring, Tag(.node, current)) {
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
