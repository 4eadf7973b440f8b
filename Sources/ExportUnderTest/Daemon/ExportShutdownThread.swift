// The thread on which one export comes to its end.

import Synchronization

/// A thread that does one thing and has a result. Where no thread can be made, the work is done at once.
final class ExportShutdownThread: Sendable {
  private let outcome = StopOutcome()
  private let thread: Thread?

  /// Begins `work`; `waker` is signalled when it is over.
  init(of export: String, waker: EventNotifier.Handle, work: @escaping @Sendable () -> Bool) {
    let run: @Sendable () -> Void = { [outcome] in
      let isClean = work()
      outcome.isClean.withLock { $0 = isClean }
      waker.signal()
    }
    thread = try? Thread(name: "stop-\(export)", body: run)
    if thread == nil { run() }
  }

  /// Whether the work is done.
  var isOver: Bool { outcome.isClean.withLock { $0 != nil } }

  /// Waits for the end of the work; the result is what it said.
  func join() -> Bool {
    thread?.join()
    return outcome.isClean.withLock { $0 ?? false }
  }
}

private final class StopOutcome: Sendable {
  /// Nil while the work goes on.
  let isClean = Mutex<Bool?>(nil)
}
