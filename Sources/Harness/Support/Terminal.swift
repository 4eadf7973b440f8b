// What a terminal can show: its escapes are for those that know them.

internal import Glibc

/// The terminal of a stream.
package enum Terminal {
  /// Whether `descriptor` is a terminal that moves its cursor as it is told: TERM names none that cannot (`dumb`), and
  /// is not empty.
  package static func draws(_ descriptor: CInt) -> Bool {
    guard isatty(descriptor) == 1, let type = getenv("TERM") else { return false }
    return strcmp(type, "") != 0 && strcmp(type, "dumb") != 0 && strcmp(type, "unknown") != 0
  }

  /// Whether colours are wanted on `descriptor`: it can show them, and NO_COLOR is not set (https://no-color.org).
  package static func wantsColours(_ descriptor: CInt) -> Bool {
    guard draws(descriptor) else { return false }
    guard let refusal = getenv("NO_COLOR") else { return true }
    return refusal.pointee == 0
  }
}
