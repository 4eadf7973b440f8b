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
        "read rand aio ×1", "read rand aio ×4", "read rand sync ×1", "write rand aio ×1",
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
    let error = #expect(throws: FileFault.self) { try Suite.named("nosuch", in: Self.folder) }
    #expect(error?.message == "has no suite 'nosuch'; it has: mixed, transport")
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
    let suite = try SuiteReader(file: "s.yaml").read(Self.good)
    #expect(suite.workloads.map(\.name) == ["1", "8"])
    #expect(suite.workloads.map(\.depth) == [1, 8])
    #expect(suite.nodes == [.null])
  }

  @Test(arguments: [
    ("title: t\n", "", "'title' is missing"),
    ("title: t", "title: t\ncolour: red", "unknown word 'colour'"),
    ("engine: libaio", "engine: mmap", "'engine': 'mmap' is none of libaio, io_uring, pvsync2"),
    ("engine: libaio", "engine: pvsync2", "row '8': engine pvsync2 has one request in flight"),
    ("engine: libaio", "warp: 9", "unknown knob 'warp'"),
    ("depth: [1, 8]", "depth: [1, many]", "'depth': 'many' is not a number"),
    ("depth: [1, 8]", "depth: [8, 8]", "two rows are called '8'"),
    ("depth: [1, 8]", "depth: 8", "'depth' must be a mapping"),
    ("full: 1M", "full: huge", "'size full': 'huge' is not a size"),
    ("quick: 64k", "slow: 64k", "size: 'quick' is missing"),
    ("nodes: [null]", "nodes: [tape]", "'nodes': 'tape' is none of file, null"),
    ("suite: s", "suite: s\nquick: [[16]]", "quick: '16' is no label of any axis"),
    ("suite: s", "suite: [", "is not YAML"),
  ])
  func faultsNameFileAndWord(_ old: String, _ new: String, _ message: String) {
    let text = Self.good.replacing(old, with: new)
    let error = #expect(throws: FileFault.self) { try SuiteReader(file: "s.yaml").read(text) }
    #expect(error?.file == "s.yaml")
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}

@Suite struct MeasurePlanTests {
  @Test func columnsTakeTurns() {
    let order = BenchPlan.order(columns: 3, samples: 3)
    #expect(order.map(\.column) == [0, 1, 2, 2, 1, 0, 0, 1, 2])
    #expect(order.map(\.sample) == [0, 0, 0, 1, 1, 1, 2, 2, 2])
  }

  @Test func rawStandsBesideTheFileNodeOnly() throws {
    let suite = try Suite.named("transport", in: scenarioFolder + "/suites")
    let columns = [Column.raw, Column(name: "legacy", kind: .export, mode: .legacy)]
    let settings = BenchSettings(budget: .quick, size: 1 << 20, seed: 1)
    let plan = BenchPlan(suite: suite, nodes: [.file, .null], columns: columns, settings: settings)
    #expect(plan.rows.count == 8)
    #expect(plan.cellCount == 4 * 2 + 4)
    let nullOnly = BenchPlan(suite: suite, nodes: [.null], columns: columns, settings: settings)
    #expect(nullOnly.cellCount == 4)
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
