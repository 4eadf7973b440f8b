// A named thread that serves: what `--object iothread,id=NAME` makes.

import CLinux
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

/// An iothread: its mailbox, and the thread behind it.
final class IOThread: Sendable {
  let name: String
  let mailbox: Mailbox
  private let thread = Mutex<pthread_t?>(nil)

  /// Starts the thread, and waits until its ring is ready.
  init(name: String, tuning: ThreadTuning = ThreadTuning()) throws(SystemError) {
    self.name = name
    mailbox = try Mailbox()
    let start = try ThreadStart(name: name, mailbox: mailbox, tuning: tuning)
    var handle = pthread_t()
    let argument = Unmanaged.passRetained(start).toOpaque()
    let code = pthread_create(&handle, nil, servingThreadMain, argument)
    guard code == 0 else {
      Unmanaged<ThreadStart>.fromOpaque(argument).release()
      throw SystemError("cannot start iothread '\(name)'", code: code)
    }
    thread.withLock { $0 = handle }
    if let error = start.wait() {
      join()
      throw error
    }
  }

  /// Ends the thread, once it has no channels any more, and waits for it.
  func stop() {
    mailbox.post { $0.end() }
    join()
  }

  private func join() {
    if let handle = thread.withLock({ $0.take() }) { pthread_join(handle, nil) }
  }
}

/// What a new thread is told, and what it answers.
private final class ThreadStart: Sendable {
  let name: String
  let mailbox: Mailbox
  let tuning: ThreadTuning
  private let outcome = Mutex<SystemError??>(nil)
  private let bell: Int32

  init(name: String, mailbox: Mailbox, tuning: ThreadTuning) throws(SystemError) {
    self.name = name
    self.mailbox = mailbox
    self.tuning = tuning
    bell = try checked(clinux_eventfd(), "cannot make an eventfd")
  }

  deinit { close(bell) }

  func answer(_ error: SystemError?) {
    outcome.withLock { $0 = .some(error) }
    var one: UInt64 = 1
    _ = write(bell, &one, 8)
  }

  func wait() -> SystemError? {
    var request = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
    while poll(&request, 1, -1) < 0 {}
    return outcome.withLock { $0 ?? nil }
  }
}

// A C entry point: a closure would inherit the actor of whoever calls pthread_create.
private func servingThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let start = Unmanaged<ThreadStart>.fromOpaque(argument!).takeRetainedValue()
  clinux_set_thread_name(String(start.name.prefix(15)))
  do throws(SystemError) {
    var thread = try ServingThread(mailbox: start.mailbox, tuning: start.tuning)
    start.answer(nil)
    thread.run()
  } catch {
    start.answer(error)
  }
  return nil
}
