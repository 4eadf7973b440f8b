// A stored run is data: its numbers are checked and never trap, and a program is compared in its own mode.

import Foundation
import Testing

@testable import Harness

@Suite struct StoredDataTests {
  private static let extremes = [
    "1e308", "-1e300", "18446744073709551615", "9223372036854775807", "-9223372036854775808", "5e-324", "1e15", "0",
    "-1", "\"NaN\"", "NaN", "1e999",
  ]

  /// Every number of a run, one at a time, through every report.
  @Test(arguments: extremes) func noNumberOfAFileTraps(_ extreme: String) throws {
    let json = String(decoding: try RunFolder.encoder().encode(StoredRunFixture.run), as: UTF8.self)
    let count = try numbers(of: json, are: extreme) { path in
      let run = try RunFolder.read(file: path)
      for format in ReportFormat.allCases { #expect(!format.text(of: [run]).isEmpty) }
      #expect(!HistoryReport(runs: [run, run]).text.isEmpty)
      #expect(!RunPlots.all(of: [run]).isEmpty)
    }
    #expect(count > 20)
  }

  /// The same for the numbers of a check.
  @Test(arguments: extremes) func noNumberOfACheckTraps(_ extreme: String) throws {
    var check = StoredCheck(try JudgedCellFixture().everyVerdict(), id: "x")
    check.seed = 7
    check.catalogue = ["legacy": 3]
    check.rates = [.init(scenario: "fails", mode: .legacy, failed: 1, of: 2)]
    let count = try numbers(of: try check.json, are: extreme) { path in
      let read = try StoredCheck.read(path)
      for format in StoredCheckFormat.allCases { #expect(try !format.text(of: read).isEmpty) }
      #expect(!StoredCheckReport.history([read, read]).isEmpty)
    }
    #expect(count > 8)
  }

  /// Puts `extreme` in the place of the first number of each name in `json`, one at a time: `show` shows the file, or
  /// its reader refuses it in one line that names it; never a trap. Returns how many there were.
  private func numbers(of json: String, are extreme: String, _ show: (String) throws -> Void) throws -> Int {
    let path = NSTemporaryDirectory() + "numbers-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let lines = json.split(separator: "\n", omittingEmptySubsequences: false)
    var seen: Set<Substring> = []
    for (place, line) in lines.enumerated() {
      guard let parts = line.wholeMatch(of: #/(\s*"[^"]+" : )-?[0-9.eE+]+(,?)/#), seen.insert(parts.1).inserted else {
        continue
      }
      var changed = lines
      changed[place] = "\(parts.1)\(extreme)\(parts.2)"
      try OutputFile.write(changed.joined(separator: "\n"), to: path)
      do {
        try show(path)
      } catch let error as StoreError {
        #expect(error.description.hasPrefix(path + ": "))
        #expect(!error.description.contains("\n"))
      }
    }
    return seen.count
  }

  /// What was measured a moment ago went through no reader: whatever a sample holds, a report is made of it.
  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e308, -1e308, .leastNonzeroMagnitude, -1, 0])
  func noSampleTraps(_ value: Double) {
    var run = StoredRunFixture.run
    for cell in run.cells.indices {
      for sample in run.cells[cell].samples.indices where sample != 1 { run.cells[cell].samples[sample].value = value }
    }
    for format in ReportFormat.allCases { #expect(!format.text(of: [run]).isEmpty) }
    #expect(!HistoryReport(runs: [run, run]).text.isEmpty)
    _ = RunPlots.all(of: [run])
  }

  // MARK: A regression in one mode

  /// A second build that is 44 % slower in multithread. Both modes of it are as fast as the first one's legacy, which a
  /// comparison with that would call the same.
  private static var regressed: StoredRun {
    var run = StoredRunFixture.run
    let load = run.rows[0].workload.name
    run.rows = [run.rows[0]]
    run.cells = []
    run.columns = []
    run.settings.samples = 8
    for (program, rates) in [("before", [100_000.0, 180_000]), ("after", [100_000.0, 101_000])] {
      for (mode, rate) in zip([Mode.legacy, .multithread], rates) {
        let name = "\(program) \(mode)"
        run.columns.append(Column(name: name, kind: .export, mode: mode, subject: "fusebench", program: "/\(program)"))
        run.put(StoredRunFixture.cell(.file, load, name, (0..<8).map { rate + Double($0) * 10 }))
      }
    }
    return run
  }

  @Test(arguments: [ReportFormat.table, .markdown, .commit, .html, .junit, .json])
  func aRegressionInOneModeIsSeen(_ format: ReportFormat) throws {
    let run = Self.regressed
    let comparison = try #require(
      RunComparisons(run).of(node: .file, workload: run.rows[0].workload.name, column: "after multithread"))
    #expect(comparison.base == "before multithread" && comparison.verdict == .slower)
    #expect(abs(comparison.ratio - 0.561) < 0.001)
    let text = format.text(of: [run])
    #expect(text.contains(format == .json ? "0.561" : "-44%"))
    #expect(text.contains("before multithread"))
    #expect(format == .json ? text.contains("\"verdict\" : \"slower\"") : true)
    if [.table, .markdown, .html, .junit].contains(format) { #expect(text.contains("slower")) }
    // The mode that is the same is not called slower with it.
    let legacy = RunComparisons(run).of(node: .file, workload: run.rows[0].workload.name, column: "after legacy")
    #expect(legacy?.base == "before legacy" && legacy?.verdict != .slower)
  }

  /// The same build, measured in a run of its own: a gate fails for that mode alone.
  @Test func aRegressionBetweenTwoRunsFailsItsModeAlone() {
    func alone(_ program: String) -> StoredRun {
      var run = Self.regressed
      run.id = program
      run.columns = run.columns.filter { $0.name.hasPrefix(program) }
      run.cells = run.cells.filter { $0.column.hasPrefix(program) }
      for place in run.columns.indices { run.columns[place].name = run.columns[place].mode!.rawValue }
      for place in run.cells.indices {
        run.cells[place].column = String(run.cells[place].column.split(separator: " ")[1])
      }
      return run
    }
    let rows = TwoSideComparison.runs(alone("before"), alone("after"), effect: 0.05)
    let result = GateResult(baseline: "before", limit: 0.05, rows: rows)
    let report = ComparisonReport.text(result, heading: "after against before")
    #expect(report.contains("-44%") && report.contains("slower"))
    let junit = GateJUnitReport.text(result)
    #expect(junit.ranges(of: "<failure ").count == 1 && junit.contains("classname=\"gate.multithread\""))
  }
}
