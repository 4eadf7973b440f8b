// Two runs beside each other, two programs in one run, gates and their confirmation, and looks at the machine.

import Foundation
import Testing

@testable import Harness
@testable import HarnessStatistics

private let steady = [100.0, 101, 99, 100, 102, 98, 100, 101]

private func run(_ id: String, _ rates: [String: [Double]], columns: [Column]? = nil) -> StoredRun {
  var run = StoredRunFixture.run
  run.id = id
  run.cells = []
  if let columns { run.columns = columns }
  for (column, values) in rates {
    run.put(StoredRunFixture.cell(.null, "read rand aio ×1", column, values))
  }
  return run
}

private func times(_ factor: Double) -> [Double] { steady.map { $0 * factor } }

@Suite struct SideComparisonTests {
  @Test func runsAreComparedColumnByColumn() throws {
    let rows = TwoSideComparison.runs(
      run("a", ["legacy": steady, "io_uring": steady, "multithread": steady]),
      run("b", ["legacy": times(0.8), "io_uring": times(1.01), "multithread": times(1.5)]), effect: 0.05
    ).filter { $0.title == "null read rand aio ×1" }
    #expect(rows.map(\.column) == ["legacy", "multithread", "io_uring"])
    #expect(rows.map(\.verdict) == [.slower, .faster, .same])
    #expect(rows.allSatisfy { $0.comparison?.method == .unpaired })
  }

  @Test func whatOneSideLacksIsUnsureWithItsReason() throws {
    let rows = TwoSideComparison.runs(run("a", [:]), run("b", ["legacy": steady]), effect: 0.05)
    let row = try #require(rows.first { $0.title == "null read rand aio ×1" && $0.column == "legacy" })
    #expect(row.verdict == .unsure)
    #expect(row.reason == "a has not measured it")
  }

  @Test func ofManyRowsOneDiffersByChance() {
    // 4 and 4 samples have p = 2/70 at best: enough alone, not among 12 comparisons.
    let few = Array(steady[..<4])
    let rows = TwoSideComparison.runs(run("a", ["legacy": few]), run("b", ["legacy": few.map { $0 / 2 }]), effect: 0.05)
    let row = rows.first { $0.comparison != nil }
    #expect(row?.verdict == .unsure)
    #expect(
      row?.reason
        == "among \(rows.count) comparisons it could be chance; with 4 and 4 samples none could be told, take 8 "
        + "(--samples 8)")
  }

  @Test func aDisturbedRunIsNoProofOfADifference() throws {
    var after = run("b", ["legacy": times(0.5)])
    func row(_ after: StoredRun) -> ComparedRow? {
      TwoSideComparison.runs(run("a", ["legacy": steady]), after, effect: 0.05).first { $0.comparison != nil }
    }
    #expect(row(after)?.verdict == .slower)
    let cell = try #require(after.cells.firstIndex { $0.column == "legacy" })
    for index in 0..<4 { after.cells[cell].samples[index].disturbance = "steal 50 %" }
    #expect(row(after)?.verdict == .slower)
    after.cells[cell].samples[4].disturbance = "steal 50 %"
    #expect(row(after)?.reason == "most samples of b were taken on a disturbed machine")
  }

  @Test func holmMultipliesTheSmallestMost() {
    #expect(RankTest.holm([0.01, 0.04, 0.03]) == [0.03, 0.06, 0.06])
    #expect(RankTest.holm([0.5, 0.9]) == [1, 1])
    #expect(RankTest.holm([]) == [])
  }

  @Test func programsAreComparedModeByMode() {
    let columns = ["p", "q"].flatMap { program in
      [Mode.legacy, .ioUring].map { (mode: Mode) in
        Column(
          name: "\(program) \(mode)", kind: .export, mode: mode, subject: "fusebench", program: "/bin/\(program)")
      }
    }
    let rows = TwoSideComparison.programs(
      run(
        "a",
        ["p legacy": steady, "p io_uring": times(3), "q legacy": times(0.8), "q io_uring": times(3.6)],
        columns: columns), effect: 0.05
    ).filter { $0.comparison != nil }
    #expect(rows.map(\.column) == ["q legacy", "q io_uring"])
    #expect(rows.map(\.verdict) == [.slower, .faster])
    #expect(rows.allSatisfy { $0.comparison?.method == .paired })
  }

  @Test func aProgramIsComparedWithItselfToo() {
    let columns = [1, 2].map { number in
      Column(
        name: "fusebench#\(number) io_uring", kind: .export, mode: .ioUring, subject: "fusebench", program: "/bin/p")
    }
    let rows = TwoSideComparison.programs(
      run("a", ["fusebench#1 io_uring": steady, "fusebench#2 io_uring": steady], columns: columns), effect: 0.05
    ).filter { $0.comparison != nil }
    #expect(rows.map(\.column) == ["fusebench#2 io_uring"])
    #expect(rows.map(\.verdict) == [.same])
  }

  @Test func otherMachinesAreSaid() {
    let before = run("a", [:])
    var after = before
    after.machine.kernel = "6.19.0"
    after.machine.fuseParameters["enable_uring"] = "N"
    after.settings.runtime = 2
    #expect(
      before.obstacles(to: after) == [
        "kernel: 6.18.44, 6.19.0", "fuse.enable_uring: Y, N", "measured seconds: 0.5, 2.0",
      ])
    #expect(before.obstacles(to: before) == [])
  }
}

