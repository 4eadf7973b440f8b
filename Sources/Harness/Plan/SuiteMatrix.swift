// The matrix of a suite before it is multiplied out: axes, sweeps around a centre, and what every row shares.

/// One thing that varies from row to row.
package struct SuiteAxis: Equatable, Sendable {
  /// One value of it: a label, and what it sets.
  struct Point: Equatable, Sendable {
    var label: String
    var settings: [KnobSetting]
  }

  /// Its name: a knob's, where the points set nothing else.
  var name: String
  /// Its values, in the order of the report.
  var points: [Point]
}

/// A row of a suite, on whichever node.
package struct SuiteRow: Equatable, Sendable {
  /// The labels of its points; together they are its name.
  package var labels: [String] = []
  /// What the job does.
  package var workload: Workload
  /// How the export is set up where that differs from a benchmark's usual way.
  package var export = ExportKnobs()
  /// What the row is judged by, if it says so itself.
  var metric: Metric?
  /// The nodes on which the quick budget measures the row; nil: on all of its suite.
  var quickNodes: [NodeKind]?

  /// Whether `other` measures the same thing, by whatever name.
  func measuresLike(_ other: SuiteRow) -> Bool {
    var renamed = other
    renamed.workload.name = workload.name
    renamed.labels = labels
    return renamed == self
  }
}

/// What a suite's file says of its rows.
struct SuiteMatrix: Equatable, Sendable {
  /// What all rows share.
  var fixed: [KnobSetting] = []
  /// Rows are the product of these.
  var axes: [SuiteAxis] = []
  /// Each of these varies alone, the others stay where `fixed` and the axes have them: the centre.
  var sweeps: [SuiteAxis] = []
  /// Rows that have all labels of any of these are quick, on the nodes that the line names or on all; nil: all are.
  var quick: [[String]]?

  /// The label of the row around which the sweeps go.
  static let centre = "centre"

  /// Rows that a suite may have: more than a month of the shortest samples is a slip.
  static let maxRows = 4096

  /// How many rows the axes and sweeps make, or more than there can be.
  private var count: Int {
    let product = axes.reduce(1) { product, axis in
      let (next, isTooLarge) = product.multipliedReportingOverflow(by: axis.points.count)
      return isTooLarge ? .max : next
    }
    let around = sweeps.reduce(1) { $0 + $1.points.count }
    let (count, isTooLarge) = product.multipliedReportingOverflow(by: around)
    return isTooLarge ? .max : count
  }

  /// The rows, named and marked.
  /// - Throws: `KnobError` where a knob cannot be set so, or the axes make more rows than `maxRows`.
  func rows() throws(KnobError) -> [SuiteRow] {
    guard count <= Self.maxRows else {
      throw KnobError(description: "the axes make more than \(Self.maxRows) rows; take values away")
    }
    var base = SuiteRow(workload: Workload(name: ""))
    for setting in fixed { try Knob.apply(setting, to: &base) }
    var rows = [base]
    for axis in axes {
      var next: [SuiteRow] = []
      for row in rows {
        for point in axis.points { next.append(try Self.row(row, at: point)) }
      }
      rows = next
    }
    if !sweeps.isEmpty {
      var next: [SuiteRow] = []
      for row in rows { next += try around(row) }
      rows = next
    }
    return finished(rows)
  }

  /// `row` and what is around it. A point that is the centre itself is not measured twice.
  private func around(_ row: SuiteRow) throws(KnobError) -> [SuiteRow] {
    var centre = row
    centre.labels.append(Self.centre)
    var rows = [centre]
    for axis in sweeps {
      for point in axis.points {
        let next = try Self.row(row, at: point)
        if !next.measuresLike(centre) { rows.append(next) }
      }
    }
    return rows
  }

  private static func row(_ row: SuiteRow, at point: SuiteAxis.Point) throws(KnobError) -> SuiteRow {
    var next = row
    next.labels.append(point.label)
    for setting in point.settings { try Knob.apply(setting, to: &next) }
    return next
  }

  private func finished(_ rows: [SuiteRow]) -> [SuiteRow] {
    let known = Self.quickWords(of: rows)
    // What an axis of the command line has replaced takes its labels along.
    let lines = quick.map { $0.map(Set.init).filter { $0.isSubset(of: known) } } ?? []
    return rows.map { row in
      var row = row
      row.workload.name = row.labels.joined(separator: " ")
      row.workload.metric = row.metric ?? row.workload.operation.metric
      let own = lines.filter { $0.subtracting(Self.nodeNames).isSubset(of: row.labels) }
      row.workload.quick = lines.isEmpty || !own.isEmpty
      let isBound = !own.isEmpty && !own.contains(where: Self.nodeNames.isDisjoint)
      row.quickNodes = isBound ? NodeKind.allCases.filter { node in own.contains { $0.contains(node.rawValue) } } : nil
      return row
    }
  }

  private static let nodeNames = Set(NodeKind.allCases.map(\.rawValue))

  /// What a line of `quick` may be made of.
  private static func quickWords(of rows: [SuiteRow]) -> Set<String> {
    nodeNames.union(rows.flatMap(\.labels))
  }

  /// The first word under `quick` that is no label of any row, and no node.
  func unknownQuickLabel(in rows: [SuiteRow]) -> String? {
    let known = Self.quickWords(of: rows)
    return quick?.joined().first { !known.contains($0) }
  }

  /// Puts `axis` in the place of the one of its name; without one it becomes one more of the axes.
  mutating func put(_ axis: SuiteAxis) {
    if let place = sweeps.firstIndex(where: { $0.name == axis.name }) {
      sweeps[place] = axis
    } else if let place = axes.firstIndex(where: { $0.name == axis.name }) {
      axes[place] = axis
    } else {
      axes.append(axis)
    }
  }
}
