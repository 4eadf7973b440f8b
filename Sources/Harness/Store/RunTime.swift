// The time of a run in UTC, in the two forms that results use.

internal import Foundation

/// A moment in UTC, to the second.
package struct RunTime: Equatable, Sendable {
  /// As in folder names: `20260131T175900Z`, which sorts by time.
  package let compact: String
  /// As in run.json: `2026-01-31T17:59:00Z`.
  package let iso: String

  /// The moment `seconds` after the beginning of 1970.
  package init(secondsSince1970 seconds: Int) {
    var moment = time_t(seconds)
    var parts = tm()
    gmtime_r(&moment, &parts)
    let date = (
      Self.digits(parts.tm_year + 1900, 4), Self.digits(parts.tm_mon + 1, 2), Self.digits(parts.tm_mday, 2)
    )
    let clock = (Self.digits(parts.tm_hour, 2), Self.digits(parts.tm_min, 2), Self.digits(parts.tm_sec, 2))
    compact = "\(date.0)\(date.1)\(date.2)T\(clock.0)\(clock.1)\(clock.2)Z"
    iso = "\(date.0)-\(date.1)-\(date.2)T\(clock.0):\(clock.1):\(clock.2)Z"
  }

  /// This moment.
  package static func now() -> RunTime { RunTime(secondsSince1970: time(nil)) }

  /// Whether `name` is that of a run's folder: a moment as in `compact`, a dash, and something behind it.
  static func begins(_ name: String) -> Bool {
    let form = "00000000T000000Z-".utf8
    return name.utf8.count > form.count
      && zip(form, name.utf8).allSatisfy { sign, byte in
        sign == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : sign == byte
      }
  }

  private static func digits(_ number: Int32, _ width: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