@Suite struct GateTests {
  private let request = BenchRequest(
    .suites([], .quick),
    compared: [try! Subject.named("fusebench", in: scenarioFolder + "/subjects")], results: "results", command: [])

  private func gate(_ rates: [String: [Double]]) throws -> GateResult {
    try BenchGate(baseline: run("a", ["legacy": steady]), limit: 0.05).judge(run("b", rates))
  }

  @Test func aRegressionFailsOnlyOnceItIsConfirmed() throws {
    let suspected = try gate(["legacy": times(0.8)])
    #expect(!suspected.passes)
    #expect(suspected.verdict == .slower)
    let again = try #require(Confirmation(of: request).fresh(for: suspected))
    #expect(again.selection.titles == ["null read rand aio ×1"])
    let relieved = Confirmation.confirmed(suspected, by: try gate(["legacy": times(1)]).rows)
    #expect(relieved.passes)
    #expect(relieved.verdict == .unsure)
    #expect(relieved.rows.compactMap(\.reason).contains("slower at first, but fresh samples say same"))
    let confirmed = Confirmation.confirmed(suspected, by: try gate(["legacy": times(0.8)]).rows)
    #expect(!confirmed.passes)
    let text = ComparisonReport.text(confirmed, heading: "b against a")
    #expect(text.contains("slower, and -20% again"), "\(text)")
    let said = "slower, so measured once more: null read rand aio ×1 legacy; slower again: "
    #expect(text.contains("\n\(said)1 of 1\n"), "\(text)")
    #expect(ComparisonReport.text(relieved, heading: "b against a").contains("\n\(said)0 of 1\n"))
    #expect(!ComparisonReport.text(suspected, heading: "b against a").contains("measured once more"))
  }

  @Test func whatCannotBeMeasuredAgainIsUnsure() throws {
    let suspected = try gate(["legacy": times(0.8)])
    let result = Confirmation.confirmed(suspected, by: [])
    #expect(result.verdict == .unsure)
    #expect(
      result.rows.compactMap(\.reason).contains("slower at first, but it could not be measured again: no such row"))
  }

  @Test func aGateMeasuresLikeItsBaselineAndOftenEnough() throws {
    var baseline = run("a", [:])
    baseline.settings.runtime = 2
    for row in baseline.rows {
      for column in baseline.columns where column.hasCell(in: row) {
        baseline.put(StoredRunFixture.cell(row.node, row.workload.name, column.name, steady))
      }
    }
    let like = try BenchGate(baseline: baseline, limit: 0.05).matching(request)
    #expect(like.sampling.runtime == 2)
    #expect(like.selection.titles == baseline.rows.map(\.title))
    // 2 rows on 2 nodes in 3 columns: 12 comparisons; 8 and 6 samples have p = 2/3003 at best.
    #expect(like.sampling.samples == 6)
    let again = try #require(Confirmation(of: like).fresh(for: gate(["legacy": times(0.8)])))
    #expect(again.references.programs.isEmpty && !again.references.raw)
  }

  @Test func aGateThatCouldNeverFailIsRefused() throws {
    var baseline = run("a", [:])
    for row in baseline.rows {
      for column in baseline.columns where column.hasCell(in: row) {
        baseline.put(StoredRunFixture.cell(row.node, row.workload.name, column.name, [1, 2]))
      }
    }
    let fault = #expect(throws: BenchError.self) { try BenchGate(baseline: baseline, limit: 0.05).matching(request) }
    let said = fault?.description ?? ""
    #expect(said.hasPrefix("2 samples per cell of a can tell nothing slower among 12 comparisons"), "\(said)")
    for row in baseline.rows {
      for column in baseline.columns where column.hasCell(in: row) {
        baseline.put(StoredRunFixture.cell(row.node, row.workload.name, column.name, steady))
      }
    }
    var few = request
    few.sampling.samples = 3
    #expect(throws: BenchError.self) { try BenchGate(baseline: baseline, limit: 0.05).matching(few) }
  }

  @Test func aTextNamesBothSidesAndEachReasonOnce() throws {
    let result = Confirmation.confirmed(try gate(["legacy": times(0.8)]), by: [])
    let text = ComparisonReport.text(result, heading: "b against a")
    #expect(text.contains("row "))
    #expect(text.contains("0.1 k"), "\(text)")
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 })
    let doubts = text.split(separator: "\n").count { $0.hasPrefix("unsure: ") }
    #expect(doubts == Set(result.rows.compactMap(\.reason)).count)
  }

  @Test func nothingSlowerPassesAndNeedsNothingMore() throws {
    let result = try gate(["legacy": times(1.2)])
    #expect(result.passes)
    #expect(Confirmation(of: request).fresh(for: result) == nil)
  }

  @Test func theUnsureDoNotFailABuild() throws {
    let result = try gate(["legacy": [50, 160, 80, 120, 99, 170, 60, 101]])
    #expect(result.passes)
    #expect(result.verdict == .unsure)
  }
}

