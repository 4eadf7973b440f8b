// Suites as data files: the two that come with fusebench, and every way to write one wrong.

import Foundation
import Testing

@testable import Harness

@Suite struct MeasureSuiteTests {
  private static let folder = scenarioFolder + "/suites"

  @Test func transportIsThePublishedMatrix() throws {
    let suite = try Suite.named("transport", in: Self.folder)
    #expect(suite.nodes == [.file, .null])
    #expect(suite.fullSize == 1 << 30)
    #expect(suite.quickSize == 256 << 20)
    #expect(suite.workloads.count == 16)
    #expect(Set(suite.workloads.map(\.name)).count == 16)
    #expect(suite.workloads.allSatisfy { $0.block == 4096 && $0.operation != .mixed })
    #expect(suite.workloads.first?.name == "read seq aio ×1")
    #expect(suite.workloads.first?.depth == 16)
    #expect(suite.workloads.filter { $0.engine == .pvsync2 }.allSatisfy { $0.depth == 1 })
    #expect(suite.workloads.filter { $0.jobs == 4 }.count == 8)
    #expect(
      suite.workloads(for: .quick).map(\.name) == [
        "read rand aio ×1", "read rand aio ×4", "read rand sync ×1",
      ])
  }

  @Test func mixedIsThePublishedMatrix() throws {
    let suite = try Suite.named("mixed", in: Self.folder)
    #expect(suite.nodes == [.file])
    #expect(suite.workloads.map { [$0.depth, $0.jobs] } == [[1, 1], [64, 1], [1, 4], [64, 4]])
    #expect(suite.workloads.map(\.name) == ["1-1", "64-1", "1-4", "64-4"])
    #expect(
      suite.workloads.allSatisfy { $0.operation == .mixed && $0.readPercent == 70 && $0.pattern == .rand })
    #expect(suite.workloads(for: .quick).map(\.name) == ["64-1"])
  }

  @Test func everySuiteThatComesAlongIsSound() throws {
    for name in Suite.names(in: Self.folder) {
      let suite = try Suite.named(name, in: Self.folder)
      #expect(suite.name == name)
      #expect(!suite.workloads(for: .quick).isEmpty)
    }
  }

  @Test func anUnknownSuiteIsNamedWithThoseThereAre() {
    let error = #expect(throws: FileError.self) { try Suite.named("nosuch", in: Self.folder) }
    #expect(
      error?.message == "has no suite 'nosuch'; it has: "
        + "disk, latency, lifecycle, memory, mixed, polling, programs, scaling, transport")
  }

  private static let good = """
    suite: s
    title: t
    size: {full: 1M, quick: 64k}
    nodes: [null]
    fixed: {engine: libaio}
    axes:
      - depth: [1, 8]
    """

  @Test func aListSetsTheKnobItIsNamedFor() throws {
    let suite = try SuiteReader(file: "s.yaml", cpus: 4).read(Self.good)
    #expect(suite.workloads.map(\.name) == ["1", "8"])
    #expect(suite.workloads.map(\.depth) == [1, 8])
    #expect(suite.nodes == [.null])
  }

  private func read(_ old: String, _ new: String, cpus: Int = 4) throws -> Harness.Suite {
    try SuiteReader(file: "s.yaml", cpus: cpus).read(Self.good.replacing(old, with: new))
  }

  @Test func aQuickLineMayNameANode() throws {
    let suite = try read(
      "nodes: [null]", "nodes: [file, null]\nquick: [[1], [\"null\", 8]]")
    #expect(suite.rows(for: .quick, on: .file).map(\.workload.name) == ["1"])
    #expect(suite.rows(for: .quick, on: .null).map(\.workload.name) == ["1", "8"])
    #expect(suite.rows(for: .full, on: .file).count == 2)
    #expect(suite.workloads(for: .quick).map(\.name) == ["1", "8"])
  }

  @Test func aRangeDoublesAndHasItsEnd() throws {
    #expect(try read("[1, 8]", "[1..8]").workloads.map(\.depth) == [1, 2, 4, 8])
    #expect(try read("depth: [1, 8]", "jobs: [1..cpus]", cpus: 6).workloads.map(\.jobs) == [1, 2, 4, 6])
    #expect(try read("depth: [1, 8]", "jobs: [1..cpus]", cpus: 1).workloads.map(\.jobs) == [1])
    #expect(try read("depth: [1, 8]", "block: [512..2k]").workloads.map(\.name) == ["512", "1k", "2k"])
  }

  @Test func sweepsGoAroundTheCentreOneByOne() throws {
    let suite = try read("axes:\n  - depth: [1, 8]", "sweeps:\n  - depth: [1, 4]\n  - threads: [1, 2]")
    #expect(suite.workloads.map(\.name) == ["centre", "depth 4", "threads 1", "threads 2"])
    #expect(suite.rows.map(\.export.threads) == [nil, nil, 1, 2])
    #expect(suite.workloads.map(\.depth) == [1, 4, 1, 1])
  }

  @Test func everyKnobCanBeAnAxis() throws {
    for (axis, check) in [
      ("threads: [3]", { $0.export.threads == 3 }), ("queue-depth: [9]", { $0.export.queueDepth == 9 }),
      ("poll-max-ns: [0]", { $0.export.pollLimit == 0 }), ("aio-max-batch: [2]", { $0.export.batch == 2 }),
      ("growable: [on]", { $0.export.growable == true }), ("direct: [off]", { $0.export.direct == false }),
      ("aio: [threads]", { $0.export.aio == .threads }), ("metric: [latency]", { $0.workload.metric == .latency }),
      ("operation: [fsync]", { $0.workload.operation == .fsync && $0.workload.metric == .latency }),
      ("fio.thinktime: [7]", { $0.workload.fioOptions == ["thinktime": "7"] }),
      ("a: {b: {fio-options: {rate: 1k, buffered: 1}}}", { $0.workload.fioOptions.count == 2 }),
    ] as [(String, (SuiteRow) -> Bool)] {
      let row = try #require(try read("depth: [1, 8]", axis).rows.first)
      #expect(check(row), "\(axis)")
    }
  }

  @Test func anAxisOfTheCommandLineReplacesOrAdds() throws {
    let suite = try read("suite: s", "suite: s\nquick: [[8]]")
    let replaced = try suite.with(axes: [try AxisOverride("depth=2,4", cpus: 4)])
    #expect(replaced.workloads.map(\.name) == ["depth 2", "depth 4"])
    #expect(replaced.workloads(for: .quick).count == 2)
    let added = try suite.with(axes: [try AxisOverride("jobs=1..cpus", cpus: 2)])
    #expect(added.workloads.map(\.name) == ["1 jobs 1", "1 jobs 2", "8 jobs 1", "8 jobs 2"])
    #expect(added.workloads(for: .quick).map(\.name) == ["8 jobs 1", "8 jobs 2"])
    for (words, message) in [
      ("depth", "should read"), ("warp=1", "unknown knob 'warp'"), ("depth=x", "a number"),
      ("depth=", "a value is missing"), ("fio.thinktime=1,", "a value is missing"), ("node=tape", "one of file, null"),
      ("mode=legacy", "--mode chooses"), ("program=/bin/true", "--program chooses"), ("size=1M", "suite's file"),
    ] {
      let error = #expect(throws: KnobError.self) { try AxisOverride(words, cpus: 4) }
      #expect(error?.description.contains(message) == true)
    }
  }

  @Test func theNodeCanBeAnAxis() throws {
    let suite = try read("suite: s", "suite: s\nquick: [[8]]")
    let both = try suite.with(axes: [try AxisOverride("node=null,file,null", cpus: 2)])
    #expect(both.nodes == [.null, .file])
    #expect(both.rows == suite.rows)
    #expect(try AxisOverride("node=null", cpus: 2).makesRows == false)
  }

  @Test func aValueMakesOneRowAndAnAxisIsGivenOnce() throws {
    let suite = try read("suite: s", "suite: s")
    let once = try suite.with(axes: [try AxisOverride("depth=1..4,4,2", cpus: 2)])
    #expect(once.workloads.map(\.name) == ["depth 1", "depth 2", "depth 4"])
    let error = #expect(throws: KnobError.self) {
      try suite.with(axes: [try AxisOverride("depth=1", cpus: 2), try AxisOverride("depth=2", cpus: 2)])
    }
    #expect(error?.description == "--axis depth is given twice; give all its values in one")
  }

  /// Every knob of the manual of suites, as an axis.
  @Test(arguments: [
    "operation=read,write,stat", "metric=rate,latency", "read-percent=1,99", "pattern=seq,rand", "block=512..4k",
    "engine=libaio,io_uring", "depth=1,2", "jobs=1..cpus", "threads=1..4", "queue-depth=4,64", "growable=on,off",
    "direct=on,off", "aio=io_uring,native,threads", "allow-other=on,off,auto", "discard=unmap,ignore",
    "fio.thinktime=0,100",
  ])
  func anyKnobCanBeAnAxis(words: String) throws {
    let wish = try AxisOverride(words, cpus: 2)
    let suite = try read("depth: [1, 8]", "\(wish.name == "jobs" ? "depth" : "jobs"): [1]").with(axes: [wish])
    #expect(suite.rows.count >= 2)
    #expect(Set(suite.rows.map { "\($0.workload.name)" }).count == suite.rows.count)
    #expect(
      suite.rows.count
        == Set(
          suite.rows.map { row in
            var row = row
            row.workload.name = ""
            row.labels = []
            return "\(row)"
          }
        ).count)
  }

  /// An axis of seventeen values.
  private static func axis(_ name: String) -> String {
    "\n  - \(name): [\((1...17).map(String.init).joined(separator: ", "))]"
  }

  @Test(arguments: [
    ("title: t\n", "", "key 'title' is missing"),
    ("title: t", "title: t\ncolour: red", "line 3: unknown key 'colour'"),
    ("engine: libaio", "engine: mmap", "'engine' must be one of libaio, io_uring, pvsync2, not 'mmap'"),
    ("engine: libaio", "engine: pvsync2", "row '8': engine pvsync2 has one request in flight"),
    ("engine: libaio", "warp: 9", "unknown knob 'warp'"),
    ("depth: [1, 8]", "depth: [1, many]", "'depth' must be a number, not 'many'"),
    ("depth: [1, 8]", "depth: [8, 8]", "two rows are called '8'"),
    ("depth: [1, 8]", "depth: [1..0]", "'1..0' is no range"),
    ("depth: [1, 8]", "depth: [1, 64]", "row '64': the requests in flight (256k) do not fit into 64k"),
    ("depth: [1, 8]", "queue-depth: [0]", "row '0': queue-depth must be between 1 and 1024"),
    ("depth: [1, 8]", "aio-max-batch: [0]", "row '0': aio-max-batch must be between 1 and 1024"),
    ("engine: libaio", "aio: native, direct: off", "aio native needs direct: on"),
    ("engine: libaio", "operation: idle, metric: rate", "idle is judged by memory, not by rate"),
    ("engine: libaio", "fio.iodepth: 4", "fio.iodepth is set by the harness"),
    ("engine: libaio", "operation: start, fio.thinktime: 4", "start runs no fio"),
    ("full: 1M", "full: huge", "'size.full' must be a size"),
    ("quick: 64k", "slow: 64k", "unknown key 'slow' in 'size'"),
    ("nodes: [null]", "nodes: [tape]", "'nodes' must be some of file, null, not 'tape'"),
    ("suite: s", "suite: s\nquick: [[16]]", "quick: '16' is no label of any axis, and no node"),
    ("axes:\n  - depth: [1, 8]", "", "key 'axes' is missing"),
    ("suite: s", "suite: [", "is not YAML"),
    (
      "axes:\n  - depth: [1, 8]", "axes:" + axis("depth") + axis("jobs") + axis("threads"),
      "the axes make more than 4096 rows"
    ),
  ])
  func faultsNameFileAndWord(_ old: String, _ new: String, _ message: String) {
    let text = Self.good.replacing(old, with: new)
    let error = #expect(throws: FileError.self) { try SuiteReader(file: "s.yaml", cpus: 4).read(text) }
    #expect(error?.file == "s.yaml")
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}

