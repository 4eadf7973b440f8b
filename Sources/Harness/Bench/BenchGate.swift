// A gate for CI: a fresh run against a stored one, and fresh samples before anything is called a regression.

/// Judges runs against a baseline.
package struct BenchGate: Sendable {
  /// The stored run that is compared with.
  package let baseline: StoredRun
  /// How much slower a row may be, as a share.
  package let limit: Double

  /// The gate against the run that a person means by `name`: a run.json, a folder, or a name in `results`.
  /// - Throws: `StoreError` if there is no such run.
  package init(named name: String, in results: String, limit: Double) throws {
    baseline = try RunFolder.read(name, in: results)
    self.limit = limit
  }

  /// The gate against `baseline`.
  package init(baseline: StoredRun, limit: Double) {
    self.baseline = baseline
    self.limit = limit
  }

  /// `request` as the baseline was measured, where it does not say otherwise: the baseline's rows, their time, and
  /// enough samples that each of them could come out slower.
  /// - Throws: `BenchError` if the baseline holds too few samples for that: such a gate could never fail.
  package func matching(_ request: BenchRequest) throws -> BenchRequest {
    var request = request
    request.runtime = request.runtime ?? baseline.settings.runtime
    request.ramp = request.ramp ?? baseline.settings.ramp
    // What cannot be held here is free, and that is named as a difference.
    if request.cpuIdle == nil, let idle = baseline.settings.cpuIdle {
      request.cpuIdle = idle == .held ? .possible : idle
    }
    if request.filters.isEmpty, request.axes.isEmpty, request.only.isEmpty {
      request.only = baseline.rows.map(\.title)
    }
    let columns = baseline.columns.filter { column in
      column.role == .compared && (column.mode.map(request.modes.contains) ?? true)
    }
    let rows = baseline.rows.count { row in
      request.nodes.contains(row.node) && (request.filters.isEmpty || request.filters.contains { $0.matches(row) })
    }
    let (count, base) = (max(1, rows * columns.count), baseline.fewestSamples)
    let needed = RankTest.samples(beside: base, comparisons: count)
    guard let needed, request.samples ?? needed >= needed else {
      let (samples, among) = (TextFormat.count(base, "sample"), "among \(TextFormat.count(count, "comparison"))")
      throw BenchError(
        needed.map { needed in
          "\(samples) per cell of \(baseline.id) and \(request.samples ?? 0) here can tell nothing slower \(among); "
            + "give --samples \(needed) or more"
        }
          ?? "\(samples) per cell of \(baseline.id) can tell nothing slower \(among), so this gate could never fail; "
          + "measure the baseline with --samples 8")
    }
    let samples = request.samples ?? needed
    request.samples = samples
    request.maxSamples = request.maxSamples ?? max(samples, baseline.settings.maxSamples)
    return request
  }

  /// What `run` comes to, before anything is confirmed.
  /// - Throws: `BenchError` if it has nothing in common with the baseline.
  package func judge(_ run: StoredRun) throws -> GateResult {
    let rows = TwoSideComparison.runs(baseline, run, effect: limit)
    guard !rows.isEmpty else {
      throw BenchError(
        description: "\(run.id) and \(baseline.id) have no row and column in common; measure the same suite and modes")
    }
    return GateResult(baseline: baseline.id, limit: limit, rows: rows)
  }

  /// What `result` comes to once its regressions have been measured again in `fresh`.
  package static func confirmed(_ result: GateResult, by fresh: [ComparedRow]) -> GateResult {
    var result = result
    for index in result.rows.indices where result.rows[index].verdict == .slower {
      let row = result.rows[index]
      let again = fresh.first { ($0.node, $0.workload, $0.column) == (row.node, row.workload, row.column) }
      result.rows[index].confirmation = again?.comparison
      if again?.comparison == nil { result.rows[index].unconfirmed = again?.missing ?? "no such row" }
    }
    return result
  }

  /// The request for fresh samples of the rows that `result` calls slower, like `request` otherwise; nil if there are
  /// none.
  package static func confirmation(of result: GateResult, _ request: BenchRequest) -> BenchRequest? {
    guard !result.passes else { return nil }
    var again = request
    again.only = result.regressions.map(\.title)
    // Other offsets than before: what is to be confirmed must not hang on them.
    again.seed = nil
    // Nothing is compared with the references.
    again.raw = false
    again.reference = nil
    again.floor = nil
    again.matrix?.columns.removeAll { $0.role == .reference }
    // Rows are chosen by name; what is left of them must not be dealt out again.
    again.shard = nil
    return again
  }
}
