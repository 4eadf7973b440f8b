// A benchmark before it runs: rows × columns, the order of its samples, and how long it will take.

/// One of the things that a benchmark compares; a column of its table.
package struct Column: Codable, Equatable, Sendable {
  /// Why a column is in the table.
  package enum Role: String, Codable, Sendable {
    /// It is what the run compares.
    case compared
    /// It says what the others are to be measured by: the image without FUSE, or our export on a null node.
    case reference
    /// It is the least that a server can do in its mode: what the others on null rows are to be measured by.
    case floor
    /// It is the baseline once more (A/A): a difference here is noise, whatever its size.
    case control
  }

  /// What carries the requests of a column.
  package enum Kind: String, Codable, Sendable {
    /// The image itself, without FUSE: what the disk and the client could do.
    case raw
    /// The image as a block device of the kernel's (losetup), past the page cache.
    case loop
    /// The image served by nbdkit over a socket, to fio's own NBD client.
    case nbd
    /// An export.
    case export
  }

  /// The column's name in tables, unique in a run: a mode, or `raw`.
  package var name: String
  /// What carries the requests.
  package var kind: Kind
  /// Why it is in the table.
  package var role = Role.compared
  /// The mode of the export; nil for `raw`.
  package var mode: Mode?
  /// The event loop that the export is told to use; nil leaves it to the subject.
  package var eventLoop: EventLoop?
  /// The subject that the export belongs to; nil for `raw`.
  package var subject: String?
  /// The subject's program where it is not the one of the subject's file.
  package var program: String?
  /// The words that stand before the program, such as `chroot FOLDER`; nil if there are none.
  package var prefix: [String]?
  /// What the program says of its version; nil where it says nothing.
  package var version: String?
  /// The iothreads asked for; nil for `raw`, and where the rows say.
  package var threads: Int?
  /// The node that this column has whatever the row says: the null reference beside file rows.
  package var node: NodeKind?
  /// False where its subject knows no null node, so that it has no cell in null rows: the image is no nothing.
  package var servesNull: Bool?

  /// The image without FUSE.
  package static let raw = Column(name: "raw", kind: .raw, role: .reference)
  /// The image as a block device.
  package static let loop = Column(name: "loop", kind: .loop, role: .reference)
  /// The image over NBD.
  package static let nbd = Column(name: "nbd", kind: .nbd, role: .reference)

  /// Whether it is no export that is judged, but what others are measured by.
  package var isReference: Bool { role == .reference || role == .floor }

  /// Whether this column has a cell in `row`: references stand beside rows of one node, under a load of data only, and
  /// what serves no null node has no null rows.
  package func hasCell(in row: Row) -> Bool {
    guard row.node == .file || servesNull != false else { return false }
    return !isReference || (row.node == (role == .floor ? .null : .file) && row.workload.operation.isData)
  }

  /// Whether the kernel's counts of its server say something of `row`: of what is compared, under reads and writes.
  func hasCosts(in row: Row) -> Bool {
    role == .compared && kind == .export && [.read, .write, .mixed].contains(row.workload.operation)
  }

  /// What a reference is called where its figure is a measure: the floors of all modes are one, since a column is
  /// measured by that of its own.
  package var referenceName: String { role == .floor ? Self.floorName : name }

  /// Whether `column` is measured by this reference.
  package func isReference(for column: Column) -> Bool { isReference && (role != .floor || mode == column.mode) }

  /// The subject of the floors, and what they are called.
  package static let floorName = "floor"
}

/// A row of a benchmark: one workload on one node.
package struct Row: Codable, Equatable, Sendable {
  /// What the export serves.
  package var node: NodeKind
  /// What the job does.
  package var workload: Workload
  /// How the export is set up where that differs from a benchmark's usual way.
  package var export = ExportKnobs()
  /// What a reader of the row's figures must know beside them, one line each; empty if there is nothing.
  package var notes: [String] = []
}