@Suite struct MeasurePlanTests {
  @Test func blocksGoThereAndBackInADrawnOrder() {
    func order(_ index: Int, seed: UInt64 = 5) -> [Int] {
      SampleBlocks.order(columns: 4, sample: index, row: "null read", seed: seed)
    }
    for block in 0..<10 {
      #expect(order(2 * block).sorted() == [0, 1, 2, 3])
      #expect(order(2 * block + 1) == order(2 * block).reversed())
    }
    // Every column is first now and then: none has a place of its own.
    #expect(Set((0..<40).map { order(2 * $0)[0] }) == [0, 1, 2, 3])
    #expect((0..<10).map { order(2 * $0) } == (0..<10).map { order(2 * $0) })
    #expect((0..<10).map { order(2 * $0) } != (0..<10).map { order(2 * $0, seed: 6) })
  }

  @Test func theControlIsTheBaselineOnceMore() throws {
    let plan = StoredRunFixture.plan.withControl()
    let control = try #require(plan.columns.last)
    #expect(control.name == "legacy again")
    #expect(control.role == .control)
    #expect(control.mode == .legacy)
    #expect(control.subject == "fusebench")
    #expect(plan.withControl().columns == plan.columns)
    #expect(plan.rows.allSatisfy { control.hasCell(in: $0) })
  }

