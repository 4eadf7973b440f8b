// The event loop where io_uring is denied: epoll for descriptors, a pool of threads for file I/O, a heap for time.

import CLiburing
import CLinux
import Glibc

/// What `Ring` does, without io_uring; but for FUSE's own commands, which only a ring can carry. Used by one thread.
///
/// A descriptor stays with epoll after it has been reported, and is taken out only when it is reported while nobody
/// waits for it: in steady state a sleep is one system call.
struct EpollLoop: ~Copyable {
  private let epoll: Int32
  private let pool: FilePool
  /// Descriptors that have been polled, by the number that epoll knows them by.
  private var watched: [Watched] = []
  /// File operations that the pool has not been given yet.
  private var outgoing: UnsafeMutablePointer<FileOperation>
  private var outgoingCount = 0
  private var timers = TimerHeap()
  /// What is ready and was not reaped.
  private var ready: [Completion] = []
  private let events: UnsafeMutablePointer<clinux_epoll_event>
  /// Reaps since epoll was last asked.
  private var reapsUnasked = 0

  private static let maxOutgoing = 256
  private static let maxEvents = 64
  /// A thread that is never idle asks epoll this often: tasks and regions that are free come that way.
  private static let maxReapsUnasked = 64
  /// What epoll calls the pool's notifier.
  private static let poolNumber = UInt64.max

  private struct Watched: BitwiseCopyable {
    let fd: Int32
    let tag: Tag
    /// Somebody waits for it: it is reported once.
    var isArmed: Bool
    /// It is with epoll.
    var isAdded: Bool
  }

  /// - Throws: where no descriptor is left.
  init() throws(SystemError) {
    let pool = try FilePool()
    let epoll = try checked(clinux_epoll_create(), "cannot make an epoll descriptor")
    do throws(SystemError) {
      try checked(clinux_epoll_add(epoll, pool.fd, [], Self.poolNumber), "cannot watch an eventfd")
    } catch {
      close(epoll)
      throw error
    }
    self.pool = pool
    self.epoll = epoll
    outgoing = .allocate(capacity: Self.maxOutgoing)
    ready.reserveCapacity(64)
    events = .allocate(capacity: Self.maxEvents)
  }

  deinit {
    pool.end()
    close(epoll)
    outgoing.deallocate()
    events.deallocate()
  }

  // MARK: File I/O and time

  mutating func begin(_ operation: FileOperation) {
    if outgoingCount == Self.maxOutgoing { flush() }
    (outgoing + outgoingCount).initialize(to: operation)
    outgoingCount += 1
  }

  private mutating func flush() {
    guard outgoingCount > 0 else { return }
    pool.begin(UnsafeBufferPointer(start: outgoing, count: outgoingCount))
    outgoingCount = 0
  }

  mutating func wait(nanoseconds: UInt64, _ tag: Tag) {
    let now = monotonicNanoseconds()
    let (time, isBeyond) = now.addingReportingOverflow(nanoseconds)
    timers.insert(TimerHeap.Entry(time: isBeyond ? .max : time, tag: tag))
  }

  // MARK: Descriptors

  /// Reports once when `fd` can be read or its peer is gone.
  mutating func poll(_ fd: Int32, _ tag: Tag, _ flags: PollFlags) {
    let number = place(of: fd, tag)
    watched[number].isArmed = true
    guard !watched[number].isAdded else { return }
    let exclusive: EpollFlags = flags.contains(.exclusive) ? .exclusive : []
    let outcome = clinux_epoll_add(epoll, fd, exclusive, UInt64(number))
    guard outcome >= 0 else {
      report("the event loop of this thread broke: epoll_ctl: \(errnoText(-outcome))")
      abort()
    }
    watched[number].isAdded = true
  }

  /// The number of `tag`'s descriptor: the one that it had, a free one, or a new one.
  private mutating func place(of fd: Int32, _ tag: Tag) -> Int {
    for number in watched.indices where watched[number].tag.raw == tag.raw { return number }
    let fresh = Watched(fd: fd, tag: tag, isArmed: false, isAdded: false)
    for number in watched.indices where watched[number].fd < 0 {
      watched[number] = fresh
      return number
    }
    watched.append(fresh)
    return watched.count - 1
  }

