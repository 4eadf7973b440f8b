// A benchmark before it runs: rows × columns, the order of its samples, and how long it will take.

/// One of the things that a benchmark compares; a column of its table.
public struct Column: Codable, Equatable, Sendable {
  /// What carries the requests of a column.
  public enum Kind: String, Codable, Sendable {
    /// The image itself, without FUSE: what the disk and the client could do.
    case raw
    /// An export.
    case export
  }

  /// The column's name in tables, unique in a run: a mode, or `raw`.
  public var name: String
  /// What carries the requests.
  public var kind: Kind
  /// The mode of the export; nil for `raw`.
  public var mode: Mode?
  /// The subject that the export belongs to; nil for `raw`.
  public var subject: String?
  /// The iothreads asked for; nil for `raw`.
  public var threads: Int?

  /// A column called `name`.
  public init(name: String, kind: Kind, mode: Mode? = nil, subject: String? = nil, threads: Int? = nil) {
    self.name = name
    self.kind = kind
    self.mode = mode
    self.subject = subject
    self.threads = threads
  }

  /// The image without FUSE.
  public static let raw = Column(name: "raw", kind: .raw)
}

/// A row of a benchmark: one workload on one node.
public struct Row: Codable, Equatable, Sendable {
  /// What the export serves.
  public var node: NodeKind
  /// What the job does.
  public var workload: Workload

  /// The row of `workload` on `node`.
  public init(node: NodeKind, workload: Workload) {
    self.node = node
    self.workload = workload
  }
}

/// What a benchmark is going to measure.
public struct BenchPlan: Equatable, Sendable {
  /// The suite's name.
  public var suite: String
  /// The suite's title.
  public var title: String
  /// The rows, in the order of the table.
  public var rows: [Row]
  /// The columns, in the order of the table.
  public var columns: [Column]
  /// How samples are taken.
  public var settings: BenchSettings

  /// The plan to measure `suite` on those of its nodes that are among `nodes`.
  public init(suite: Suite, nodes: [NodeKind], columns: [Column], settings: BenchSettings) {
    self.suite = suite.name
    self.title = suite.title
    self.rows = suite.nodes.filter(nodes.contains).flatMap { node in
      suite.workloads(for: settings.budget).map { Row(node: node, workload: $0) }
    }
    let hasFileRows = rows.contains { $0.node == .file }
    self.columns = columns.filter { $0.kind == .export || hasFileRows }
    self.settings = settings
  }

  /// The columns of `row`: the image without FUSE stands beside the file node only.
  public func columns(of row: Row) -> [Column] {
    columns.filter { $0.kind == .export || row.node == .file }
  }

  /// The number of cells.
  public var cellCount: Int { rows.reduce(0) { $0 + columns(of: $1).count } }

  /// The seconds that the samples of `row` will take, about.
  public func estimate(of row: Row) -> Double {
    columns(of: row).reduce(0) { sum, column in
      let overhead = column.kind == .raw ? BenchSettings.overhead.raw : BenchSettings.overhead.export
      return sum + Double(settings.samples) * (settings.runtime + settings.ramp + overhead)
    }
  }

  /// The seconds that the whole will take, about.
  public var estimate: Double { rows.reduce(0) { $0 + estimate(of: $1) } }

  /// The order in which the samples of a row are taken: there and back, A B C C B A, so that what changes
  /// slowly on the machine (heat, other work) meets every column alike.
  public static func order(columns: Int, samples: Int) -> [(column: Int, sample: Int)] {
    (0..<samples).flatMap { sample in
      (0..<columns).map { (sample.isMultiple(of: 2) ? $0 : columns - 1 - $0, sample) }
    }
  }
}
