// A gate for CI: a fresh run against a stored one, and fresh samples before anything is called a regression.

/// Judges runs against a baseline.
public struct BenchGate: Sendable {
  /// The stored run that is compared with.
  public let baseline: StoredRun
  /// How much slower a row may be, as a share.
  public let limit: Double

  /// The gate against the run that a person means by `name`: a run.json, a folder, or a name in `results`.
  /// - Throws: `StoreError` if there is no such run.
  public init(named name: String, in results: String, limit: Double) throws {
    baseline = try RunFolder.read(name, in: results)
    self.limit = limit
  }

  /// The gate against `baseline`.
  public init(baseline: StoredRun, limit: Double) {
    self.baseline = baseline
    self.limit = limit
  }

  /// What `run` comes to, before anything is confirmed.
  /// - Throws: `BenchFault` if it has nothing in common with the baseline.
  public func judge(_ run: StoredRun) throws -> GateResult {
    let rows = SideComparison.runs(baseline, run, effect: limit)
    guard !rows.isEmpty else {
      throw BenchFault(
        description: "\(run.id) and \(baseline.id) have no row and column in common; measure the same suite and modes")
    }
    return GateResult(baseline: baseline.id, limit: limit, rows: rows)
  }

  /// What `result` comes to once its regressions have been measured again in `fresh`.
  public static func confirmed(_ result: GateResult, by fresh: [ComparedRow]) -> GateResult {
    var result = result
    for index in result.rows.indices where result.rows[index].verdict == .slower {
      let row = result.rows[index]
      let again = fresh.first { ($0.node, $0.workload, $0.column) == (row.node, row.workload, row.column) }
      result.rows[index].confirmation = again?.comparison
    }
    return result
  }

  /// The request for fresh samples of the rows that `result` calls slower, like `request` otherwise; nil if there are
  /// none.
  public static func confirmation(of result: GateResult, _ request: BenchRequest) -> BenchRequest? {
    guard !result.passes else { return nil }
    var again = request
    again.only = result.regressions.map(\.title)
    // Other offsets than before: what is to be confirmed must not hang on them.
    again.seed = nil
    // Rows are chosen by name; what is left of them must not be dealt out again.
    again.shard = nil
    return again
  }
}
