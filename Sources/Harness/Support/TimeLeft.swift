// How long a run will still take, and how people say that.

/// Guesses the time left from what has been done so far.
package struct TimeLeft: Sendable {
  private let estimate: Double?

  /// `estimate` seconds are expected for the whole; nil if nothing is known beforehand.
  package init(estimate: Double?) { self.estimate = estimate }

  /// The seconds left after `done` of `total` steps that took `elapsed` seconds; nil as long as nothing is known.
  ///
  /// The first steps say little, so an estimate made before weighs as much as three of them.
  package func seconds(done: Int, total: Int, elapsed: Double) -> Double? {
    guard total > 0, done < total else { return 0 }
    let weight = estimate == nil ? 0.0 : 3.0
    guard Double(done) + weight > 0 else { return nil }
    let perStep = (elapsed + weight * (estimate ?? 0) / Double(total)) / (Double(done) + weight)
    return perStep * Double(total - done)
  }

  /// Seconds as people say them: `45 s`, `3 min`, `1 h 20 min`.
  package static func words(_ seconds: Double) -> String {
    let whole = Int(clamping: min(seconds, 1e12).rounded(.up))
    if whole < 100 { return "\(whole) s" }
    let minutes = (whole + 30) / 60
    if minutes < 60 { return "\(minutes) min" }
    return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
