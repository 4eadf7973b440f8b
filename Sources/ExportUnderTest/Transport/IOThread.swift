// A named thread that serves: what `--object iothread,id=NAME` makes.

import Glibc
import Synchronization

/// How a thread weighs what it has to do.
struct ThreadTuning: Sendable {
  /// Nanoseconds to look for work before sleeping, where that pays (see Polling); 0 never looks.
  var pollLimit: UInt64 = 50_000
  /// Completions of nodes that are carried on before new requests get their turn, and new requests that one device
  /// brings while nodes have work. A disk ends requests in bursts, and stands idle until the first of what clients
  /// then ask for gets to it: a few answers at a time, and new requests first.
  var batch = 4
}

/// An iothread: its tasks, and the thread behind it.
final class IOThread: Sendable {
  let name: String
  let tasks: TaskQueue
  private let thread: Thread

  /// Starts the thread, and waits until its ring is ready.
  /// - Parameter pollers: who else may poll at the same time.
  /// - Throws: where there is no io_uring, no thread or no descriptor to be had.
  init(name: String, tuning: ThreadTuning = ThreadTuning(), pollers: PollerLimit) throws(SystemError) {
    self.name = name
    let tasks = try TaskQueue()
    let start = try ThreadStart()
    self.tasks = tasks
    thread = try Thread(name: name) {
      do throws(SystemError) {
        var serving = try ServingThread(tasks: tasks, tuning: tuning, pollers: pollers)
        start.answer(nil)
        serving.run()
      } catch {
        start.answer(error)
      }
    }
    if let error = start.wait() {
      thread.join()
      throw error
    }
  }

  /// Ends the thread, once it has no channels any more, and waits for it.
  func stop() {
    tasks.post { $0.end() }
    thread.join()
  }
}

/// What a new thread answers: whether it can serve.
private final class ThreadStart: Sendable {
  private let outcome = Mutex<SystemError?>(nil)
  private let notifier: EventNotifier

  init() throws(SystemError) { notifier = try EventNotifier() }

  func answer(_ error: SystemError?) {
    outcome.withLock { $0 = error }
    notifier.signal()
  }

  func wait() -> SystemError? {
    _ = notifier.wait()
    return outcome.withLock { $0 }
  }
}
