// Reports of a stored run with round figures, compared in full.

import Testing

@testable import Harness

@Suite struct BenchReportTests {
  @Test func figuresOfARow() throws {
    let figures = RunFigures(StoredRunFixture.run)
    #expect(figures.baseline?.name == "legacy")
    #expect(figures.nodes.map(\.node) == [.file, .null])
    #expect(figures.nodes[0].columns.map(\.name) == ["raw", "legacy", "multithread", "io_uring"])
    #expect(figures.nodes[1].columns.map(\.name) == ["legacy", "multithread", "io_uring"])
    let row = figures.nodes[0].rows[0].figures
    #expect(row[0].rate?.mean == 202_000)
    #expect(row[0].change == nil)
    #expect(row[0].serverMicros == nil)
    #expect(row[1].rate?.deviation == 1000)
    #expect(row[1].change == nil)
    #expect(row[2].change == 0.5)
    #expect(abs((row[3].change ?? 0) + 0.1) < 1e-12)
    #expect(row[3].serverMicros == 6.5)
    #expect(row[3].switches == 0.25)
    #expect(abs((row[3].clientMicros ?? 0) - 3) < 1e-9)
  }

  @Test func aFailedCellShowsNoFigure() {
    let failed = RunFigures(StoredRunFixture.run).nodes[0].rows[1].figures[2]
    #expect(failed.rate == nil)
    #expect(failed.change == nil)
    #expect(failed.serverMicros == nil)
    #expect(failed.latency == nil)
    #expect(failed.failure?.hasPrefix("sample 2: transport") == true)
  }

  @Test func noBaselineNoChange() {
    var run = StoredRunFixture.run
    run.cells.removeAll { $0.column == "legacy" }
    #expect(RunFigures(run).nodes[0].rows[0].figures.allSatisfy { $0.change == nil })
  }

  @Test func table() {
    let expected = """
      transport: 4 KiB reads and writes
      Thousand I/Os per second, mean ± standard deviation of 3 samples × 0.5 s (+ 0.2 s ramp).

                                  raw     legacy  multithread          io_uring         server µs/IO
      transport, file node (256 MiB)
        read rand aio ×1    202.0±2.0  101.0±1.0    151.5±1.5  +50%    90.9±0.0   -10%   6.5/6.5/6.5
        write rand sync ×4   20.0±0.0   12.0±2.0       failed                 -              6.5/-/-
      transport, null node (256 MiB, nothing behind it)
        read rand aio ×1               300.0±0.0            -        612.0±12.0  +104%     6.5/-/6.5
        write rand sync ×4                     -            -                 -                -/-/-

      failed: transport, file write rand sync ×4, multithread: sample 2: transport: unused under parallel
        load: device.1
      incomplete: 9 of 14 cells of transport were measured
      Compared: raw (the image without FUSE), legacy, multithread (2 iothreads) and io_uring (2 iothreads)
        of fusebench, % against legacy; on 2 CPUs (virtual), Fast CPU, 24 GiB, Linux 6.18.44, fio-3.33,
        image on ext4.

      """
    #expect(ReportFormat.table.text(of: [StoredRunFixture.run]) == expected)
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
    // The costs have moved below the rates.
    #expect(lines.contains { $0.hasPrefix("   ") && $0.hasSuffix("server µs/IO") && $0.count < 50 })
  }

  @Test func markdown() {
    let text = ReportFormat.markdown.text(of: [StoredRunFixture.run])
    for line in [
      "# transport: 4 KiB reads and writes",
      "| workload | raw | legacy | multithread | io_uring |",
      "| --- | ---: | ---: | ---: | ---: |",
      "| read rand aio ×1 | 202.0 ± 2.0 | 101.0 ± 1.0 | 151.5 ± 1.5 (+50%) | 90.9 ± 0.0 (-10%) |",
      "| write rand sync ×4 | 20.0 ± 0.0 | 12.0 ± 2.0 | failed | - |",
      "| read rand aio ×1 | io_uring | 97.8 | 180 | 2245 | 2245 | 3.0 | 6.5 | 0.25 | 12.0 |",
      "| read rand aio ×1 | raw | 97.8 | 180 | 2245 | 2245 | 3.0 | - | - | - |",
      "fusebench bench --suite transport",
    ] {
      #expect(text.split(separator: "\n").contains { $0 == line }, "\(line)")
    }
  }

  @Test func commitMessage() {
    var run = StoredRunFixture.run
    run.rows.removeAll { $0.node == .null }
    let expected = """
      transport: 4 KiB reads and writes; I/Os per second, 3 samples × 0.5 s (+
      0.2 s ramp):

      file, raw:
        read rand aio ×1:   202.0k ±2.0k
        write rand sync ×4:  20.0k ±0.0k

      file, legacy:
        read rand aio ×1:   101.0k ±1.0k
        write rand sync ×4:  12.0k ±2.0k

      file, multithread (against legacy):
        read rand aio ×1:   151.5k ±1.5k (+50%)
        write rand sync ×4: failed

      file, io_uring (against legacy):
        read rand aio ×1:   90.9k ±0.0k (-10%)
        write rand sync ×4:     -

      failed: transport, file write rand sync ×4, multithread: sample 2:
        transport: unused under parallel load: device.1
      incomplete: 7 of 8 cells of transport were measured
      On 2 CPUs (virtual), Fast CPU, 24 GiB, Linux 6.18.44, fio-3.33, image on
      ext4.
      $ fusebench bench --suite transport

      """
    run.cells.removeAll { $0.node == .null }
    let text = ReportFormat.commit.text(of: [run])
    #expect(text == expected)
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 72 })
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
    for format in ReportFormat.allCases {
      #expect(format.text(of: [run]).contains("incomplete: 0 of 14 cells of"))
    }
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

  @Test func aDebugBuildIsSaid() {
    var run = StoredRunFixture.run
    run.build = .debug
    #expect(ReportFormat.table.text(of: [run]).contains("debug build"))
  }

  @Test func runsMeasuredTogetherAreOneTable() {
    var one = StoredRunFixture.run
    one.build = .debug
    var other = one
    other.suite = "mixed"
    let lines = ReportFormat.table.text(of: [one, other]).split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("debug build") }.count == 1)
    #expect(lines.filter { $0.contains("server µs/IO") }.count == 1)
    #expect(lines.filter { $0.hasPrefix("Compared") }.count == 1)
    #expect(lines.contains { $0.hasPrefix("mixed, file node") })
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
