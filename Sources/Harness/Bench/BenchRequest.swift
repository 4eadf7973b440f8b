// What a benchmark is asked for: its matrix, what of it is measured by what, and how samples are taken.

/// What a benchmark is asked for.
package struct BenchRequest: Sendable {
  /// The suites that run when none is named: the published ones.
  package static let defaultSuites = ["transport", "mixed"]

  /// Where rows come from.
  package enum Source: Sendable {
    /// Suites, in the order they run; each makes a run of its own. The budget chooses rows, samples and their length.
    case suites([Suite], BudgetRequest)
    /// The matrix of a stored run, which is measured once more with its rows, columns and settings.
    case stored(BenchPlan)
  }

  /// Where rows come from.
  package var source: Source
  /// The programs that are compared; the first mode of the first is the baseline.
  package var compared: [Subject]
  /// What they are measured by.
  package var references = References()
  /// What of the matrix is measured.
  package var selection: Selection
  /// How samples are taken, where that is not the source's own way.
  package var sampling = SamplingOverrides()
  /// The folder that holds a folder per run.
  package let results: String
  /// The words that fusebench was called with, for the record.
  package let command: [String]

  /// A request for `source` with everything that the first of `compared` can do.
  package init(_ source: Source, compared: [Subject], results: String, command: [String]) {
    self.source = source
    self.compared = compared
    self.selection = Selection(modes: compared.first?.modes ?? [])
    self.results = results
    self.command = command
  }

  /// What stands beside the columns that are compared, and is compared with nothing.
  package struct References: Sendable {
    /// Whether the image without FUSE stands beside file rows.
    package var raw = true
    /// Whether the image as a block device stands beside file rows.
    package var loop = false
    /// Whether the image over NBD stands beside file rows.
    package var nbd = false
    /// This program's own export, which serves a null node beside file rows; without it there is no such column.
    package var null: Subject?
    /// The least that a server can do, beside null rows; without it there is no such column.
    package var floor: Subject?

    /// The image without FUSE alone.
    package init() {}

    /// Nothing.
    package static var none: Self {
      var references = Self()
      references.raw = false
      return references
    }

    /// The block devices among them.
    var blocks: [Column] { (loop ? [.loop] : []) + (nbd ? [.nbd] : []) }

    /// Their programs.
    var programs: [Subject] { [null, floor].compactMap(\.self) }
  }

  /// What of a matrix is measured. Of a stored one all columns are.
  package struct Selection: Sendable {
    /// The modes compared; changes are against the first.
    package var modes: [Mode]
    /// The modes that are measured by the event loop without io_uring too, in a column of their own.
    package var epoll: [Mode] = []
    /// The nodes measured, of those that a suite has.
    package var nodes = NodeKind.allCases
    /// Axes in place of a suite's own of their names, or added to them.
    package var axes: [AxisOverride] = []
    /// The rows measured: those that any of these means; all if there are none.
    package var filters: [RowFilter] = []
    /// The rows measured, as `file read rand aio ×1`; all if there are none.
    package var titles: [String] = []
    /// The share of each suite's rows that is measured; all of them if nil.
    package var shard: Shard?

    /// Whether rows are named: those are wanted whatever the budget.
    var namesRows: Bool { !filters.isEmpty || !titles.isEmpty || axes.contains(where: \.makesRows) }

    /// Whether `row` is wanted.
    func contains(_ row: Row) -> Bool {
      (filters.isEmpty || filters.contains { $0.matches(row) }) && (titles.isEmpty || titles.contains(row.title))
    }
  }

  /// How samples are taken, where that is not the budget's or the stored run's own way (nil).
  package struct SamplingOverrides: Sendable {
    /// Samples per cell.
    package var samples: Int?
    /// Samples per cell at most: more than `samples` until comparisons are precise.
    package var maxSamples: Int?
    /// The relative width of an interval at which no more samples are taken.
    package var precision: Double?
    /// The smallest relative difference that matters.
    package var smallestEffect: Double?
    /// Measured seconds per sample.
    package var runtime: Double?
    /// Seconds before them that are thrown away.
    package var ramp: Double?
    /// What the machine does with idle CPUs; nil for `held` where that is possible, else `free`.
    package var cpuIdle: CPUIdle?
    /// What the samples' seeds are derived from; nil for chance, or for a share the matrix.
    package var seed: UInt64?
    /// Whether the baseline is measured once more, as the control.
    package var control = true
    /// Whether what the kernel counts of each server is counted too.
    package var costs = false

    /// Everything as it is.
    package init() {}

    /// Puts them into `settings`.
    func apply(to settings: inout BenchSettings) {
      settings.runtime = runtime ?? settings.runtime
      settings.ramp = ramp ?? settings.ramp
      settings.precision = precision ?? settings.precision
      settings.smallestEffect = smallestEffect ?? settings.smallestEffect
      settings.cpuIdle = cpuIdle ?? settings.cpuIdle ?? .possible
      if let samples { (settings.samples, settings.maxSamples) = (samples, samples) }
      settings.maxSamples = max(settings.samples, maxSamples ?? settings.maxSamples)
    }
  }
}
