// What comes out slower is measured once more before it is believed: the same for gates, comparisons and replays.

/// Fresh samples of the rows that came out slower.
package struct Confirmation: Sendable {
  /// The request that came to the result; what is slower is measured once more like it.
  let request: BenchRequest

  /// The confirmation of what `request` has come to.
  package init(of request: BenchRequest) { self.request = request }

  /// What `result` comes to once its regressions are measured afresh, and the fresh runs; without a regression
  /// nothing is measured.
  /// - Parameters:
  ///   - measure: runs a benchmark, and is told the names of the rows that it is for.
  ///   - rows: lays a fresh run beside what `result` compares with.
  /// - Throws: what `Bench.init` and `measure` throw.
  package func confirmed(
    _ result: GateResult, measure: (Bench, [String]) async throws -> [StoredRun],
    comparing rows: (StoredRun) -> [ComparedRow]
  ) async throws -> (result: GateResult, fresh: [StoredRun]) {
    guard let again = fresh(for: result) else { return (result, []) }
    let runs = try await measure(try Bench(again), result.regressions.map(\.name))
    return (Self.confirmed(result, by: runs.flatMap(rows)), runs)
  }

  /// What `result` comes to once its regressions have been measured again in `fresh`.
  static func confirmed(_ result: GateResult, by fresh: [ComparedRow]) -> GateResult {
    var result = result
    for index in result.rows.indices where result.rows[index].verdict == .slower {
      let row = result.rows[index]
      let again = fresh.first { ($0.node, $0.workload, $0.column) == (row.node, row.workload, row.column) }
      result.rows[index].confirmation = again?.comparison
      if again?.comparison == nil { result.rows[index].unconfirmed = again?.missing ?? "no such row" }
    }
    return result
  }

  /// The request for fresh samples of the rows that `result` calls slower; nil if there are none.
  func fresh(for result: GateResult) -> BenchRequest? {
    result.passes ? nil : fresh(rows: result.regressions.map(\.title))
  }

  /// The request for fresh samples of the rows `titles`.
  func fresh(rows titles: [String]) -> BenchRequest {
    var again = request
    again.selection.titles = titles
    // Other offsets than before: what is to be confirmed must not hang on them.
    again.sampling.seed = nil
    again.sampling.costs = false
    // Nothing is compared with the references.
    again.references = .none
    if case .stored(var matrix) = again.source {
      matrix.columns.removeAll { $0.isReference }
      again.source = .stored(matrix)
    }
    // Rows are chosen by name; what is left of them must not be dealt out again.
    again.selection.shard = nil
    return again
  }
}
