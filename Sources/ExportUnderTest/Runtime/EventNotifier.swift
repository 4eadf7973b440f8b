// What wakes a thread that waits for file descriptors: an eventfd, written, read and waited for in one place.

import CLinux
import Glibc

/// An eventfd (eventfd(2)) that ends with its owner.
struct EventNotifier: ~Copyable, Sendable {
  /// Readable from `signal` to `clear`.
  let fd: Int32

  /// - Throws: where the process or the system has no descriptor left.
  init() throws(SystemError) {
    fd = try checked(clinux_eventfd(), "cannot make an eventfd")
  }

  deinit { close(fd) }

  /// What others need to signal, and no more. It must not be used after its notifier has ended.
  var handle: Handle { Handle(fd: fd) }

  /// A notifier as somebody sees it who only signals.
  struct Handle: BitwiseCopyable, Equatable, Sendable {
    /// -1 signals nobody.
    let fd: Int32

    static let none = Handle(fd: -1)

    /// Makes the fd readable. Never waits: a counter that is full is readable already.
    @inline(__always)
    func signal() {
      guard fd >= 0 else { return }
      var one: UInt64 = 1
      while write(fd, &one, 8) < 0 && errno == EINTR {}
    }

    /// Makes the fd quiet; whether it was signalled.
    @inline(__always) @discardableResult
    func clear() -> Bool {
      var count: UInt64 = 0
      while true {
        let length = read(fd, &count, 8)
        if length < 0 && errno == EINTR { continue }
        return length == 8
      }
    }
  }

  @inline(__always)
  func signal() { handle.signal() }

  @inline(__always) @discardableResult
  func clear() -> Bool { handle.clear() }

  /// Sleeps until it is signalled, and clears it; false when `milliseconds` (nil: no limit) went by.
  func wait(milliseconds: Int? = nil) -> Bool {
    let end = milliseconds.map { monotonicNanoseconds() &+ UInt64($0) &* 1_000_000 }
    while true {
      var limit: Int32 = -1
      if let end {
        let now = monotonicNanoseconds()
        limit = now >= end ? 0 : Int32(clamping: (end &- now) / 1_000_000 &+ 1)
      }
      var request = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
      let count = poll(&request, 1, limit)
      if count > 0 {
        clear()
        return true
      }
      if count == 0 && limit <= 0 { return false }
    }
  }
}
