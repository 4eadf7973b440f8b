// How other threads ask a serving thread for something: tasks, and an fd that wakes it.

import CLinux
import Glibc
import Synchronization

/// A serving thread's queue of tasks. They are run by the thread, in order, between requests.
final class TaskQueue: Sendable {
  /// What the thread is asked to do with its own state.
  typealias ThreadTask = @Sendable (inout ServingThread) -> Void

  /// Signalled when there is a task or a reason to look (RegionLocks and SharedDevicePollers signal it too).
  private let notifier: EventNotifier
  private let tasks = Mutex<[ThreadTask]>([])
  private let hasTasks = Atomic<Bool>(false)

  /// - Throws: where no descriptor is left.
  init() throws(SystemError) { notifier = try EventNotifier() }

  /// Readable when there is something for the thread.
  var fd: Int32 { notifier.fd }

  /// What wakes the thread.
  var handle: EventNotifier.Handle { notifier.handle }

  func post(_ task: @escaping ThreadTask) {
    tasks.withLock { $0.append(task) }
    hasTasks.store(true, ordering: .sequentiallyConsistent)
    notifier.signal()
  }

  /// Makes the fd quiet; whether there are tasks to take. Without them nothing is locked and counted.
  @inline(__always)
  func clearNotifier() -> Bool {
    notifier.clear()
    return hasTasks.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// The tasks so far.
  func take() -> [ThreadTask] {
    tasks.withLock { tasks in
      defer { tasks = [] }
      return tasks
    }
  }
}
