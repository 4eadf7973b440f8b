// `fusebench trace`: where a request's time goes, seen from the kernel, for any subject.

import ArgumentParser
import Foundation
import Harness

/// `fusebench trace`.
struct TraceCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Where a request's time goes: waiting to be read, served, at the disk, waking, answering.",
    discussion: """
      Serves a node in each mode, loads it with fio and records the kernel's tracepoints in an instance of tracefs of
      its own: the subject needs to know nothing of it. Needs root and trace-cmd; see docs/trace.md.
      A load is made of knobs, as suites have them: --set depth=1 --set engine=pvsync2 --set operation=write.
      Without --set: random reads of 4 KiB by libaio at depth 16 on a direct file.
      """)

  @OptionGroup var harness: HarnessOptions
  @Option(name: .customLong("set"), help: "A knob of the load or the export, as KNOB=VALUE (may be repeated).")
  var knobs: [String] = []
  @Option(help: "The node: file or null.") var node: NodeKind = .file
  @Option(help: "Bytes of the node.") var size = "256M"
  @Option(help: "Seconds that are recorded; each takes some 100 MB.") var seconds = 0.1
  @Option(help: "The slowest requests to show of each mode.") var slowest = 5
  @Option(help: "Write the picture of the modes beside each other to this file, as SVG.") var plot: String?
  @Option(help: "Write the figures to this file, as JSON.") var json: String?
  @Option(help: "Keep each mode's recording as PREFIX-MODE.dat, which trace-cmd and kernelshark read.")
  var keep: String?
  @Option(help: "Trace reads of this image, as it is, in place of one made for this run.") var image: String?

  func validate() throws {
    guard seconds >= 0.01, seconds <= 5 else { throw ValidationError("--seconds must be between 0.01 and 5") }
    guard slowest >= 0, slowest <= 1000 else { throw ValidationError("--slowest must be between 0 and 1000") }
  }

  func run() async throws {
    try await orCouldNotRun {
      for file in [plot, json] { try OutputFile.check(file) }
      let subject = try harness.loadSubject()
      let row = try TraceRow.row(node: node, knobs: knobs)
      guard let bytes = ByteSize.parse(size), bytes >= 1 << 20 else {
        throw ValidationError("--size must be a size of 1M or more, such as 256M")
      }
      if let fault = row.fault(size: bytes) { throw ValidationError(fault) }
      try await harness.prepared {
        try await StartCheck.run(subject)
        let workspace = try Workspace(label: "trace-image")
        defer { workspace.remove() }
        let file = image ?? workspace.file("disk.img")
        if image == nil, node == .file { try BenchImage.make(at: file, size: bytes) }
        let request = TraceRequest(
          row: row, subject: subject, image: file, size: bytes, seconds: seconds, slowest: slowest, keep: keep)
        try await trace(request, subject)
      }
    }
  }

  private func trace(_ request: TraceRequest, _ subject: Subject) async throws {
    let recorder = TraceRecorder(request)
    var breakdowns: [TraceBreakdown] = []
    for mode in harness.wantedModes {
      guard subject.modes.contains(mode) else {
        print("\(mode.rawValue): skipped: subject '\(subject.name)' has no such mode")
        continue
      }
      if mode == .ioUring, EnableUring.state != true {
        print("\(mode.rawValue): skipped: \(EnableUring.parameter) is off or missing")
        continue
      }
      breakdowns.append(try await recorder.record(mode))
    }
    guard !breakdowns.isEmpty else { throw ValidationError("no mode is left to trace") }
    let title = "\(subject.name), \(node.rawValue), \(request.row.workload.name)"
    let report = TraceReport(title: title, breakdowns: breakdowns)
    for line in report.lines { print(line) }
    if let json { try OutputFile.write(Array(report.json), to: json) }
    if let plot {
      guard let drawing = await report.picture() else {
        throw FileError(file: plot, message: "gnuplot did not draw it; is it installed?")
      }
      try OutputFile.write(drawing, to: plot)
    }
  }
}
