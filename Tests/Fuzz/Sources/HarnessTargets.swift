// The harness's side: what people write, what fio prints, what is stored, and what a step shows.

import Foundation
import Glibc

@testable import Harness

/// Where files are put for readers that take a path: memory, so that a disk does not set the pace.
private let folder: String = {
  let path = "/dev/shm/fusebench-fuzz-\(getpid())"
  mkdir(path, 0o700)
  return path
}()

/// The path of a file that holds `input`.
private func file(_ name: String, _ input: UnsafeRawBufferPointer) -> String {
  let path = "\(folder)/\(name)"
  let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
  precondition(descriptor >= 0 && write(descriptor, input.baseAddress, input.count) == input.count)
  close(descriptor)
  return path
}

@Sendable func scenario(_ input: UnsafeRawBufferPointer) { _ = try? Scenario(file: file("x.yaml", input)) }

@Sendable func suite(_ input: UnsafeRawBufferPointer) { _ = try? Suite.load(path: file("suite.yaml", input), cpus: 2) }

@Sendable func subject(_ input: UnsafeRawBufferPointer) { _ = try? Subject(file: file("subject.yaml", input)) }

/// Stored runs: bytes as they come, and a run of the fixtures with values replaced.
@Sendable func storedRun(_ input: UnsafeRawBufferPointer) {
  show(file("run.json", input))
  sampleRun.mutated(by: input).withUnsafeBytes { show(file("run.json", $0)) }
}

private let sampleRun = JSONSample("reports/small.json")

/// A stored run through every report: what is read can be shown, and no form obeys a text of the run.
private func show(_ path: String) {
  guard let run = try? RunFolder.read(file: path) else { return }
  for format in ReportFormat.allCases {
    let text = Array(format.text(of: [run]).utf8)
    precondition(!text.contains(0x1b) && !text.contains(0), "no escapes in \(format)")
    if format == .html || format == .junit { precondition(!holds(text, "<evil"), "no markup in \(format)") }
    if format == .csv {
      for place in ["\n=evil", ",=evil", ",\"=evil", "\n\"=evil"] {
        precondition(!holds(text, place), "no formula in \(format)")
      }
    }
  }
}

private func holds(_ text: [UInt8], _ needle: String) -> Bool {
  let marker: ByteText = "\u{1}"
  let found = ByteText(text).replacing(ByteText(needle), with: marker)
  return found != ByteText(text)
}

/// What fio prints: bytes as they come, and an output of the fixtures with values replaced.
@Sendable func fio(_ input: UnsafeRawBufferPointer) {
  _ = try? FioReport(json: Data(input))
  guard let report = try? FioReport(json: sampleOutput.mutated(by: input)) else { return }
  let workload = Workload(name: "", operation: .read, pattern: .rand, block: 4096, engine: .libaio, depth: 16)
  for operation in Workload.Operation.allCases { _ = report.latency(of: operation).percentile(0.99) }
  for depth in [1, 16, 64, Int.max] { _ = report.share(atDepth: depth) }
  _ = report.fault(
    of: FioJob(workload: workload, path: "/x", size: 1 << 20, runtime: 1, ramp: 0, seed: 1, output: "/x"))
}

private let sampleOutput = JSONSample("fio/mixed-two-jobs.json")

/// What a subject writes of itself: refused, or its sums can be made.
@Sendable func statistics(_ input: UnsafeRawBufferPointer) {
  for json in [Array(input), Array(sampleStatistics.mutated(by: input))] {
    guard let told = try? ExportStatistics(json: json) else { continue }
    for mode in Mode.allCases { _ = TransportProof.of(mode: mode, statistics: told, parallelLoad: true) }
    for operation in [Workload.Operation.read, .stat] {
      _ = ServerCost(told, of: Workload(name: "", operation: operation, pattern: .rand, engine: .libaio))
    }
  }
}

private let sampleStatistics = JSONSample(
  text: """
    {"version": 1, "export": "e", "transport": "io_uring", "threads": ["t0"], "queues": 2, "depth": 64, "channels": [
      {"channel": "device.0", "requests": {"READ": 1}, "bytes_read": 0, "bytes_written": 0, "errors": 0,
       "max_in_flight": 1},
      {"channel": "queue.0", "requests": {"READ": 3, "WRITE": 5}, "bytes_read": 9, "bytes_written": 9, "errors": 0,
       "max_in_flight": 1}],
     "max_in_flight": 16, "cpu_seconds": {"user": 0.1, "system": 0.2}, "peak_rss_bytes": 12345678,
     "context_switches": {"voluntary": 1, "involuntary": 2}}
    """)

/// A golden passes if and only if its bytes are the transcript's, and no filter tells equal texts apart.
@Sendable func judge(_ input: UnsafeRawBufferPointer) {
  guard let choice = input.first else { return }
  let rest = input.dropFirst()
  let middle = rest.startIndex + rest.count / 2
  let (golden, actual) = (ByteText(rest[..<middle]), ByteText(rest[middle...]))
  precondition((Difference(golden: golden, actual: actual) == nil) == (golden == actual))
  precondition(Difference(golden: golden, actual: golden) == nil)
  let filter = TranscriptFilter.allCases[Int(choice) % TranscriptFilter.allCases.count]
  let (left, right) = (filter.apply(golden), filter.apply(actual))
  precondition(golden != actual || left == right)
  precondition((Difference(golden: left, actual: right) == nil) == (left == right))
}
