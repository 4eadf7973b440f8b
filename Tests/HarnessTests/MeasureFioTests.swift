// fio's command line and fio's JSON; the JSON is what fio 3.33 really wrote.

import Foundation
import Testing

@testable import Harness

/// What fio wrote in `Fixtures/fio/NAME.json`.
private func fixture(_ name: String) throws -> Data {
  let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  return try Data(contentsOf: folder.appendingPathComponent("Fixtures/fio/\(name).json"))
}

private func job(
  _ workload: Workload = Workload(name: "row"), runtime: Double = 0.04
) -> FioJob {
  FioJob(
    workload: workload, path: "/mnt/export", size: 1 << 30, runtime: runtime, ramp: 0.2, seed: 77,
    output: "out.json")
}

@Suite struct MeasureFioReportTests {
  @Test func oneDirection() throws {
    let report = try FioReport(json: fixture("read-sync"))
    #expect(report.version == "fio-3.33")
    #expect(report.readRate == 18024.390244)
    #expect(report.writeRate == 0)
    #expect(report.rate == 18024.390244)
    #expect(report.operations == 739)
    #expect(report.seconds == 0.041)
    #expect(report.bandwidth == 73_827_902)
    // 55 % of 40 ms of one job.
    #expect(abs(report.systemSeconds - 0.022) < 1e-12)
    #expect(report.userSeconds == 0)
    #expect(report.fault(of: job()) == nil)
  }

  @Test func percentilesAgreeWithFiosOwn() throws {
    let latency = try FioReport(json: fixture("read-sync")).latency
    #expect(latency.percentile(0.5) == 72192)
    #expect(latency.percentile(0.99) == 127_488)
    #expect(latency.percentile(0.999) == 156_672)
    #expect(latency.longest == 157_033)
  }

  @Test func bothDirectionsOfTwoJobs() throws {
    let report = try FioReport(json: fixture("mixed-two-jobs"))
    #expect(report.readRate == 41902.439024)
    #expect(report.writeRate == 16829.268293)
    #expect(report.operations == 1718 + 690)
    #expect(report.bandwidth == 172_131_902 + 69_032_585)
    #expect(report.latency.longest == 1_167_487)
    // 3.75 % and 31.25 % of twice 40 ms.
    #expect(abs(report.userSeconds - 0.003) < 1e-12)
    #expect(abs(report.systemSeconds - 0.025) < 1e-12)
    // Merged: between the reads' median (121 µs) and the writes' (179 µs).
    let p50 = try #require(report.latency.percentile(0.5))
    #expect(p50 > 121_344 && p50 < 179_200)
    #expect(report.fault(of: job()) == nil)
  }

  @Test func complaintsBeforeTheJSONAreSkipped() throws {
    let json = try fixture("missing-file")
    #expect(json.starts(with: Data("fio: ".utf8)))
    let report = try FioReport(json: json)
    #expect(report.error == 2)
    #expect(report.fault(of: job()) == "fio: No such file or directory (errno 2)")
  }

  @Test func aShortRunIsNoSample() throws {
    let report = try FioReport(json: fixture("read-sync"))
    #expect(report.fault(of: job(runtime: 0.5)) == "fio measured 0.041 s instead of 0.5 s")
  }

  @Test func shortOperationsAreNoSample() throws {
    let text = String(decoding: try fixture("read-sync"), as: UTF8.self)
    let report = try FioReport(
      json: Data(text.replacing("\"short_ios\" : 0", with: "\"short_ios\" : 3").utf8))
    #expect(report.fault(of: job())?.contains("short I/Os") == true)
  }

  @Test func outputThatWasCutOff() throws {
    let error = #expect(throws: FioError.self) { try FioReport(json: fixture("read-sync").prefix(3000)) }
    #expect(error?.description == "fio's JSON is not as expected: it was cut off")
  }

  @Test func noJSONAtAll() {
    let error = #expect(throws: FioError.self) { try FioReport(json: Data("fio: {no} such engine\n".utf8)) }
    #expect(error?.description == "fio wrote no JSON")
  }

