// Loads beside fio's reads and writes, lifecycles, memory, and the check of data: parts, and a real export.

import Foundation
import Testing

@testable import Harness

private let canMeasure = Machine.cannotMount == nil && Programs.find("fio") != nil
private let lacking: Comment = "needs FUSE mounts and fio"

@Suite struct MeasureLoadPartTests {
  @Test func binsAreAsFineAsFios() throws {
    var latency = LatencyHistogram()
    for value: UInt64 in [0, 5, 127, 128, 129, 1000, 1_000_000] { latency.add(value) }
    #expect(latency.count == 7)
    #expect(latency.longest == 1_000_000)
    #expect(latency.list.map(\.nanoseconds) == [0, 5, 127, 129, 1004, 1_003_520].sorted())
    #expect(latency.list.first { $0.nanoseconds == 129 }?.count == 2)
    for bin in latency.list.map(\.nanoseconds) where bin > 200 {
      var one = LatencyHistogram()
      one.add(bin)
      #expect(one.list.map(\.nanoseconds) == [bin], "the middle of a bin belongs to it")
    }
  }

  @Test func questionsForAttributesAreCounted() throws {
    let report = try StatxLoad(path: "/proc/self/exe", seconds: 0.02, ramp: 0).run()
    #expect(report.operations > 0)
    #expect(report.seconds >= 0.02)
    #expect(try JSONDecoder().decode(StatReport.self, from: report.json) == report)
    #expect(LoadFigures(report).latency == report.latency.summary)
    #expect(throws: FileError.self) { try StatxLoad(path: "/nosuch", seconds: 0.01, ramp: 0).run() }
  }

  @Test func depthsAndFlushesOfFio() throws {
    let json = """
      {"fio version": "fio-3.33", "jobs": [{"error": 0, "job_runtime": 10, "usr_cpu": 0, "sys_cpu": 0,
       "read": {"iops": 0, "bw_bytes": 0, "total_ios": 0, "short_ios": 0, "runtime": 0, "lat_ns": {"max": 0}},
       "write": {"iops": 9, "bw_bytes": 9, "total_ios": 9, "short_ios": 0, "runtime": 10,
                 "lat_ns": {"max": 5, "bins": {"5": 9}}},
       "sync": {"total_ios": 0, "lat_ns": {"max": 70, "bins": {"70": 9}}},
       "iodepth_level": {"1": 20, "2": 0, "4": 0, "8": 30, "16": 150, "32": 0, ">=64": 0}}]}
      """
    let report = try FioReport(json: Data(json.utf8))
    #expect(abs((report.share(atDepth: 16) ?? 0) - 0.75) < 1e-9)
    #expect(abs((report.share(atDepth: 12) ?? 0) - 0.9) < 1e-9)
    #expect(abs((report.share(atDepth: 1) ?? 0) - 1) < 1e-9)
    #expect(report.share(atDepth: 200) == 0)
    #expect(report.latency(of: .write).longest == 5)
    #expect(report.latency(of: .fsync).longest == 70)
  }

  @Test func optionsOfFioStandLast() {
    let workload = Workload(name: "row", operation: .fsync, fioOptions: ["thinktime": "5", "nice": ""])
    let job = FioJob(
      workload: workload, path: "/mnt/export", size: 1, runtime: 1, ramp: 0, seed: 1, output: "out.json")
    #expect(job.arguments.suffix(3) == ["--fdatasync=1", "--nice", "--thinktime=5"])
  }

  @Test func aComplaintAboutABlockIsOneLine() {
    func words(_ output: String) -> String {
      IntegrityCheck.words(
        Finished(
          status: .exited(2), outputBytes: ByteText(output), outputLength: Int64(output.utf8.count), errorBytes: "",
          expired: false, seconds: 1))
    }
    #expect(
      words("verify: bad header offset 7, wanted 9 at file /a/b offset 9, length 4096 (requested block: …)\nmore\n")
        == "data were not kept: bad header offset 7, wanted 9")
    #expect(words("fio: no such engine\n") == "fio (exit 2): fio: no such engine")
    #expect(words("") == "fio (exit 2): it says nothing")
  }
}

@Suite(.serialized) struct MeasureLoadTests {
  private func run(_ workloads: [Workload], subject: Subject? = nil, samples: Int = 1) async throws -> StoredRun {
    let results = NSTemporaryDirectory() + "fusebench-load-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: results) }
    let suite = Harness.Suite(
      name: "tiny", title: "all operations", nodes: [.file], fullSize: 16 << 20, quickSize: 16 << 20,
      workloads: workloads)
    var request = BenchRequest(
      .suites([suite], .quick),
      compared: [try subject ?? Subject.named("fusebench", in: scenarioFolder + "/subjects")], results: results,
      command: [])
    request.references.null = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    request.selection.modes = [.legacy]
    request.sampling.samples = samples
    request.sampling.control = false
    request.sampling.runtime = 0.2
    return try #require(try await Bench(request).run { _ in }.first?.run)
  }

  @Test(.enabled(if: canMeasure, lacking)) func everyOperationIsTaken() async throws {
    let run = try await run(
      Workload.Operation.allCases.map { Workload(name: $0.rawValue, operation: $0, engine: .libaio) })
    for cell in run.cells { #expect(cell.failure == nil, "\(cell.workload) \(cell.column): \(cell.failure ?? "")") }
    #expect(run.integrity == [.init(column: "legacy", failure: nil)])
    for operation in Workload.Operation.allCases {
      let cells = run.cells.filter { $0.workload == operation.rawValue }
      #expect(Set(cells.map(\.column)).isSuperset(of: operation.isData ? ["raw", "null", "legacy"] : ["legacy"]))
      let cell = try #require(cells.first { $0.column == "legacy" })
      let value = try #require(cell.samples.first?.value)
      #expect(cell.proof == .proven)
      switch operation.metric {
      case .rate: #expect(value == cell.samples.first?.io?.iops)
      case .latency: #expect(value == cell.latency.map { Double($0.p50) })
      case .time: #expect(value > 0)
      case .memory: #expect(value > Double(1 << 20))
      }
    }
  }

  @Test(
    .enabled(
      if: canMeasure && Programs.find("qemu-storage-daemon") != nil, "needs FUSE mounts, fio and qemu-storage-daemon"))
  func whatLosesDataIsNotMeasured() async throws {
    let version = try await Command("qemu-storage-daemon", ["--version"]).run(within: .seconds(60)).output
    let subject = try Subject.named("qemu-storage-daemon", in: scenarioFolder + "/subjects")
    let run = try await run([Workload(name: "read")], subject: subject)
    let check = try #require(run.integrity.first)
    // Version 7.2 serves several writes from one buffer.
    guard version.contains(" 7.2") else { return }
    #expect(check.failure?.hasPrefix("data were not kept: ") == true)
    let cell = try #require(run.cell(node: .file, workload: "read", column: "legacy"))
    #expect(cell.failure == check.failure.map { "integrity: \($0)" })
    #expect(cell.samples.isEmpty)
    #expect(run.cell(node: .file, workload: "read", column: "raw")?.failure == nil)
  }
}
