// The loop that every transport shares: take requests, let nodes work on them, send answers. One thread, one
// io_uring, any number of channels.

import CLiburing
import Glibc

/// A serving thread's own state; it never leaves the thread.
///
/// Nothing in the loop allocates, counts references or locks, and nothing waits but `waitForWork`.
struct ServingThread: ~Copyable {
  /// Where node operations of this thread run too; its address is stable.
  let loop: UnsafeMutablePointer<EventLoop>
  private let tasks: TaskQueue
  private var polling: Polling
  private let batch: Int
  var backlog = Backlog()
  /// Channels with a device fd, in a list.
  var devices: UnsafeMutablePointer<Channel>?
  /// Requests begun, of all channels.
  var begun: UInt64 = 0
  /// Requests of nodes that are with the kernel.
  var nodeRequests = 0
  /// Queues with commands at the kernel.
  var armedCommands = 0
  /// Requests whose node operation has completed and which were not carried on yet.
  var completed = SlotQueue()
  /// Requests put aside because their regions are held, in order of arrival.
  var parked = SlotQueue()
  var retriesParked = false
  /// Something was prepared for the ring since the last submit.
  var isDirty = false
  private var isEnding = false

  /// Makes the thread's event loop, on the thread that will run it.
  init(tasks: TaskQueue, tuning: ThreadTuning, pollers: PollerLimit) throws(SystemError) {
    let made = try EventLoop(tuning.eventLoop)
    loop = .allocate(capacity: 1)
    loop.initialize(to: made)
    self.tasks = tasks
    polling = Polling(limit: tuning.pollLimit, pollers: pollers)
    batch = tuning.batch
    loop.pointee.poll(tasks.fd, Tag(.notifier, nil))
    loop.pointee.submit(waiting: false)
  }

  deinit {
    loop.deinitialize(count: 1)
    loop.deallocate()
  }

  mutating func end() { isEnding = true }

  // MARK: The loop

  mutating func run() {
    while !isEnding {
      if retriesParked { retryParked() }
      resumeRequests()
      let taken = serveDevices()
      if taken == .some || retriesParked || completed.first != nil || loop.pointee.hasPendingCompletions {
        // More is at hand. What is prepared goes out at once: a disk that waits for the rest of it stands idle.
        if isDirty { submit() } else if loop.pointee.hasPendingCompletions { loop.pointee.runTaskWork() }
        reapCompletions()
      } else {
        waitForWork()
      }
      checkInvariants()
    }
  }

  private func checkInvariants() {
    #if INVARIANTS
      invariant(nodeRequests >= 0 && armedCommands >= 0, "counts of what is with the kernel are not negative")
      var channel = devices
      while let current = channel {
        current.checkInvariant()
        channel = current.pointee.next
      }
    #endif
  }

