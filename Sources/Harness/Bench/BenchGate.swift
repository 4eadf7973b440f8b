// A gate for CI: a fresh run against a stored one, measured as that was.

internal import HarnessStatistics

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
    request.sampling.runtime = request.sampling.runtime ?? baseline.settings.runtime
    request.sampling.ramp = request.sampling.ramp ?? baseline.settings.ramp
    // What cannot be held here is free, and that is named as a difference.
    if request.sampling.cpuIdle == nil, let idle = baseline.settings.cpuIdle {
      request.sampling.cpuIdle = idle == .held ? .possible : idle
    }
    if request.selection.filters.isEmpty, request.selection.axes.isEmpty, request.selection.titles.isEmpty {
      request.selection.titles = baseline.rows.map(\.title)
    }
    let asked = request.sampling.samples
    let columns = baseline.columns.filter { column in
      column.role == .compared && (column.mode.map(request.selection.modes.contains) ?? true)
    }
    let rows = baseline.rows.count { request.selection.nodes.contains($0.node) && request.selection.contains($0) }
    let (count, base) = (max(1, rows * columns.count), baseline.fewestSamples)
    let needed = RankTest.samples(beside: base, comparisons: count)
    guard let needed, asked ?? needed >= needed else {
      let (samples, among) = (TextFormat.count(base, "sample"), "among \(TextFormat.count(count, "comparison"))")
      throw BenchError(
        needed.map { needed in
          "\(samples) per cell of \(baseline.id) and \(asked ?? 0) here can tell nothing slower \(among); "
            + "give --samples \(needed) or more"
        }
          ?? "\(samples) per cell of \(baseline.id) can tell nothing slower \(among), so this gate could never fail; "
          + "measure the baseline with --samples 8")
    }
    let samples = asked ?? needed
    request.sampling.samples = samples
    request.sampling.maxSamples = request.sampling.maxSamples ?? max(samples, baseline.settings.maxSamples)
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
}
