// The cells of one row while their samples are taken: what they hold so far, and when that is enough.

/// A row whose samples are being taken.
struct RowSampling {
  /// The row.
  let row: Row
  /// Its columns.
  let columns: [Column]
  /// A cell per column, as far as it has got.
  private(set) var cells: [BenchCell]
  private let settings: BenchSettings
  /// What was known of each cell before its first sample.
  private let known: [[String]]
  /// The bins of every sample by its number: bins of a sample that is dropped later must go too.
  private var latencies: [[Int: LatencyHistogram]]

  /// The row `row`, whose `cells` have no samples yet.
  init(_ row: Row, columns: [Column], cells: [BenchCell], settings: BenchSettings) {
    self.row = row
    self.columns = columns
    self.cells = cells
    self.settings = settings
    known = cells.map(\.notes)
    latencies = cells.map { _ in [:] }
  }

  /// Adds a sample to the cell at `place`.
  mutating func add(_ taken: SampleRunner.SampleResult, at place: Int) {
    if cells[place].exportCommand.isEmpty, cells[place].fioCommand.isEmpty {
      cells[place].fioCommand = taken.loadCommand
      cells[place].exportCommand = taken.exportCommand
    }
    cells[place].samples.append(taken.sample)
    cells[place].proof = taken.proof
    latencies[place][taken.sample.index] = taken.latency
    summarize(place)
  }

  /// The kernel counted `costs` of the column at `place`.
  mutating func put(_ costs: KernelCosts, at place: Int) {
    cells[place].costs = costs
    if let remark = costs.remark { cells[place].notes.append(remark) }
  }

  /// Something that a reader of the cell at `place` must know.
  mutating func note(_ place: Int, _ words: String) { cells[place].notes.append(words) }

  /// The cell at `place` has failed for `reason`.
  mutating func fail(_ place: Int, _ reason: String) { cells[place].failure = reason }

  /// Takes sample `index` out of all cells because the machine was disturbed for `reason`; the places of the cells
  /// that had it.
  mutating func drop(_ index: Int, for reason: String) -> [Int] {
    let places = cells.indices.filter { cells[$0].samples.contains { $0.index == index } }
    for place in places {
      cells[place].samples.removeAll { $0.index == index }
      cells[place].dropped.append(DroppedSample(index: index, reason: reason))
      latencies[place][index] = nil
      summarize(place)
    }
    return places
  }

  /// Notes at sample `index` of all cells that the machine was disturbed for `reason`; the places of the cells that
  /// have it.
  mutating func note(_ index: Int, disturbed reason: String) -> [Int] {
    cells.indices.filter { place in
      guard let sample = cells[place].samples.firstIndex(where: { $0.index == index }) else { return false }
      cells[place].samples[sample].disturbance = reason
      return true
    }
  }

  private mutating func summarize(_ place: Int) {
    var all = LatencyHistogram()
    for latency in latencies[place].values { all.merge(latency) }
    cells[place].latency = all.summary
    cells[place].latencyBins = all.list
    let node = columns[place].node ?? row.node
    cells[place].notes = known[place] + BenchCell.notes(of: cells[place].samples, in: row.workload, on: node)
  }

  /// What the column at `place` comes to against the baseline so far; nil for the baseline itself and for references.
  func comparison(of place: Int) -> Comparison? {
    guard let base = columns.firstIndex(where: { $0.role == .compared }), base != place,
      !columns[place].isReference
    else { return nil }
    let control = columns[place].role == .compared ? columns.firstIndex { $0.role == .control } : nil
    return Comparison(
      base: cells[base], control: control.map { cells[$0] }, other: cells[place], metric: row.workload.metric,
      settings: settings)
  }

  /// Whether the interval of every comparison is narrower than asked for. The width decides, never the verdict: going
  /// on until a difference shows would find one in noise.
  var isPrecise: Bool {
    columns.indices.compactMap { comparison(of: $0) }.allSatisfy { ($0.width ?? .infinity) <= settings.precision }
  }
}