@Suite struct MachineLookTests {
  private func look(_ change: (inout MachineSnapshot) -> Void = { _ in }) -> MachineSnapshot {
    var look = MachineSnapshot(
      programs: 100, own: 10, steal: 0, total: 1000, strangers: [], throttles: 0, frequencyLimit: nil)
    change(&look)
    return look
  }

  private func said(_ change: (inout MachineSnapshot) -> Void) -> String? {
    MachineSnapshot.disturbance(
      from: look(),
      to: look {
        $0.total += 10
        change(&$0)
      })
  }

  @Test func whatIsOursDisturbsNobody() {
    #expect(
      said {
        $0.programs += 9
        $0.own += 8
      } == nil)
  }

  @Test func othersHeatAndTheHypervisorDo() {
    #expect(said { $0.programs += 4 } == "other programs took 40 % of the CPU time")
    #expect(said { $0.steal += 2 } == "the hypervisor took 20 % of the CPU time")
    #expect(said { $0.throttles += 1 } == "a CPU was throttled for heat")
    #expect(said { $0.frequencyLimit = 2_000_000 } == "the limit of the CPUs' frequency changed")
    #expect(
      said { $0.strangers = [.init(pid: 7, name: "fio", cpu: 1)] } == "fio (process 7) ran, which is not ours")
  }

  @Test func aStrangerThatWaitsDisturbsNobody() {
    let stranger = MachineSnapshot.ForeignProcess(pid: 7, name: "fio", cpu: 5)
    #expect(
      MachineSnapshot.disturbance(
        from: look { $0.strangers = [stranger] },
        to: look {
          $0.strangers = [stranger]
          $0.total += 10
        }) == nil)
  }

  @Test func aLookCanBeTaken() throws {
    let look = try #require(MachineSnapshot.now())
    #expect(look.total > 0 && look.programs > 0 && look.own > 0)
  }
}

@Suite struct SelfTestTests {
  @Test func aSlowedSubjectHasTheLatencyNodeInFront() throws {
    let subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects").delayed(by: 1234)
    var settings = ExportSettings()
    settings.node = .null
    settings.size = 4096
    let words = try subject.arguments(
      mode: .legacy, settings: settings,
      places: .init(image: "i", mountPoint: "m", pidfile: "p", statistics: "s"), cpus: 2)
    #expect(words.contains("driver=null-co,node-name=behind,size=4096"))
    #expect(words.contains("driver=latency,node-name=fmt,file=behind,latency-ns=1234"))
  }

  @Test func aSubjectWithoutANullNodeCannotBeSlowed() throws {
    let subject = try Subject.named("raw", in: scenarioFolder + "/subjects")
    #expect(throws: BenchError.self) { try subject.delayed(by: 1) }
  }

  @Test func twoOfFortyMayBeWrongAndEighteenOfTwentyMustBeFound() {
    func trials(_ count: Int, slowed: Bool, _ factor: Double) -> [SelfTest.Trial] {
      let settings = BenchSettings(budget: .full, size: 1, seed: 1)
      let comparison = Comparison(
        base: ComparisonTests.cell("a", steady), other: ComparisonTests.cell("b", times(factor)), metric: .rate,
        settings: settings)!
      return Array(
        repeating: SelfTest.Trial(mode: .legacy, isSlowed: slowed, hasLatency: true, comparison: comparison),
        count: count)
    }
    func outcome(told: Int, found: Int) -> SelfTest.Outcome {
      .init(
        trials: trials(told, slowed: false, 1.2) + trials(40 - told, slowed: false, 1)
          + trials(found, slowed: true, 0.9) + trials(20 - found, slowed: true, 1))
    }
    #expect(outcome(told: 2, found: 18).isTrue)
    #expect(!outcome(told: 3, found: 20).isTrue)
    #expect(!outcome(told: 0, found: 17).isTrue)
  }
}
