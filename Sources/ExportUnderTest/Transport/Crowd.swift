// How many requests clients have in flight at a connection: what decides whether a thread should answer soon or
// many at once.

import CLinux
import Glibc

/// Whether many requests of a connection wait for an answer.
///
/// A thread that answers at once cannot see it: it finds requests one by one, whether a client waits for each or has
/// fifteen more under way. The kernel can (fusectl's `waiting`); it is asked once in `interval` requests. What it
/// says differs much from one moment to the next, down to none, but no client has more under way than it wants.
struct Crowd {
  /// Requests from one question to the next.
  static let interval: UInt64 = 1024
  /// Waiting requests that are many.
  static let many = 8
  /// Answers of less than `many` in a row after which the crowd is gone.
  static let patience = 16

  /// Answers of less than `many` still to come before the crowd is gone.
  private var left = 0

  /// There are so many that it is throughput that counts: to look for them without pause would cost processors, and
  /// bring them one by one.
  var isThere: Bool { left > 0 }

  /// Counts what the kernel says in `folder`, a connection's (see ConnectionControl); -1 says nothing.
  mutating func ask(_ folder: Int32) {
    guard folder >= 0 else { return }
    // It can be read once only: the file is opened anew each time.
    let file = clinux_open_at(folder, "waiting", 0)
    guard file >= 0 else { return }
    var digits: InlineArray<24, UInt8> = InlineArray(repeating: 0)
    let length = withUnsafeMutableBytes(of: &digits) { read(file, $0.baseAddress, $0.count) }
    close(file)
    var waiting = 0
    for index in 0..<max(0, length) where 48...57 ~= digits[index] {
      waiting = min(waiting * 10 + Int(digits[index]) - 48, 1 << 20)
    }
    count(waiting)
  }

  /// Counts an answer: `waiting` requests.
  mutating func count(_ waiting: Int) {
    left = waiting >= Self.many ? Self.patience : max(0, left - 1)
  }
}
