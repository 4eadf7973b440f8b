// A gate on what the kernel counted per I/O: it needs no statistics, for counts do not depend on how fast a machine is.

/// Holds the counts of runs against those of a baseline.
package struct CostGate: Sendable {
  /// The stored run that is compared with.
  package let baseline: StoredRun
  /// How much more a count may be, as a share.
  package let limit: Double

  /// A difference that no reader would see in a count with two digits behind the point.
  static let least = 0.005

  /// The gate against `baseline`.
  /// - Throws: `BenchError` if that holds no counts, or nothing can be counted here.
  package init(baseline: StoredRun, limit: Double) throws(BenchError) {
    guard baseline.cells.contains(where: { $0.costs != nil }) else {
      throw BenchError(
        "\(baseline.id) holds no counts of the kernel's to hold --gate-cost against; measure it anew as root")
    }
    if let reason = KernelCounter.whyNot { throw BenchError("--gate-cost: \(reason)") }
    self.init(of: baseline, limit: limit)
  }

  /// The same, whatever the machine can count.
  init(of baseline: StoredRun, limit: Double) {
    self.baseline = baseline
    self.limit = limit
  }

  /// One count of one column in one row, then and now.
  package struct Entry: Equatable, Sendable {
    /// The row: `file read rand aio ×1`.
    package let row: String
    /// The column.
    package let column: String
    /// What was counted: `system_calls`.
    package let name: String
    /// Per I/O of the baseline.
    package let before: Double
    /// Per I/O now.
    package let after: Double
    /// Per I/O of a count that was made because `after` is too much; nil where it is not, or none was made.
    package var again: Double?

    /// By how much the smaller of what was counted now is more than the baseline's, as a share.
    package var change: Double { before > 0 ? min(after, again ?? after) / before - 1 : .infinity }

    /// Whether that is more than `limit`.
    func exceeds(_ limit: Double) -> Bool {
      min(after, again ?? after) > before * (1 + limit) + CostGate.least
    }
  }

  /// What a run comes to.
  package struct Result: Equatable, Sendable {
    /// How much more a count may be, as a share.
    package let limit: Double
    /// Every count that both sides have.
    package var entries: [Entry]
    /// The counts that are too much.
    package var excesses: [Entry] { entries.filter { $0.exceeds(limit) } }
    /// Whether there are none.
    package var passes: Bool { excesses.isEmpty }
  }

  /// The counts of `run` beside the baseline's.
  /// - Throws: `BenchError` if the two have no count in common.
  func judge(_ run: StoredRun) throws(BenchError) -> Result {
    let entries = run.cells.flatMap { cell -> [Entry] in
      let before = baseline.cell(node: cell.node, workload: cell.workload, column: cell.column)?.costs?.figures ?? []
      return (cell.costs?.figures ?? []).compactMap { figure in
        before.first { $0.name == figure.name }.map {
          Entry(row: cell.title, column: cell.column, name: figure.name, before: $0.value, after: figure.value)
        }
      }
    }
    guard !entries.isEmpty else {
      throw BenchError("\(run.id) and \(baseline.id) have no count of the kernel's in common")
    }
    return Result(limit: limit, entries: entries)
  }

  /// What `run`, which `request` asked for, comes to; the rows that are too much are counted once more by `measure`.
  /// - Throws: `BenchError` if the two have no count in common; what `Bench.init` and `measure` throw.
  package func confirmed(
    _ run: StoredRun, of request: BenchRequest, measure: (Bench, [String]) async throws -> [StoredRun]
  ) async throws -> Result {
    var result = try judge(run)
    guard !result.passes else { return result }
    var again = Confirmation(of: request).fresh(rows: result.excesses.map(\.row))
    // Counts are all that is wanted, and those are taken beside the samples.
    (again.sampling.samples, again.sampling.maxSamples, again.sampling.control) = (1, 1, false)
    again.sampling.costs = true
    let names = result.excesses.map { "\($0.row) \($0.column)" }
    for fresh in try await measure(try Bench(again), names) {
      for entry in (try? judge(fresh))?.entries ?? [] {
        let place = result.entries.firstIndex {
          ($0.row, $0.column, $0.name) == (entry.row, entry.column, entry.name) && $0.exceeds(limit)
        }
        if let place { result.entries[place].again = entry.after }
      }
    }
    return result
  }
}
