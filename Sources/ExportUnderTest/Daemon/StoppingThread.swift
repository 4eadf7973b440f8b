// The thread on which one export comes to its end.

import CLinux
import Glibc
import Synchronization

/// A thread that does one thing and has a result. Where no thread can be made, the work is done at once.
final class StoppingThread {
  private let task: StoppingTask
  private var handle: pthread_t?

  /// Begins `work`; `bell` is rung when it is over.
  init(of export: String, bell: Int32, work: @escaping @Sendable () -> Bool) {
    task = StoppingTask(name: "stop-\(export)", bell: bell, work: work)
    var handle = pthread_t()
    let argument = Unmanaged.passRetained(task).toOpaque()
    if pthread_create(&handle, nil, stoppingThreadMain, argument) == 0 {
      self.handle = handle
    } else {
      Unmanaged<StoppingTask>.fromOpaque(argument).release()
      task.run()
    }
  }

  /// Whether the work is done.
  var isOver: Bool { task.result.withLock { $0 != nil } }

  /// Waits for the end of the work; the result is what it said.
  func join() -> Bool {
    if let handle { pthread_join(handle, nil) }
    handle = nil
    return task.result.withLock { $0 ?? false }
  }
}

private final class StoppingTask: Sendable {
  let name: String
  let result = Mutex<Bool?>(nil)
  private let bell: Int32
  private let work: @Sendable () -> Bool

  init(name: String, bell: Int32, work: @escaping @Sendable () -> Bool) {
    self.name = name
    self.bell = bell
    self.work = work
  }

  func run() {
    let isClean = work()
    result.withLock { $0 = isClean }
    var one: UInt64 = 1
    _ = write(bell, &one, 8)
  }
}

// A C entry point: a closure would inherit the actor of whoever calls pthread_create.
private func stoppingThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let task = Unmanaged<StoppingTask>.fromOpaque(argument!).takeRetainedValue()
  clinux_set_thread_name(String(task.name.prefix(15)))
  task.run()
  return nil
}
