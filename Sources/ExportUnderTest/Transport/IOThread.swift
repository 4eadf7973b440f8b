// A named thread that serves: what `--object iothread,id=NAME` makes.

import Glibc
import Synchronization

/// How a thread weighs what it has to do.
struct ThreadTuning: Sendable {
  /// Nanoseconds to look for work before sleeping, where that pays (see Polling); 0 never looks.
  var pollLimit: UInt64 = 50_000
  /// Completions of nodes that are carried on before new requests get their turn, and new requests that one device
  /// brings while nodes have work. A disk ends requests in bursts, and stands idle until the first of what clients
  /// then ask for gets to it: one answer, one new request, and what came of it is with the disk before the next
  /// (docs/experiments/speed.md).
  var batch = 1
  /// What it waits by, and what carries its nodes' I/O.
  var eventLoop = EventLoopChoice.auto
}

/// What is fixed about a thread, as its users are told.
struct ThreadFacts: Sendable {
  let name: String
  /// The event loop that it has.
  let eventLoop: EventLoopKind
  /// Why that is epoll although nobody asked for it; nil else.
  let fallbackReason: String?
}

/// An iothread: its tasks, and the thread behind it.
final class IOThread: Sendable {
  let facts: ThreadFacts
  let tasks: TaskQueue
  private let thread: Thread

  /// Starts the thread, and waits until its event loop is ready.
  /// - Parameter pollers: who else may poll at the same time.
  /// - Throws: where the event loop, a thread or a descriptor is not to be had.
  init(name: String, tuning: ThreadTuning = ThreadTuning(), pollers: PollerLimit) throws(SystemError) {
    let tasks = try TaskQueue()
    let start = try ThreadStart()
    self.tasks = tasks
    thread = try Thread(name: name) {
      do throws(SystemError) {
        var serving = try ServingThread(tasks: tasks, tuning: tuning, pollers: pollers)
        start.answer(.success((serving.loop.pointee.kind, serving.loop.pointee.fallbackReason)))
        serving.run()
      } catch {
        start.answer(.failure(error))
      }
    }
    switch start.wait() {
    case .success(let (kind, reason)):
      facts = ThreadFacts(name: name, eventLoop: kind, fallbackReason: reason)
    case .failure(let error):
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

/// What a new thread answers: its event loop, or why it cannot serve.
private final class ThreadStart: Sendable {
  typealias Outcome = Result<(EventLoopKind, String?), SystemError>

  private let outcome = Mutex<Outcome?>(nil)
  private let notifier: EventNotifier

  init() throws(SystemError) { notifier = try EventNotifier() }

  func answer(_ answer: Outcome) {
    outcome.withLock { $0 = answer }
    notifier.signal()
  }

  func wait() -> Outcome {
    while true {
      _ = notifier.wait()
      if let answer = outcome.withLock({ $0 }) { return answer }
    }
  }
}
