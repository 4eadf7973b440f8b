// A run of a benchmark as it is kept on disk: everything a report needs, and nothing it could compute.

/// A stored run; `run.json` in its folder. Described field by field in docs/results.md.
package struct StoredRun: Codable, Equatable, Sendable {
  /// The version of this form, which is written.
  package static let currentSchema = 3
  /// The versions that are read; a reader refuses any other.
  static let readSchemas = 2...currentSchema

  /// The version of the form.
  package var schema: Int
  /// The run's name, and its folder's.
  package var id: String
  /// The suite's name.
  package var suite: String
  /// The suite's title.
  package var title: String
  /// When the run began, UTC, ISO 8601.
  package var started: String
  /// When it ended; nil while it runs, and for ever when it was interrupted.
  package var finished: String?
  /// The words that fusebench was called with.
  package var command: [String]
  /// How fusebench was built; its own export shares it.
  package var build: Build
  /// How samples were taken.
  package var settings: BenchSettings
  /// The machine.
  package var machine: MachineProfile
  /// What was compared, in the order of the table. Changes are against each column's own base.
  package var columns: [Column]
  /// The rows asked for, in the order of the table.
  package var rows: [Row]
  /// What the check of the data said before anything was measured.
  package var integrity: [IntegrityCheck]
  /// The share of the rows that this run measured; nil if it measured all of them.
  package var shard: Shard?
  /// The names of the runs that were merged into this one; empty if none were.
  package var mergedFrom: [String]
  /// What a reader of the figures must know beside them, one line each; empty if there is nothing.
  package var notes: [String]
  /// The cells measured so far.
  package var cells: [BenchCell]

  /// Whether a column keeps data as it was written; one that does not is not measured.
  package struct IntegrityCheck: Codable, Equatable, Sendable {
    /// The column.
    package var column: String
    /// What was found wrong, in one line; nil if nothing was.
    package var failure: String?
  }

  /// How a program was compiled.
  package enum Build: String, Codable, Sendable {
    /// For finding faults; several times slower where it computes.
    case debug
    /// For speed.
    case release

    /// How this program was compiled.
    package static var own: Build {
      #if DEBUG
        .debug
      #else
        .release
      #endif
    }
  }

  /// A run of `plan` without cells.
  package init(id: String, plan: BenchPlan, started: String, command: [String], machine: MachineProfile) {
    self.schema = Self.currentSchema
    self.id = id
    self.suite = plan.suite
    self.title = plan.title
    self.started = started
    self.command = command
    self.build = .own
    self.settings = plan.settings
    self.machine = machine
    self.columns = plan.columns
    self.rows = plan.rows
    self.integrity = []
    self.mergedFrom = []
    self.notes = []
    self.cells = []
  }

  /// The cell of `column` in the row of `workload` on `node`, or nil if it has not been measured.
  package func cell(node: NodeKind, workload: String, column: String) -> BenchCell? {
    cells.first { $0.node == node && $0.workload == workload && $0.column == column }
  }

  /// Adds `cell`, or puts it in the place of the one with the same node, workload and column.
  package mutating func put(_ cell: BenchCell) {
    let place = cells.firstIndex {
      $0.node == cell.node && $0.workload == cell.workload && $0.column == cell.column
    }
    if let place { cells[place] = cell } else { cells.append(cell) }
  }

  /// The column that changes are given against: the first export; nil when only `raw` was measured.
  package var baseline: Column? { columns.first { $0.role == .compared } }

  /// The column that `column` is compared with. A program is compared with the first one in the same mode: against
  /// another mode of it, a build that is slower in one mode would hide behind the mode's gain. Columns of the first
  /// program, and the control, are compared with the baseline. nil for the baseline itself, for references, and for a
  /// mode that the first program does not have.
  package func base(of column: Column) -> Column? {
    guard let baseline, column.name != baseline.name, !column.isReference else { return nil }
    guard column.role == .compared, column.side != baseline.side else { return baseline }
    return columns.first { $0.role == .compared && $0.side == baseline.side && $0.modeName == column.modeName }
  }

  /// Whether programs are compared in the same mode, so that no single column is what all changes are against.
  package var comparesPrograms: Bool {
    guard let baseline else { return false }
    return columns.contains { $0.role == .compared && $0.side != baseline.side }
  }

  /// The samples of the compared cell that has the fewest, of those that did not fail; 0 if there is none.
  var fewestSamples: Int {
    let compared = Set(columns.filter { $0.role == .compared }.map(\.name))
    return cells.filter { $0.failure == nil && compared.contains($0.column) }.map(\.samples.count).min() ?? 0
  }

  /// The cells that failed.
  package var failures: [BenchCell] { cells.filter { $0.failure != nil } }
}

extension Column {
  /// What stands before the mode in the name: the program that several columns have in common.
  var side: String {
    guard mode != nil else { return name }
    // Alone, a program's columns are called like their modes.
    if name == modeName { return "" }
    return name.hasSuffix(" \(modeName)") ? String(name.dropLast(modeName.count + 1)) : name
  }
}