/// The settings of an export that a row may set; nil leaves a setting as a benchmark has it.
package struct ExportKnobs: Codable, Equatable, Sendable {
  /// Iothreads, in place of the mode's own number.
  package var threads: Int?
  /// Ring entries per queue.
  package var queueDepth: Int?
  /// Nanoseconds that a serving thread looks for work before it sleeps.
  package var pollLimit: Int?
  /// Answers of the node that a serving thread passes on before it looks for new requests.
  package var batch: Int?
  /// Whether writes beyond the end extend the node (not if nil).
  package var growable: Bool?
  /// Whether the node bypasses the page cache (it does if nil).
  package var direct: Bool?
  /// How a file node does its I/O (`io_uring` if nil).
  package var aio: NodeAIO?
  /// Whether other users may use the mount (`auto` if nil).
  package var allowOther: AllowOther?
  /// What happens to discarded ranges of a file node (`ignore` if nil).
  package var discard: DiscardPolicy?

  /// Knobs that leave everything as it is.
  package init() {}
}

/// What a benchmark is going to measure.
package struct BenchPlan: Equatable, Sendable {
  /// The suite's name.
  package var suite: String
  /// The suite's title.
  package var title: String
  /// The rows, in the order of the table.
  package var rows: [Row]
  /// The columns, in the order of the table.
  package var columns: [Column]
  /// How samples are taken.
  package var settings: BenchSettings
  /// What a reader of the figures must know beside them, one line each; empty if there is nothing.
  package var notes: [String] = []

  /// Whether what the kernel counts of each server is counted too, once a row has its samples.
  package var countsCosts = false
}

extension BenchPlan {
  /// The plan to measure `suite` on those of its nodes that are among `nodes`, on a machine with `cpus` CPUs
  /// (enough for any row, if it is not said).
  package init(
    suite: Suite, nodes: [NodeKind], columns: [Column], settings: BenchSettings, cpus: Int = .max
  ) {
    self.suite = suite.name
    self.title = suite.title
    self.rows = suite.nodes.filter(nodes.contains).flatMap { node in
      suite.rows(for: settings.budget, on: node).map { entry in
        var row = Row(node: node, workload: entry.workload, export: entry.export)
        row.notes = row.lints(size: settings.size, cpus: cpus)
        return row
      }
    }
    let rows = rows
    self.columns = columns.filter { column in rows.contains { column.hasCell(in: $0) } }
    self.settings = settings
  }

  /// The columns of `row`: the image without FUSE stands beside the file node only.
  package func columns(of row: Row) -> [Column] { columns.filter { $0.hasCell(in: row) } }

  /// The samples at least, of all cells.
  package var sampleCount: Int {
    rows.reduce(0) { $0 + columns(of: $1).reduce(0) { $0 + settings.samples(of: $1) } }
  }

  /// The number of cells.
  package var cellCount: Int { rows.reduce(0) { $0 + columns(of: $1).count } }

  /// Why some row would not measure what it says, or nil.
  package var fault: String? {
    for row in rows {
      if let fault = row.fault(size: settings.size) { return "row '\(row.title)': \(fault)" }
    }
    return nil
  }

  /// Whether the columns' data are checked before they are measured: where none is moved there is none to lose.
  package var checksIntegrity: Bool { rows.contains { $0.node == .file && $0.workload.operation.isData } }

  /// The columns whose data are checked.
  package var checkedColumns: [Column] {
    checksIntegrity ? columns.filter { $0.kind == .export && $0.role == .compared && $0.node == nil } : []
  }

  /// The seconds that one sample of `row` in `column` will take, about.
  func secondsPerSample(_ row: Row, _ column: Column) -> Double {
    let overhead = column.kind == .export ? BenchSettings.overhead.export : BenchSettings.overhead.raw
    switch row.workload.operation {
    case .read, .write, .mixed, .fsync, .stat: return settings.runtime + settings.ramp + overhead
    case .stopUnderLoad: return settings.loadBeforeStop + overhead
    // No client is started, and nothing is waited for.
    case .start, .stop, .idle: return overhead / 2
    }
  }

  /// The seconds that the samples of `row` will take, about.
  package func estimate(of row: Row) -> Double {
    columns(of: row).reduce(0) { sum, column in
      sum + Double(settings.samples(of: column)) * secondsPerSample(row, column)
        + (countsCosts && column.hasCosts(in: row) ? settings.costSeconds + BenchSettings.overhead.costs : 0)
    }
  }

  /// The seconds that the whole will take, about: the check of the data, then the samples.
  package var estimate: Double {
    rows.reduce(Double(checkedColumns.count) * BenchSettings.overhead.integrity) { $0 + estimate(of: $1) }
  }
}