  @Test func rawStandsBesideTheFileNodeOnly() throws {
    let suite = try Suite.named("transport", in: scenarioFolder + "/suites")
    let columns = [Column.raw, Column(name: "legacy", kind: .export, mode: .legacy)]
    let settings = BenchSettings(budget: .quick, size: 1 << 20, seed: 1)
    let plan = BenchPlan(suite: suite, nodes: [.file, .null], columns: columns, settings: settings)
    #expect(plan.rows.map(\.node) == [.file, .null, .null, .null])
    #expect(plan.cellCount == 1 * 2 + 3)
    let nullOnly = BenchPlan(suite: suite, nodes: [.null], columns: columns, settings: settings)
    #expect(nullOnly.cellCount == 3)
  }

  @Test func samplesOfOneNumberShareTheirSeed() {
    let settings = BenchSettings(budget: .full, size: 1, seed: 0x7fff_fff0)
    #expect(settings.seed(ofSample: 0) == 0x7fff_fff0)
    #expect(settings.seed(ofSample: 0) != settings.seed(ofSample: 1))
    #expect(settings.seed(ofSample: 4) <= 0x7fff_ffff)
  }

  @Test func timeLeft() {
    let left = TimeLeft(estimate: 100)
    #expect(left.seconds(done: 0, total: 10, elapsed: 0) == 100)
    // 70 seconds for seven steps, as expected.
    #expect(left.seconds(done: 7, total: 10, elapsed: 70) == 30)
    #expect(left.seconds(done: 10, total: 10, elapsed: 90) == 0)
    #expect(TimeLeft.words(44.2) == "45 s")
    #expect(TimeLeft.words(170) == "3 min")
    #expect(TimeLeft.words(4800) == "1 h 20 min")
    #expect(TimeLeft.words(7200) == "2 h")
  }
}