  @Test func aFigureThatIsMissing() throws {
    let text = String(decoding: try fixture("read-sync"), as: UTF8.self)
    let error = #expect(throws: FioError.self) {
      try FioReport(json: Data(text.replacing("\"total_ios\"", with: "\"other\"").utf8))
    }
    #expect(error?.description == "fio's JSON is not as expected: 'total_ios' is missing")
  }
}

@Suite struct MeasureFioJobTests {
  @Test func everyJobIsDirectTimedAndSeeded() {
    let words = job(runtime: 0.5).arguments
    for word in [
      "--filename=/mnt/export", "--direct=1", "--time_based", "--runtime=500ms", "--ramp_time=200ms",
      "--group_reporting", "--end_fsync=0", "--randrepeat=0", "--randseed=77", "--output-format=json+",
      "--output=out.json", "--allow_file_create=0", "--size=1073741824", "--bs=4096",
    ] {
      #expect(words.contains(word))
    }
  }

  @Test(arguments: [
    (Workload.Operation.read, Workload.Pattern.seq, "--rw=read"), (.read, .rand, "--rw=randread"),
    (.write, .seq, "--rw=write"), (.write, .rand, "--rw=randwrite"), (.mixed, .seq, "--rw=rw"),
    (.mixed, .rand, "--rw=randrw"),
  ])
  func operationAndPattern(_ operation: Workload.Operation, _ pattern: Workload.Pattern, _ word: String) {
    let words = job(Workload(name: "row", operation: operation, pattern: pattern)).arguments
    #expect(words.contains(word))
    #expect(words.contains("--readonly") == (operation == .read))
    #expect(words.contains("--rwmixread=70") == (operation == .mixed))
  }

  @Test func depthJobsAndEngine() {
    let words = job(Workload(name: "row", engine: .libaio, depth: 16, jobs: 4)).arguments
    #expect(words.contains("--ioengine=libaio"))
    #expect(words.contains("--iodepth=16"))
    #expect(words.contains("--numjobs=4"))
  }

  /// Whatever stands in fio's file, it is a sample that does not count and never the end of the run.
  @Test(arguments: [
    "\"total_ios\": 18446744073709551615", "\"short_ios\": 18446744073709551615",
    "\"bw_bytes\": 18446744073709551615", "\"bins\": {\"100\": 18446744073709551615, \"200\": 18446744073709551615}",
    "\"total_ios\": -1", "\"total_ios\": 1e300", "\"iops\": 1e400", "\"runtime\": 1.5",
  ]) func numbersThatCannotBeDoNotEndTheRun(_ wrong: String) {
    let name = wrong.split(separator: ":")[0]
    var read: [Substring: String] = [
      "\"iops\"": "1", "\"bw_bytes\"": "1", "\"total_ios\"": "1", "\"short_ios\"": "0", "\"runtime\"": "1000",
    ]
    if name != "\"bins\"" { read[name] = String(wrong.dropFirst(name.count + 1)) }
    let bins = name == "\"bins\"" ? wrong : "\"bins\": {\"100\": 1}"
    let fields = read.map { "\($0): \($1)" }.joined(separator: ", ")
    let json = """
      {"fio version": "fio-3.33", "jobs": [{"error": 9223372036854775807, "job_runtime": 18446744073709551615,
        "usr_cpu": 1e308, "sys_cpu": 20, "read": {\(fields), "lat_ns": {"max": 200, \(bins)}},
        "write": {"iops": 0, "bw_bytes": 1, "total_ios": 1, "short_ios": 1, "runtime": 0, "lat_ns": {"max": 0}}}]}
      """
    let job = FioJob(
      workload: Workload(name: "w"), path: "/f", size: 1, runtime: 1, ramp: 0, seed: 1, output: "/o")
    let fault = (try? FioReport(json: Data(json.utf8))).map { $0.fault(of: job) ?? "" } ?? "refused"
    #expect(!fault.isEmpty)
  }
}
