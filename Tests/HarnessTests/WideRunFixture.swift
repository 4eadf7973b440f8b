// A stored run with everything a report can be asked to show: all metrics, references, a control, dropped samples,
// names that would break a careless report.

@testable import Harness

enum WideRunFixture {
  /// Text that closes tags, tables, strings and elements of every format, were it not escaped.
  static let hostile = "</script><b onclick=\"x\">|`touch x`' & \"$HOME"

  static let columns = [
    Column.raw,
    Column(
      name: "null", kind: .export, role: .reference, mode: .legacy, subject: "fusebench", threads: 0, node: .null),
    Column(name: "legacy", kind: .export, mode: .legacy, subject: "fusebench", version: "1.0", threads: 0),
    Column(
      name: "legacy again", kind: .export, role: .control, mode: .legacy, subject: "fusebench", threads: 0),
    Column(name: "multithread", kind: .export, mode: .multithread, subject: "fusebench", threads: 2),
    Column(name: "io_uring", kind: .export, mode: .ioUring, subject: "fusebench", threads: 2),
  ]

  static let rows: [Row] =
    [1, 4, 16, 64].map { depth in
      Row(
        node: .file,
        workload: Workload(name: "read depth \(depth)", pattern: .rand, engine: .libaio, depth: depth))
    } + [
      Row(node: .file, workload: Workload(name: "stat", operation: .stat)),
      Row(node: .null, workload: Workload(name: "start", operation: .start)),
      Row(node: .null, workload: Workload(name: "idle", operation: .idle)),
    ]

  static var run: StoredRun {
    let plan = BenchPlan(
      suite: "wide", title: "Everything at once", rows: rows, columns: columns,
      settings: BenchSettings(budget: .full, size: 1 << 30, seed: 7))
    var run = StoredRun(
      id: "20260201T080000Z-wide", plan: plan, started: "2026-02-01T08:00:00Z",
      command: ["fusebench", "bench", "--suite", "wide"], machine: StoredRunFixture.machine)
    run.build = .release
    run.finished = "2026-02-01T08:10:00Z"
    run.notes = ["the page cache was in play"]
    run.integrity = [.init(column: "multithread", failure: nil)]
    for row in rows {
      for column in columns where column.hasCell(in: row) { run.put(cell(row, column)) }
    }
    return run
  }

  /// The same run with every text that comes from a file turned hostile.
  static var hostileRun: StoredRun {
    var run = run
    let old = run.rows[0].workload.name
    run.rows[0].workload.name = hostile
    run.columns[4].name = hostile
    for index in run.cells.indices {
      if run.cells[index].workload == old { run.cells[index].workload = hostile }
      if run.cells[index].column == "multithread" { run.cells[index].column = hostile }
      run.cells[index].fioCommand = hostile
    }
    run.title = hostile
    run.machine.cpu = hostile
    run.machine.fuseParameters = [hostile: hostile]
    run.command = [hostile]
    run.notes = [hostile]
    run.cells[0].failure = hostile
    return run
  }

  /// What the columns make of a row of 100 units: round numbers with a known spread of a few thousandths.
  private static let strength = [
    "raw": 2.0, "null": 3, "legacy": 1, "legacy again": 1, "multithread": 1.3, "io_uring": 0.8,
  ]
  private static let wobble = [0.0, 0.004, -0.003, 0.002, -0.004, 0.001, 0.003, -0.002]

  private static func cell(_ row: Row, _ column: Column) -> BenchCell {
    var cell = BenchCell(node: row.node, workload: row.workload.name, column: column.name)
    let metric = row.workload.metric
    let units: [Metric: Double] = [.rate: 10_000, .latency: 20_000, .time: 0.05, .memory: 16_777_216]
    let unit = units[metric] ?? 1
    let factor = strength[column.name] ?? 1
    let base = unit * Double(row.workload.depth).squareRoot()
    cell.samples = wobble.enumerated().map { index, wobble in
      // Columns wobble in turn, so that the control differs from its twin by noise and nothing else.
      let shift = Self.wobble[(index + column.name.count) % Self.wobble.count]
      let rate = base * factor * (1 + wobble + shift)
      let value = metric.moreIsBetter ? rate : base / factor * (1 + wobble + shift)
      return Sample(
        index: index, seed: 7, value: value,
        io: metric == .rate ? load(rate) : nil,
        server: column.kind == .raw || metric == .time || metric == .memory ? nil : StoredRunFixture.server,
        fioOutput: metric == .rate ? "fio/x-\(index).json" : nil)
    }
    if metric == .rate || metric == .latency {
      cell.latencyBins = (1...40).map {
        let nanoseconds = Double($0 * $0 * 400) / factor
        return LatencyBin(nanoseconds: UInt64(nanoseconds) + 5000, count: UInt64(100 * (41 - $0)))
      }
      cell.latency =
        LatencyHistogram(
          bins: Dictionary(uniqueKeysWithValues: cell.latencyBins.map { ($0.nanoseconds, $0.count) }),
          longest: 900_000
        ).summary
    }
    if column.kind == .export {
      cell.proof = .proven
      cell.exportCommand = "fusebench export --export type=fuse,id=exp0"
    }
    cell.fioCommand = metric == .rate ? "fio --name=x --rw=randread" : ""
    if row.workload.name == "stat", column.name == "io_uring" {
      cell.dropped = [DroppedSample(index: 3, reason: "steal 7 %")]
    }
    return cell
  }

  private static func load(_ rate: Double) -> LoadFigures {
    StoredRunFixture.cell(.file, "x", "legacy", [rate]).samples[0].io!
  }
}
