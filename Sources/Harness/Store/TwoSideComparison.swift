// Two sides laid beside each other: two stored runs, or two programs within one run.

internal import HarnessStatistics

/// Finds what two sides have in common and compares it.
package enum TwoSideComparison {
  /// What two stored runs have in common: compared columns of the same name in rows of the same workload, by a method
  /// that needs no pairs. `effect` is the smallest that matters.
  ///
  /// A run has many rows, and one of twenty that are all the same would come out different by chance: the p values are
  /// judged together (Holm), so that the chance of one false verdict in all of them stays below 5 %.
  package static func runs(_ before: StoredRun, _ after: StoredRun, effect: Double) -> [ComparedRow] {
    var settings = after.settings
    settings.smallestEffect = effect
    let doubts = [(before, RunComparisons(before)), (after, RunComparisons(after))]
    var rows: [ComparedRow] = []
    // What another share measures is no row that this one lacks.
    let known = before.ownRows
    for row in after.ownRows {
      guard known.contains(where: { $0.isSame(as: row) }) else { continue }
      for column in after.columns where column.role == .compared {
        guard before.columns.contains(where: { $0.name == column.name && $0.role == .compared }) else { continue }
        let cells = [before, after].map {
          $0.cell(node: row.node, workload: row.workload.name, column: column.name)
        }
        var comparison = cells[0].flatMap { base in
          cells[1].flatMap {
            Comparison(unpaired: base, $0, metric: row.workload.metric, settings: settings)
          }
        }
        if let doubted = doubts.first(where: { $0.1.controlDiffers.contains(row.title) }) {
          comparison = comparison?.doubted("the A/A control of \(doubted.0.id) came out different")
        }
        // Pairs meet one disturbance together; what disturbs one of two runs looks like a difference.
        if comparison?.isDifference == true,
          let disturbed = zip(cells, [before, after]).first(where: { $0.0?.isMostlyDisturbed == true })
        {
          comparison = comparison?.doubted("most samples of \(disturbed.1.id) were taken on a disturbed machine")
        }
        rows.append(ComparedRow(row, column, comparison, of: cells, in: [before, after]))
      }
    }
    return judgedTogether(rows, fewest: [before, after].map(\.fewestSamples))
  }

  /// What two programs that were measured in one run have in common: their columns of the same mode, by pairs of
  /// samples. The first program of the run is the base.
  package static func programs(_ run: StoredRun, effect: Double) -> [ComparedRow] {
    guard let first = run.baseline else { return [] }
    var settings = run.settings
    settings.smallestEffect = effect
    let compared = run.columns.filter { $0.role == .compared }
    // By name, not by program: one program on both sides is a comparison too.
    let bases = compared.filter { $0.side == first.side }
    let others = compared.filter { $0.side != first.side }
    let differing = RunComparisons(run).controlDiffers
    var rows: [ComparedRow] = []
    for row in run.ownRows {
      for other in others {
        guard let base = bases.first(where: { $0.modeName == other.modeName }) else { continue }
        let cells = [base, other].map {
          run.cell(node: row.node, workload: row.workload.name, column: $0.name)
        }
        let comparison = cells[0].flatMap { base in
          cells[1].flatMap { Comparison(base: base, other: $0, metric: row.workload.metric, settings: settings) }
        }
        rows.append(ComparedRow(row, other, comparison, of: cells, in: [run, run]))
      }
    }
    let places = rows.indices.filter { rows[$0].comparison != nil }
    for (place, comparison) in zip(places, Comparison.judgedTogether(rows.compactMap(\.comparison))) {
      rows[place].comparison =
        differing.contains(rows[place].title)
        ? comparison.doubted("the A/A control came out different") : comparison
    }
    return rows
  }

  /// `rows` whose verdicts stand only where they do so among all the others. `fewest` are the samples of each side's
  /// cells.
  private static func judgedTogether(_ rows: [ComparedRow], fewest: [Int]) -> [ComparedRow] {
    let adjusted = RankTest.holm(rows.map { $0.comparison?.p ?? 1 })
    // How far apart the sides are has no say where the samples are too few for so many rows.
    let needed = RankTest.samples(beside: fewest[0], comparisons: rows.count)
    let isHopeless = RankTest.smallestUnpaired(fewest[0], fewest[1]) * Double(rows.count) >= RankTest.significance
    let advice =
      isHopeless
      ? "; with \(fewest[0]) and \(fewest[1]) samples none could be told"
        + (needed.map { ", take \($0) (--samples \($0))" } ?? ", take more of both") : ""
    return zip(rows, adjusted).map { row, p in
      guard let comparison = row.comparison, comparison.isDifference, p >= RankTest.significance else { return row }
      var doubted = row
      doubted.comparison = comparison.doubted("among \(rows.count) comparisons it could be chance" + advice)
      return doubted
    }
  }
}

extension ComparedRow {
  /// `column` in `row`, compared or not: `cells` are its two sides, the base first, and `runs` those that hold them.
  fileprivate init(
    _ row: Row, _ column: Column, _ comparison: Comparison?, of cells: [BenchCell?], in runs: [StoredRun]
  ) {
    self.init(
      node: row.node, workload: row.workload.name, column: column.name, metric: row.workload.metric,
      comparison: comparison, missing: comparison == nil ? Self.missing(cells, runs) : nil)
    if comparison != nil { medians = .init(cells[0], cells[1]) }
  }

  private static func missing(_ cells: [BenchCell?], _ runs: [StoredRun]) -> String {
    for (cell, run) in zip(cells, runs) {
      guard let cell else { return "\(run.id) has not measured it" }
      if let failure = cell.failure { return "failed in \(run.id): \(failure)" }
    }
    return "no samples"
  }
}

extension BenchCell {
  /// Whether more than half of the samples count although the machine was disturbed.
  fileprivate var isMostlyDisturbed: Bool { samples.count { $0.disturbance != nil } * 2 > samples.count }
}

extension Row {
  /// Whether `other` loads the same node in the same way, under the same name; who measures it when does not matter.
  fileprivate func isSame(as other: Row) -> Bool {
    func essence(_ row: Row) -> Row {
      var row = row
      row.workload.quick = true
      row.notes = []
      return row
    }
    return essence(self) == essence(other)
  }
}

extension StoredRun {
  /// What keeps the figures of this run from being compared with those of `other`, one line each: facts of the
  /// machines, and how samples were taken.
  package func obstacles(to other: StoredRun) -> [String] {
    var lines = machine.differences(from: other.machine)
    func compare(_ name: String, _ left: String, _ right: String) {
      if left != right { lines.append("\(name): \(left), \(right)") }
    }
    compare("build", build.rawValue, other.build.rawValue)
    compare("measured seconds", "\(settings.runtime)", "\(other.settings.runtime)")
    compare("cpu-idle", settings.cpuIdle?.rawValue ?? "not known", other.settings.cpuIdle?.rawValue ?? "not known")
    compare("size of the node", "\(settings.size)", "\(other.settings.size)")
    return lines
  }
}
