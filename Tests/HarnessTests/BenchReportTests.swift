// What reports of a stored run make of its figures, and what they warn of.

import Foundation
import FoundationXML
import Testing

@testable import Harness
@testable import HarnessStatistics

@Suite struct BenchReportTests {
  @Test func figuresOfARow() throws {
    let figures = RunFigures(StoredRunFixture.run)
    #expect(figures.baseline?.name == "legacy")
    #expect(figures.sections.map(\.node) == [.file, .null])
    #expect(figures.sections[0].columns.map(\.name) == ["raw", "legacy", "multithread", "io_uring"])
    #expect(figures.sections[1].columns.map(\.name) == ["legacy", "multithread", "io_uring"])
    let row = figures.sections[0].rows[0].figures
    #expect(row[0].value?.mean == 202_000)
    #expect(row[0].change == nil)
    #expect(row[0].shares.isEmpty)
    #expect(row[0].serverMicros == nil)
    #expect(row[1].value?.deviation == 1000)
    #expect(row[1].change == nil)
    #expect(row[1].shares == ["raw": 0.5])
    #expect(abs((row[2].change ?? 0) - 0.5) < 1e-12)
    // The mean of the pairs' logarithms, which need not be the ratio of the means.
    #expect(abs((row[3].change ?? 0) + 0.1) < 1e-4)
    #expect(row[3].serverMicros == 6.5)
    #expect(row[3].switches == 0.25)
    #expect(abs((row[3].clientMicros ?? 0) - 3) < 1e-9)
  }

  @Test func aFailedCellShowsNoFigure() {
    let failed = RunFigures(StoredRunFixture.run).sections[0].rows[1].figures[2]
    #expect(failed.value == nil)
    #expect(failed.change == nil)
    #expect(failed.serverMicros == nil)
    #expect(failed.latency == nil)
    #expect(failed.failure?.hasPrefix("sample 2: transport") == true)
  }

  @Test func noBaselineNoChange() {
    var run = StoredRunFixture.run
    run.cells.removeAll { $0.column == "legacy" }
    #expect(RunFigures(run).sections[0].rows[0].figures.allSatisfy { $0.change == nil })
  }

  @Test func sectionsAreOfOneMetric() {
    let sections = RunFigures(WideRunFixture.run).sections
    #expect(sections.map(\.metric) == [.rate, .latency, .time, .memory])
    // References stand beside loads of data only.
    #expect(sections.map { $0.columns.count { $0.isReference } } == [2, 0, 0, 0])
    #expect(sections[0].rows[0].figures[2].shares.keys.sorted() == ["null", "raw"])
  }