  /// Completes a poll that was not reported yet, with ECANCELED as io_uring does.
  mutating func cancelPoll(_ tag: Tag) {
    guard let number = watched.firstIndex(where: { $0.tag.raw == tag.raw && $0.isArmed }) else { return }
    watched[number].isArmed = false
    ready.append(Completion(tag, -ECANCELED))
  }

  /// Its descriptor will be closed: takes it out of epoll, which would keep it as long as a copy of it is open.
  mutating func forget(_ tag: Tag) {
    guard let number = watched.firstIndex(where: { $0.tag.raw == tag.raw }) else { return }
    if watched[number].isAdded { _ = clinux_epoll_remove(epoll, watched[number].fd) }
    // Its place stays, for the next one: epoll knows the others by their numbers.
    watched[number] = Watched(fd: -1, tag: Tag(.ignored, nil), isArmed: false, isAdded: false)
  }

  private mutating func take(_ event: clinux_epoll_event) {
    guard event.data != Self.poolNumber else {
      pool.clearNotifier()
      return
    }
    let number = Int(event.data)
    guard watched.indices.contains(number), watched[number].isAdded else { return }
    guard watched[number].isArmed else {
      // Nobody waits for it: it would be reported again and again.
      _ = clinux_epoll_remove(epoll, watched[number].fd)
      watched[number].isAdded = false
      return
    }
    watched[number].isArmed = false
    ready.append(Completion(watched[number].tag, Int32(POLLIN)))
  }

  // MARK: Completions

  /// Hands out what is prepared; with `waiting`, sleeps until a completion is there.
  mutating func submit(waiting: Bool) {
    flush()
    guard waiting, !hasPendingCompletions else { return }
    var limit: Int64 = -1
    if let time = timers.first?.time {
      let now = monotonicNanoseconds()
      limit = time > now ? Int64(clamping: time - now) : 0
    }
    guard pool.fallAsleep() else { return }
    ask(nanoseconds: limit)
    pool.awake()
  }

  private mutating func ask(nanoseconds: Int64) {
    reapsUnasked = 0
    let count = clinux_epoll_wait(epoll, events, Int32(Self.maxEvents), nanoseconds)
    if count < 0 && count != -EINTR {
      report("the event loop of this thread broke: epoll_wait: \(errnoText(-count))")
      abort()
    }
    for index in 0..<max(0, Int(count)) { take(events[index]) }
  }

  /// Asks epoll without sleeping.
  mutating func runTaskWork() { ask(nanoseconds: 0) }

  /// Whether `reap` would bring something; costs no system call.
  @inline(__always) var hasPendingCompletions: Bool {
    !ready.isEmpty || pool.hasCompletions || timers.isDue
  }

  /// Moves what is ready to `out`, at most `max`; how many.
  mutating func reap(_ out: UnsafeMutablePointer<Completion>, max: Int) -> Int {
    reapsUnasked += 1
    if reapsUnasked >= Self.maxReapsUnasked { ask(nanoseconds: 0) }
    var count = min(ready.count, max)
    for index in 0..<count { (out + index).initialize(to: ready[index]) }
    if count > 0 { ready.removeFirst(count) }
    count += pool.take(out + count, max: max - count)
    while count < max, let tag = timers.popDue() {
      (out + count).initialize(to: Completion(tag, -ETIME))
      count += 1
    }
    return count
  }
}

/// Times to come, the earliest first: a binary heap in an array that grows when it must and never shrinks.
struct TimerHeap {
  struct Entry: BitwiseCopyable {
    /// Nanoseconds of the monotonic clock.
    let time: UInt64
    let tag: Tag
  }

  private var entries: [Entry] = []

  var first: Entry? { entries.first }

  var isDue: Bool { entries.isEmpty ? false : entries[0].time <= monotonicNanoseconds() }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0, entries[place].time < entries[(place - 1) / 2].time {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// The tag of the earliest entry, if its time has come.
  mutating func popDue() -> Tag? {
    guard isDue else { return nil }
    let due = entries[0].tag
    let last = entries.removeLast()
    guard !entries.isEmpty else { return due }
    entries[0] = last
    var place = 0
    while true {
      var least = place
      for child in (2 * place + 1)...(2 * place + 2) where child < entries.count {
        if entries[child].time < entries[least].time { least = child }
      }
      guard least != place else { return due }
      entries.swapAt(place, least)
      place = least
    }
  }
}
