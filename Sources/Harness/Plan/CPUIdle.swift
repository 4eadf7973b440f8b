// What the machine does with idle CPUs while a benchmark runs: a setting of the run, the same for every column.

/// What happens to CPUs that have nothing to do.
package enum CPUIdle: String, Codable, CaseIterable, Sendable {
  /// They stay awake from before the first start to after the last stop of every row (`CPULatencyRequest`).
  case held
  /// They sleep as the machine is set up.
  case free

  /// As a sentence goes on: `idle CPUs held awake`.
  package var words: String {
    switch self {
    case .held: "idle CPUs held awake"
    case .free: "idle CPUs free to sleep"
    }
  }
}
