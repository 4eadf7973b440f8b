// How figures look: one place for digits, signs and units, so that every report shows the same number alike.

internal import Foundation

/// Figures as text.
enum Figures {
  /// A change in per cent with its sign: `+88%`, `-3%`, `+0%`.
  static func percent(_ change: Double) -> String {
    let percent = (change * 100).rounded()
    // A change by a power of ten is no figure to read digit by digit.
    let digits = percent.magnitude < 1e9 ? "\(Int(clamping: percent))" : general(percent)
    return (percent < 0 ? "" : "+") + "\(digits)%"
  }

  /// Nanoseconds in microseconds: `97.8`, `2245`.
  static func micros(_ nanoseconds: UInt64) -> String {
    let micros = Double(nanoseconds) / 1000
    return fixed(micros, micros < 100 ? 1 : 0)
  }

  /// A small number with the given digits behind the point, or a dash.
  static func optional(_ number: Double?, _ digits: Int) -> String { number.map { fixed($0, digits) } ?? "-" }

  /// Bytes in mebibytes, or a dash.
  static func mebibytes(_ bytes: UInt64?) -> String { bytes.map { fixed(Double($0) / 1_048_576, 1) } ?? "-" }

  /// Bytes in the largest unit that divides them: `1 GiB`, `4 KiB`.
  static func size(_ bytes: Int64) -> String {
    for (unit, name) in [(Int64(1) << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")]
    where bytes >= unit && bytes.isMultiple(of: unit) {
      return "\(bytes / unit) \(name)"
    }
    return "\(bytes) bytes"
  }

  /// Seconds without needless digits: `5 s`, `0.5 s`.
  static func seconds(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(clamping: seconds)) s" : "\(seconds) s"
  }

  /// A number with at most six digits that count, for programs: `0.05`, `123457`, `1e+09`.
  static func general(_ number: Double) -> String { String(format: "%.6g", number) }

  static func fixed(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }
}
