// A thread of the operating system: the one place that calls pthread_create.

import CLinux
import Glibc
import Synchronization

/// A thread that runs one function and is joined.
final class Thread: Sendable {
  private let handle = Mutex<pthread_t?>(nil)

  /// Starts `body` on a thread of its own.
  /// - Parameter name: as `ps -L` shows it, which takes 15 bytes of it.
  /// - Throws: where the system makes no thread more; `body` has not run then.
  init(name: String, body: @escaping @Sendable () -> Void) throws(SystemError) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(ThreadBody(name: name, body: body)).toOpaque()
    let code = pthread_create(&thread, nil, threadMain, argument)
    guard code == 0 else {
      Unmanaged<ThreadBody>.fromOpaque(argument).release()
      throw SystemError("cannot start the thread '\(name)'", code: code)
    }
    handle.withLock { $0 = thread }
  }

  /// Waits for the end of its function. The second call returns at once.
  func join() {
    if let thread = handle.withLock({ $0.take() }) { pthread_join(thread, nil) }
  }
}

private final class ThreadBody: Sendable {
  let name: String
  let body: @Sendable () -> Void

  init(name: String, body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

// A C entry point: a closure would inherit the actor of whoever calls pthread_create.
private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let thread = Unmanaged<ThreadBody>.fromOpaque(argument!).takeRetainedValue()
  clinux_set_thread_name(String(decoding: thread.name.utf8.prefix(15), as: UTF8.self))
  thread.body()
  return nil
}
