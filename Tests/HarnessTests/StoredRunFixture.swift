// A small stored run with round figures, for the tests of store and reports.

import Foundation

@testable import Harness

enum StoredRunFixture {
  static let machine = MachineProfile(
    kernel: "6.18.44", system: "Debian GNU/Linux 12 (bookworm)", cpu: "Fast CPU", cpusOnline: 2,
    cpusPossible: 4, governor: nil, virtual: true, memory: 24 << 30, fio: "fio-3.33",
    fuseParameters: ["enable_uring": "Y", "max_user_bgreq": "1000"],
    sysctls: ["fs.fuse.max_pages_limit": "256"],
    imageFileSystem: "ext4", load: [0.5, 0.25, 0.1])

  static let suite = Harness.Suite(
    name: "transport", title: "4 KiB reads and writes", nodes: [.file, .null], fullSize: 1 << 30,
    quickSize: 256 << 20,
    workloads: [
      Workload(name: "read rand aio ×1", pattern: .rand, engine: .libaio, depth: 16),
      Workload(name: "write rand sync ×4", operation: .write, pattern: .rand, jobs: 4),
    ])

  static let columns = [Column.raw] + exports

  private static let exports = [Mode.legacy, .multithread, .ioUring].map {
    Column(name: $0.rawValue, kind: .export, mode: $0, subject: "fusebench", threads: $0 == .legacy ? 0 : 2)
  }

  static var plan: BenchPlan {
    var settings = BenchSettings(budget: .quick, size: 256 << 20, seed: 7)
    (settings.samples, settings.maxSamples, settings.precision) = (3, 3, 0.05)
    (settings.runtime, settings.ramp) = (0.5, 0.2)
    return BenchPlan(suite: suite, nodes: [.file, .null], columns: columns, settings: settings)
  }

  /// A run whose cells hold the given rates; a cell that is not given was not reached.
  static var run: StoredRun {
    var run = StoredRun(
      id: "20260131T175900Z-transport", plan: plan, started: "2026-01-31T17:59:00Z",
      command: ["fusebench", "bench", "--suite", "transport"], machine: machine)
    run.build = .release
    let read = "read rand aio ×1"
    let write = "write rand sync ×4"
    run.put(cell(.file, read, "raw", [200_000, 202_000, 204_000]))
    run.put(cell(.file, read, "legacy", [100_000, 101_000, 102_000]))
    run.put(cell(.file, read, "multithread", [150_000, 151_500, 153_000]))
    run.put(cell(.file, read, "io_uring", [90_900, 90_900, 90_900]))
    run.put(cell(.file, write, "raw", [20_000, 20_000, 20_000]))
    run.put(cell(.file, write, "legacy", [10_000, 12_000, 14_000]))
    var failed = cell(.file, write, "multithread", [99_000])
    failed.failure = "sample 2: transport: unused under parallel load: device.1"
    run.put(failed)
    run.put(cell(.null, read, "legacy", [300_000, 300_000, 300_000]))
    run.put(cell(.null, read, "io_uring", [600_000, 612_000, 624_000]))
    return run
  }

  static func cell(_ node: NodeKind, _ workload: String, _ column: String, _ rates: [Double]) -> BenchCell {
    var cell = BenchCell(node: node, workload: workload, column: column)
    cell.samples = rates.enumerated().map { sample($0.offset, $0.element, isExport: column != "raw") }
    cell.latency = LatencySummary(p50: 97_800, p99: 180_000, p999: 2_244_608, max: 2_245_316)
    cell.fioCommand = "fio --name=x"
    if column != "raw" {
      cell.proof = .proven
      cell.exportCommand = "fusebench export"
    }
    return cell
  }

  static let server = ServerCost(
    source: .statistics, userMicros: 2, systemMicros: 4.5, switches: 0.25, peakResident: 12_582_912,
    maxInFlight: 16, channels: ["device.0": 100, "queue.1": 50])

  private static func sample(_ index: Int, _ rate: Double, isExport: Bool) -> Sample {
    var server: ServerCost?
    if isExport {
      server = Self.server
    }
    return Sample(
      index: index, seed: 7, iops: rate, bandwidth: rate * 4096, server: server,
      fioOutput: "fio/x-\(index).json")
  }
}

extension Sample {
  /// A sample of reads with nothing but the figures given.
  init(index: Int, seed: UInt64, iops: Double, bandwidth: Double, server: ServerCost?, fioOutput: String) {
    let json = """
      {"fio version": "fio-3.33", "jobs": [{"error": 0, "job_runtime": 1000, "usr_cpu": 10, "sys_cpu": 20,
        "read": {"iops": \(iops), "bw_bytes": \(Int(bandwidth)), "total_ios": 100000, "short_ios": 0, "runtime": 1000,
                 "lat_ns": {"max": 200, "bins": {"100": 99, "200": 1}}},
        "write": {"iops": 0, "bw_bytes": 0, "total_ios": 0, "short_ios": 0, "runtime": 0, "lat_ns": {"max": 0}}}]}
      """
    // The text above is a constant of this file but for its numbers.
    let report = try! FioReport(json: Data(json.utf8))
    self.init(
      index: index, seed: seed, value: report.rate, io: LoadFigures(report), server: server, host: nil,
      fioOutput: fioOutput)
  }
}

extension Harness.Suite {
  /// A suite with the rows of `workloads`, which no file describes.
  init(name: String, title: String, nodes: [NodeKind], fullSize: Int64, quickSize: Int64, workloads: [Workload]) {
    self.init(
      name: name, title: title, nodes: nodes, fullSize: fullSize, quickSize: quickSize,
      rows: workloads.map { SuiteRow(workload: $0) })
  }

  var workloads: [Workload] { rows.map(\.workload) }

  func workloads(for budget: Budget) -> [Workload] {
    rows.filter { budget == .full || $0.workload.quick }.map(\.workload)
  }
}
