// Reports of round figures, compared in full with the goldens in Fixtures/reports.

import Foundation
import Testing

@testable import Harness

@Suite struct ReportGoldenTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Fixtures/reports")

  private static let published = [
    try! PublishedFigures(
      text: """
        published: example
        title: Somebody's series
        suite: wide
        source: https://example.org/series
        unit: thousand I/Os per second
        figures:
          "file read depth 1": {legacy: 10, multithread: 25}
        """, file: "example.yaml")
  ]

  /// Compares `text` with the golden `name`; with RECORD_GOLDENS=1 in the environment it is written instead.
  private func compare(_ text: String, _ name: String) throws {
    let file = Self.folder.appendingPathComponent(name)
    if ProcessInfo.processInfo.environment["RECORD_GOLDENS"] == "1" {
      try text.write(to: file, atomically: true, encoding: .utf8)
    }
    let golden = try String(contentsOf: file, encoding: .utf8)
    #expect(text == golden, "\(name) differs; RECORD_GOLDENS=1 swift test writes it anew")
  }

  @Test(arguments: ReportFormat.allCases.filter { $0 != .html })
  func aSmallRun(_ format: ReportFormat) throws {
    try compare(format.text(of: [StoredRunFixture.run]), "small.\(format.rawValue)")
  }

  @Test(arguments: [ReportFormat.table, .markdown, .commit, .junit, .benchstat])
  func aRunWithEverything(_ format: ReportFormat) throws {
    try compare(
      format.text(of: [WideRunFixture.run], options: ReportOptions(published: Self.published)),
      "wide.\(format.rawValue)")
  }

  @Test func aHistory() throws {
    var runs: [StoredRun] = []
    for (number, factor) in [1.0, 1.1, 0.9].enumerated() {
      var run = StoredRunFixture.run
      run.started = "2026-01-2\(number + 1)T17:59:00Z"
      for cell in run.cells.indices {
        for sample in run.cells[cell].samples.indices { run.cells[cell].samples[sample].value *= factor }
      }
      runs.append(run)
    }
    // On another machine it is another history.
    var elsewhere = StoredRunFixture.run
    elsewhere.machine.cpu = "Slow CPU"
    try compare(HistoryReport(runs: runs + [elsewhere]).text, "history.table")
  }

  @Test func widths() {
    for run in [StoredRunFixture.run, WideRunFixture.run] {
      let options = ReportOptions(published: Self.published)
      for line in ReportFormat.table.text(of: [run], options: options).split(separator: "\n") {
        #expect(line.count <= 100, "\(line)")
      }
      for line in ReportFormat.commit.text(of: [run], options: options).split(separator: "\n") {
        #expect(line.count <= 72, "\(line)")
      }
    }
  }

  @Test func publishedFiguresAreNeverShownAsSuch() throws {
    let figures = Self.published[0]
    #expect(figures.ratio(node: .file, workload: "read depth 1", mode: .multithread, to: .legacy) == 2.5)
    #expect(figures.ratio(node: .null, workload: "read depth 1", mode: .multithread, to: .legacy) == nil)
    let text = ReportFormat.markdown.text(of: [WideRunFixture.run], options: ReportOptions(published: Self.published))
    #expect(text.contains("+150"))
    #expect(text.contains("other people's machines"))
  }

  @Test(arguments: [
    "published: x\ntitle: t\nsuite: s\nsource: u\nunit: k\nfigures:\n  a: {fast: 1}",
    "published: x\ntitle: t\nsuite: s\nsource: u\nunit: k\nfigures:\n  a: {legacy: 0}",
    "published: x\ntitle: t\nsuite: s\nunit: k\nfigures: {}",
  ])
  func aFileOfPublishedFiguresThatMakesNoSense(_ text: String) {
    #expect(throws: FileError.self) { try PublishedFigures(text: text, file: "x.yaml") }
  }

  @Test func theFilesOfPublishedFiguresFitTheirSuites() throws {
    let scenarios = Self.folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("scenarios").path
    let all = try PublishedFigures.all(in: scenarios + "/published")
    #expect(all.count >= 2)
    for figures in all {
      let suite = try Harness.Suite.named(figures.suite, in: scenarios + "/suites")
      let first = try #require(suite.workloads.first).name
      let mode = try #require(
        Mode.allCases.first { figures.ratio(node: suite.nodes[0], workload: first, mode: $0, to: .legacy) != nil })
      for node in suite.nodes {
        for workload in suite.workloads {
          #expect(
            figures.ratio(node: node, workload: workload.name, mode: mode, to: .legacy) != nil,
            "\(figures.name): \(node.rawValue) \(workload.name)")
        }
      }
    }
  }

  @Test func aGateAsJUnit() throws {
    let before = WideRunFixture.run
    var after = before
    for cell in after.cells.indices where after.cells[cell].column == "io_uring" {
      for sample in after.cells[cell].samples.indices { after.cells[cell].samples[sample].value *= 0.8 }
    }
    after.cells[2].failure = "sample 1: <no> \"start\""
    let rows = TwoSideComparison.runs(before, after, effect: 0.05)
    try compare(GateJUnitReport.text(GateResult(baseline: before.id, limit: 0.05, rows: rows)), "gate.junit")
  }

  @Test func sparks() {
    #expect(HistoryReport.spark([1, 2, 4, 8]) == "▁▂▄█" || HistoryReport.spark([1, 2, 4, 8]) == "▂▃▅█")
    #expect(HistoryReport.spark([]) == "")
    #expect(HistoryReport.spark([0, 0]) == "")
  }
}