  /// Requests that one device channel may bring before the ring gets its turn, while nodes are idle.
  private static let maxReadsPerTurn = 32

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
      guard current.pointee.phase == .serving, current.pointee.isReady || !current.pointee.isAuxiliaryDevice else {
        continue
      }
      let limit = nodeRequests > 0 ? batch : Self.maxReadsPerTurn
      var left = limit
      while left > 0, takeFromDevice(current) { left -= 1 }
      // More than one at once: a thread that sleeps without a poll should help.
      if limit - left > 1 { current.pointee.sharedPollers?.pointee.wakeOne() }
      if left == 0 { taken = .some } else if left < limit, taken == .nothing { taken = .all }
    }
    return taken
  }

  /// Polls if that pays, then sleeps until something is there.
  private mutating func waitForWork() {
    // With several requests at a disk, or more at clients, it is throughput that counts: they gather while the thread
    // sleeps, and the processor is the clients'.
    if nodeRequests <= 1, !backlog.isDeep, polling.begins() {
      beginPolling()
      let found = pollForWork()
      endPolling()
      polling.end(found: found)
      if found { return }
    }
    backlog.waited()
    if let device = onlySource {
      sleep(on: device)
      return
    }
    armPolls()
    isDirty = false
    loop.pointee.submit(waiting: true)
    markAwake()
    reapCompletions()
  }

  /// The device that is all that can bring work, but for tasks: nothing else is with the ring.
  private var onlySource: UnsafeMutablePointer<Channel>? {
    guard nodeRequests == 0, armedCommands == 0, !isDirty, let device = devices, device.pointee.next == nil,
      device.pointee.sharedPollers == nil, !device.pointee.isPolled, !device.pointee.isAuxiliaryDevice,
      device.pointee.phase == .serving,
      device.pointee.free != nil
    else { return nil }
    return device
  }

  /// Sleeps until `device` has a request or the thread a task: cheaper than a poll by the ring, which is made and ends
  /// with every sleep.
  private mutating func sleep(on device: UnsafeMutablePointer<Channel>) {
    var sources = (
      pollfd(fd: device.pointee.fd, events: Int16(POLLIN), revents: 0),
      pollfd(fd: tasks.fd, events: Int16(POLLIN), revents: 0)
    )
    withUnsafeMutablePointer(to: &sources) {
      $0.withMemoryRebound(to: pollfd.self, capacity: 2) { _ = poll($0, 2, -1) }
    }
    // The task comes by the ring, whose poll of the notifier is with the kernel but where a submit failed.
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
      if serveDevices() != .nothing || (loop.pointee.hasPendingCompletions && runRing()) {
        backlog.waited(now &- start)
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
  private mutating func runRing() -> Bool {
    loop.pointee.runTaskWork()
    return reapCompletions()
  }

  /// Tells the threads that share a device with this one that it is polled, where it can take a request.
  private func beginPolling() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      guard let pollers = current.pointee.sharedPollers, current.pointee.phase == .serving,
        current.pointee.free != nil
      else { continue }
      pollers.pointee.beginPolling()
      current.pointee.isBusyPolled = true
    }
  }

  private func endPolling() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      guard current.pointee.isBusyPolled else { continue }
      current.pointee.isBusyPolled = false
      current.pointee.sharedPollers?.pointee.endPolling()
    }
  }

  /// This thread is awake again.
  private func markAwake() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      current.pointee.sharedPollers?.pointee.markAwake(current.pointee.index)
    }
  }

  private mutating func armPolls() {
    var channel = devices
    while let current = channel {
      channel = current.pointee.next
      guard !current.pointee.isPolled, current.pointee.phase == .serving, current.pointee.fd >= 0 else { continue }
      guard current.pointee.free != nil else {
        // Requests are in flight, whose completions wake this thread; until then others must do without it.
        current.pointee.sharedPollers?.pointee.wakeOne()
        continue
      }
      let pollers = current.pointee.sharedPollers
      if let pollers, pollers.pointee.trySleepUnpolled(current.pointee.index) { continue }
      loop.pointee.poll(current.pointee.fd, Tag(.device, current), pollers == nil ? [] : .exclusive)
      current.pointee.isPolled = true
    }
  }

  @inline(__always)
  mutating func submit() {
    isDirty = false
    loop.pointee.submit(waiting: false)
  }

  // MARK: Completions

  /// Takes completions off the ring, begins the requests among them, and queues what nodes have finished;
  /// whether there was one.
  @inline(__always) @discardableResult
  private mutating func reapCompletions() -> Bool {
    let completions = loop.pointee.reap()
    for completion in completions { dispatch(completion) }
    return !completions.isEmpty
  }

  @inline(__always)
  mutating func dispatch(_ completion: Completion) {
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
      settle(channel)
    case .notifier:
      clearNotifier()
    case .ignored: break
    }
  }

  /// Carries on with a few requests whose node operations have completed.
  @inline(__always)
  private mutating func resumeRequests() {
    var left = batch
    while left > 0, let slot = completed.popFirst() {
      left -= 1
      resume(slot, result: slot.pointee.result)
    }
  }

  /// Another thread signalled: a task, regions that are free, or a device that needs help.
  private mutating func clearNotifier() {
    let hasTasks = tasks.clearNotifier()
    loop.pointee.poll(tasks.fd, Tag(.notifier, nil))
    isDirty = true
    retriesParked = parked.first != nil
    if hasTasks { runTasks() }
  }

  private mutating func runTasks() {
    for task in tasks.take() { task(&self) }
  }
}
