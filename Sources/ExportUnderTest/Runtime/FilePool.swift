// File I/O of an event loop without io_uring: threads that make the blocking calls.

import CLinux
import Glibc
import Synchronization

/// One call on a file, and what its completion carries.
struct FileOperation: BitwiseCopyable {
  enum Call: UInt8 { case read, write, synchronizeData, allocate, truncate }

  let call: Call
  let fd: Int32
  /// Of fallocate.
  var mode: Int32 = 0
  /// READ and WRITE; the owner of the operation keeps it until the completion.
  var buffer: UnsafeMutableRawPointer?
  var length: UInt64 = 0
  var offset: UInt64 = 0
  let tag: Tag

  /// Makes the call: what it returned, or a negative errno. A short transfer is the caller's business, as a ring's is.
  func run() -> Int32 {
    let outcome: Int =
      switch call {
      case .read: pread(fd, buffer, Int(length), off_t(offset))
      case .write: pwrite(fd, buffer, Int(length), off_t(offset))
      case .synchronizeData: Int(fdatasync(fd))
      case .truncate: Int(ftruncate(fd, off_t(offset)))
      case .allocate: Int(clinux_fallocate(fd, mode, Int64(offset), Int64(length)))
      }
    if call == .allocate { return Int32(outcome) }
    return outcome < 0 ? -errno : Int32(outcome)
  }
}

/// A queue of words in memory of its own, which grows when it must and never shrinks: in steady state nothing is
/// allocated.
private struct Fifo<Element: BitwiseCopyable>: ~Copyable {
  private var elements: UnsafeMutablePointer<Element>
  private var capacity: Int
  private var first = 0
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    elements = .allocate(capacity: capacity)
  }

  deinit { elements.deallocate() }

  mutating func append(_ element: Element) {
    if count == capacity { grow() }
    (elements + (first &+ count) % capacity).initialize(to: element)
    count += 1
  }

  mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = elements[first]
    first = (first &+ 1) % capacity
    count -= 1
    return element
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<Element>.allocate(capacity: 2 * capacity)
    for index in 0..<count { (larger + index).initialize(to: elements[(first &+ index) % capacity]) }
    elements.deallocate()
    elements = larger
    capacity *= 2
    first = 0
  }
}

/// The threads, which come as they are needed and stay until the pool ends.
///
/// Unchecked: `waiting`, `done`, `threads`, `idle` and `isEnding` are touched under `lock` only.
final class FilePool: @unchecked Sendable {
  /// QEMU's own limit (thread-pool-max): as many calls are under way at most.
  static let maxThreads = 64

  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let hasWork = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var waiting = Fifo<FileOperation>(capacity: 256)
  private var done = Fifo<Completion>(capacity: 256)
  private var threads: [Thread] = []
  private var idle = 0
  private var isEnding = false
  /// Completions that nobody has taken.
  private let doneCount = Atomic<Int>(0)
  /// The loop's thread sleeps, or is about to: whoever completes signals it.
  private let isAsleep = Atomic<Bool>(false)
  private let notifier: EventNotifier

  /// - Throws: where no descriptor is left.
  init() throws(SystemError) {
    notifier = try EventNotifier()
    pthread_mutex_init(lock, nil)
    pthread_cond_init(hasWork, nil)
    threads.reserveCapacity(Self.maxThreads)
  }

  deinit {
    pthread_cond_destroy(hasWork)
    pthread_mutex_destroy(lock)
    hasWork.deallocate()
    lock.deallocate()
  }

  /// Readable when a call has completed while the loop slept.
  var fd: Int32 { notifier.fd }

  func clearNotifier() { notifier.clear() }

  /// Whether `take` would bring something.
  @inline(__always) var hasCompletions: Bool { doneCount.load(ordering: .acquiring) > 0 }

  /// Hands `operations` to the threads.
  func begin(_ operations: UnsafeBufferPointer<FileOperation>) {
    pthread_mutex_lock(lock)
    for operation in operations { waiting.append(operation) }
    let missing = min(waiting.count - idle, Self.maxThreads - threads.count)
    if missing > 0 { addThreads(missing) }
    let wakes = min(operations.count, idle)
    pthread_mutex_unlock(lock)
    for _ in 0..<wakes { pthread_cond_signal(hasWork) }
  }

  /// Under the lock. Where the system makes no thread more, those that are there do the work; one must be had.
  private func addThreads(_ count: Int) {
    for _ in 0..<count {
      do throws(SystemError) {
        threads.append(try Thread(name: "file-io") { [unowned self] in self.serve() })
      } catch {
        guard threads.isEmpty else { return }
        report("\(error)")
        abort()
      }
    }
  }

  /// Moves up to `max` completions to `out`; how many.
  func take(_ out: UnsafeMutablePointer<Completion>, max: Int) -> Int {
    guard hasCompletions else { return 0 }
    pthread_mutex_lock(lock)
    var count = 0
    while count < max, let completion = done.popFirst() {
      (out + count).initialize(to: completion)
      count += 1
    }
    doneCount.store(done.count, ordering: .releasing)
    pthread_mutex_unlock(lock)
    return count
  }

  /// The loop is about to sleep; false when a completion is there already, and it must not.
  func fallAsleep() -> Bool {
    isAsleep.store(true, ordering: .sequentiallyConsistent)
    guard doneCount.load(ordering: .sequentiallyConsistent) == 0 else {
      isAsleep.store(false, ordering: .relaxed)
      return false
    }
    return true
  }

  func awake() { isAsleep.store(false, ordering: .relaxed) }

  private func serve() {
    pthread_mutex_lock(lock)
    while true {
      if let operation = waiting.popFirst() {
        pthread_mutex_unlock(lock)
        let result = operation.run()
        pthread_mutex_lock(lock)
        done.append(Completion(operation.tag, result))
        doneCount.store(done.count, ordering: .sequentiallyConsistent)
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { notifier.signal() }
        continue
      }
      if isEnding { break }
      idle += 1
      pthread_cond_wait(hasWork, lock)
      idle -= 1
    }
    pthread_mutex_unlock(lock)
  }

  /// Ends the threads, after what they were given.
  func end() {
    pthread_mutex_lock(lock)
    isEnding = true
    let ending = threads
    threads = []
    pthread_mutex_unlock(lock)
    pthread_cond_broadcast(hasWork)
    for thread in ending { thread.join() }
  }
}