  @Test func severalRunsAreOneDocument() throws {
    let runs = [StoredRunFixture.run, WideRunFixture.run]
    let json = try JSONSerialization.jsonObject(with: Data(ReportFormat.json.text(of: runs).utf8))
    #expect((json as? [[String: Any]])?.compactMap { $0["suite"] as? String } == runs.map(\.suite))
    let one = try JSONSerialization.jsonObject(with: Data(ReportFormat.json.text(of: [runs[0]]).utf8))
    #expect((one as? [String: Any])?["suite"] as? String == runs[0].suite)
    #expect(ReportFormat.csv.text(of: runs).components(separatedBy: CSVReport.head).count == 2)
    let junit = ReportFormat.junit.text(of: runs)
    #expect(
      junit.components(separatedBy: "<?xml").count == 2 && junit.components(separatedBy: "<testsuites").count == 2)
    try #expect(XMLDocument(data: Data(junit.utf8)).rootElement()?.elements(forName: "testsuite").count == 2)
    // benchstat takes new settings in the middle of a file.
    let lines = ReportFormat.benchstat.text(of: runs).split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("pkg: ") } == 2)
  }

  @Test func aSpreadsheetFindsNoFormula() {
    var run = StoredRunFixture.run
    run.rows[0].workload.name = "=1+1"
    run.cells[0].workload = "=1+1"
    run.cells[0].samples[0].value = -1
    run.cells[1].failure = "@x, -y"
    let text = ReportFormat.csv.text(of: [run])
    #expect(text.contains(",file,'=1+1,raw,reference,0,rate,1/s,-1.0,\n"))
    #expect(text.contains(",failure,,,\"'@x, -y\"\n"))
  }

  @Test func aShareShowsItsOwnRowsOnly() throws {
    var run = StoredRunFixture.run
    run.shard = Shard(number: 2, of: 2)
    let own = run.ownRows.map(\.title)
    try #require(own.count == 2)
    run.cells.removeAll { cell in !own.contains("\(cell.node.rawValue) \(cell.workload)") }
    let figures = RunFigures(run)
    #expect(
      figures.sections.flatMap { section in section.rows.map { "\(section.node.rawValue) \($0.workload)" } } == own)
    #expect(RunText.warnings(run).contains { $0.hasPrefix("share 2 of 2: 2 of 4 rows, ") })
    let other = run.rows.map(\.title).filter { !own.contains($0) }
    for format in [ReportFormat.table, .markdown, .junit, .benchstat, .html] {
      let junk = format.text(of: [run])
      for title in other { #expect(!junk.contains("\"\(title)\""), "\(format)") }
    }
    let rows = TwoSideComparison.runs(run, run, effect: 0.05)
    #expect(Set(rows.map(\.title)) == Set(own))
  }

  @Test func noLineOfATableIsWiderThanATerminal() {
    var run = StoredRunFixture.run
    run.cells = []
    for row in run.rows {
      for column in run.columns {
        run.put(StoredRunFixture.cell(row.node, row.workload.name, column.name, [12_345_678, 13_345_678]))
      }
    }
    let lines = ReportFormat.table.text(of: [run]).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= 100 })
  }

  @Test func unprovenCellsAreMarked() {
    var run = StoredRunFixture.run
    var cell = StoredRunFixture.cell(.file, "read rand aio ×1", "legacy", [100_000])
    cell.proof = .unproven
    run.put(cell)
    let text = ReportFormat.table.text(of: [run])
    #expect(text.contains("100.0?"))
    #expect(text.contains("?: transport not proven, the subject keeps no statistics (legacy)"))
  }

  @Test func aRunWithoutCellsIsStillAReport() {
    var run = StoredRunFixture.run
    run.cells = []
    for format in [ReportFormat.table, .markdown, .commit, .html] {
      #expect(format.text(of: [run]).contains("incomplete: 0 of 14 cells of"))
    }
    for format in ReportFormat.allCases { #expect(!format.text(of: [run]).isEmpty) }
  }

  @Test func cellsThatFailAlikeShareALine() {
    var run = StoredRunFixture.run
    for row in run.rows {
      var cell = BenchCell(node: row.node, workload: row.workload.name, column: "legacy")
      cell.failure = "sample 1: start: no"
      run.put(cell)
    }
    let lines = ReportFormat.table.text(of: [run]).split(separator: "\n")
    #expect(
      lines.contains("failed: transport, file read rand aio ×1 and 3 more, legacy: sample 1: start: no"))
  }

  @Test func samplesThatCountAlthoughDisturbedAreSaid() {
    var run = StoredRunFixture.run
    #expect(!RunText.warnings(run).contains { $0.hasPrefix("disturbed: ") })
    for index in run.cells[0].samples.indices { run.cells[0].samples[index].disturbance = "steal 50 %" }
    let samples = run.cells.filter { $0.failure == nil }.reduce(0) { $0 + $1.samples.count }
    #expect(
      RunText.warnings(run).contains(
        "disturbed: 3 of \(samples) samples count although the machine was disturbed (steal 50 %), because it never "
          + "became quiet; measure again on a quiet machine"))
    #expect(ReportFormat.csv.text(of: [run]).contains(",disturbed: steal 50 %\n"))
  }

  @Test func costsAreWhatTheyAreMadeOf() throws {
    let section = try #require(RunFigures(StoredRunFixture.run).sections.first)
    let raw = try #require(section.rows.first?.figures[0])
    #expect(raw.serverParts == nil && raw.channels.isEmpty)
    let legacy = try #require(section.rows.first?.figures[1])
    #expect(legacy.serverParts == "2.0+4.5")
    #expect(legacy.channelText == "device.0 67 %, queue.1 33 %")
    #expect(legacy.bandwidthText == "394.5 ± 3.9")
  }

  @Test func aKeyHasRoomForItsNames() {
    #expect(Plot.keyColumns(["raw", "legacy"], width: 480) == 4)
    #expect(Plot.keyColumns(["multithread", "legacy again"], width: 480) == 2)
    #expect(Plot.keyColumns(["qemu-storage-daemon legacy again"], width: 480) == 1)
  }

  @Test func aDebugBuildIsSaid() {
    var run = StoredRunFixture.run
    run.build = .debug
    #expect(ReportFormat.table.text(of: [run]).contains("debug build"))
  }

  @Test func pairsOfADisturbedMachineHaveNoVerdict() throws {
    let base = StoredRunFixture.cell(.file, "read", "legacy", (0..<10).map { 100_000 + Double($0) })
    var other = StoredRunFixture.cell(.file, "read", "io_uring", (0..<10).map { 200_000 + Double($0) })
    let settings = StoredRunFixture.run.settings
    func comparison() throws -> Comparison {
      try #require(Comparison(base: base, other: other, metric: .rate, settings: settings))
    }
    for index in 0..<2 { other.samples[index].disturbance = "steal 50 %" }
    #expect(try comparison().verdict == .faster)
    other.samples[2].disturbance = "steal 50 %"
    #expect(try comparison().verdict == .unsure)
    #expect(try comparison().reason == "the machine was disturbed in 3 of 10 pairs")
  }

  @Test func theSentenceNamesWhatAProgramIsComparedWith() {
    var run = StoredRunFixture.run
    run.columns = ["a", "b"].flatMap { (name: String) in
      [Mode.legacy, .multithread].map { Column(name: "\(name) \($0.rawValue)", kind: .export, mode: $0, subject: name) }
    }
    run.cells = []
    let row = "read rand aio ×1"
    for (column, rate) in zip(run.columns, [100_000.0, 200_000, 100_000, 112_000]) {
      run.put(StoredRunFixture.cell(.file, row, column.name, (0..<8).map { rate + Double($0) }))
    }
    let words = RunSentence.text([run], [RunFigures(run)]).joined(separator: " ")
    #expect(
      words.contains("b multithread is slower than a multithread in 1 of 1 row, by 44 % (file \(row))."), "\(words)")
    #expect(words.contains("b legacy is the same as a legacy in 1 of 1 row."), "\(words)")
  }

  @Test(arguments: [40, 60, 72]) func aTableFitsItsTerminal(_ columns: Int) {
    let wide = ReportFormat.table.text(of: [WideRunFixture.run])
    let fitted = ReportFormat.table.text(of: [WideRunFixture.run], options: ReportOptions(columns: columns))
    #expect(fitted.split(separator: "\n").allSatisfy { $0.count <= columns }, "\(fitted)")
    // No word is lost.
    #expect(fitted.split { $0 == " " || $0 == "\n" } == wide.split { $0 == " " || $0 == "\n" })
  }

  @Test func wordsBeforeTheProgramAreSaid() {
    var run = StoredRunFixture.run
    for index in run.columns.indices where run.columns[index].kind == .export {
      run.columns[index].prefix = ["chroot", "/srv/old one"]
    }
    let text = RunText.compared(run)
    #expect(text.contains("; changes are against legacy"), "\(text)")
    #expect(text.contains("fusebench behind chroot '/srv/old one' in legacy"), "\(text)")
  }

  @Test func runsMeasuredTogetherAreOneTable() {
    var one = StoredRunFixture.run
    one.build = .debug
    var other = one
    other.suite = "mixed"
    let lines = ReportFormat.table.text(of: [one, other]).split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("debug build") }.count == 1)
    #expect(lines.filter { $0.hasPrefix("Units as") || $0.hasPrefix("Thousand I/Os") }.count == 1)
    #expect(lines.filter { $0.hasPrefix("Compared") }.count == 1)
  }

  @Test func digitsAndSigns() {
    #expect(Figures.percent(0.504) == "+50%")
    #expect(Figures.percent(-0.004) == "+0%")
    #expect(Figures.percent(-0.1) == "-10%")
    #expect(Figures.size(1 << 30) == "1 GiB")
    #expect(Figures.size(4097) == "4097 bytes")
    #expect(Figures.seconds(5) == "5 s")
    #expect(Figures.seconds(0.5) == "0.5 s")
    #expect(Figures.micros(97_800) == "97.8")
    #expect(Figures.micros(2_245_316) == "2245")
  }
}

extension RunFigures.Figure {
  /// By how much the column differs from the baseline, as a fraction.
  fileprivate var change: Double? { comparison.map { $0.ratio - 1 } }
}
