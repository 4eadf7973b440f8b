// What a row of a benchmark is judged by: one number per sample, its unit, and which way is better.

/// The one number of a sample that columns are compared by.
package enum Metric: String, Codable, CaseIterable, Sendable {
  /// I/Os per second, reads and writes together.
  case rate
  /// The median latency in nanoseconds, submission included.
  case latency
  /// How long something took, in seconds.
  case time
  /// Memory that is resident, in bytes.
  case memory

  /// Whether a larger number is the better one.
  package var moreIsBetter: Bool { self == .rate }
}
