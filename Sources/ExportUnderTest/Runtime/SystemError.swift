// Errors of the bottom rooms: an errno with what was attempted, or a sentence; and the way out where there is one.

import Glibc

/// An operating error: which call or object failed, and the errno it failed with.
package struct SystemError: Error, CustomStringConvertible, Sendable {
  /// What was attempted, as a sentence without a full stop, e.g. `cannot open 'disk.img'`.
  package let attempt: String
  /// The positive errno.
  package let code: Int32
  /// What a user can do about it, if there is something.
  package let remedy: String?

  package init(_ attempt: String, code: Int32, remedy: String? = nil) {
    self.attempt = attempt
    self.code = code
    // Whatever wanted one more descriptor: the way out is the same.
    self.remedy = code == EMFILE ? OpenFileLimit.remedy : remedy
  }

  package var description: String {
    let text = "\(attempt): \(errnoText(code))"
    return remedy.map { "\(text) (\($0))" } ?? text
  }
}

/// How many files this process may have open (RLIMIT_NOFILE, `ulimit -n`).
enum OpenFileLimit {
  /// Enough for the exports of one process on a machine of usual size: devices, queues, images, events.
  static let enough = 256

  /// The limit in force.
  static var current: UInt64 {
    var limit = rlimit()
    return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? UInt64(limit.rlim_cur) : .max
  }

  static var remedy: String { "ulimit -n is \(current); \(enough) are enough for an export: ulimit -n \(enough)" }
}

/// The C library's sentence for an errno.
func errnoText(_ code: Int32) -> String {
  strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

/// Why something did not start, in one line.
struct StartError: Error, CustomStringConvertible {
  let description: String
}

/// Turns the C shims' `>= 0 or -errno` into a value or a `SystemError`.
@discardableResult
func checked(_ result: Int32, _ attempt: @autoclosure () -> String, remedy: String? = nil) throws(SystemError)
  -> Int32
{
  guard result < 0 else { return result }
  throw SystemError(attempt(), code: -result, remedy: remedy)
}

/// One line on standard error, written whole, so that lines of several threads do not mix.
func report(_ message: String) {
  var line = Array("fusebench export: \(message)\n".utf8)
  _ = write(2, &line, line.count)
}
