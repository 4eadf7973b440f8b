// How many requests clients have in flight at a connection: what decides whether a thread should answer soon or
// many at once.

import CLinux
import Glibc

/// Whether so many requests wait for a thread's answers that it is throughput that counts: to poll for them without
/// pause would cost processors, and bring them one by one.
///
/// Whoever answers at once cannot see how many there are, and finds them one by one, whether a client waits for each or
/// has fifteen more under way. The kernel can (fusectl's `waiting`); it is asked once in `interval` requests. What it
/// says differs much from one moment to the next, down to none, but no client has more under way than it wants.
///
/// It counts the whole connection's. A thread that waits for most of its requests has no backlog, whoever else has:
/// then the kernel is not even asked, and a backlog that was there is soon gone.
struct Backlog {
  /// Requests from one question to the next.
  static let interval: UInt64 = 1024
  /// Waiting requests that make a backlog.
  static let deep = 8
  /// Answers of less than `deep` in a row after which the backlog is gone.
  static let patience = 16
  /// The most waits from one question to the next of a thread that has a backlog.
  static let maxWaits = interval * 3 / 4
  /// Nanoseconds of polling for a request that make it one that was waited for: what a client needs at least to take
  /// an answer and ask again. With requests under way anyway the next one is there sooner.
  static let longPoll: UInt64 = 2000

  /// Answers of less than `deep` still to come before the backlog is gone.
  private var left = 0
  /// Times the thread has waited since the last question.
  private var waits: UInt64 = 0

  var isDeep: Bool { left > 0 }

  /// The thread slept, or polled for `nanoseconds` until a request came.
  @inline(__always)
  mutating func waited(_ nanoseconds: UInt64 = .max) {
    if nanoseconds > Self.longPoll { waits += 1 }
  }

  /// Counts what the kernel says in `folder`, a connection's (see FuseControlFS); -1 says nothing. To be called
  /// after every `interval` requests.
  mutating func ask(_ folder: Int32) {
    let isAlone = waits > Self.maxWaits
    waits = 0
    if isAlone { left /= 2 }
    guard !isAlone, folder >= 0 else { return count(0) }
    // It can be read once only: the file is opened anew each time.
    let file = clinux_open_at(folder, "waiting", [])
    guard file >= 0 else { return count(0) }
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
    left = waiting >= Self.deep ? Self.patience : max(0, left - 1)
  }
}
