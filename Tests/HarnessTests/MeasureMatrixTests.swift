// The matrix before it runs: columns of several subjects, filters, budgets, lints, and what a subject cannot do.

import Foundation
import Testing

@testable import Harness
@testable import HarnessStatistics

@Suite struct MeasureMatrixTests {
  private static func subject(_ name: String, modes: [Mode] = Mode.allCases) throws -> Subject {
    var subject = try Subject.named(name, in: scenarioFolder + "/subjects")
    subject.modes = modes
    return subject
  }

  // MARK: columns

  @Test func oneSubjectsColumnsAreItsModes() throws {
    let own = try Self.subject("fusebench")
    let table = try ColumnTable(subjects: [own], modes: [.multithread, .ioUring], raw: true, own: own, cpus: 4)
    #expect(table.columns.map(\.name) == ["raw", "null", "multithread", "io_uring"])
    #expect(table.columns.map(\.role) == [.reference, .reference, .compared, .compared])
    #expect(table.columns[1].mode == .multithread)
    #expect(table.columns[1].node == .null)
    #expect(table.columns[1].threads == 4)
    #expect(table.notes.isEmpty)
  }

  @Test func severalSubjectsAreNamedAndWhatOneLacksIsSaid() throws {
    let (own, other) = (try Self.subject("fusebench"), try Self.subject("qemu-storage-daemon", modes: [.legacy]))
    let table = try ColumnTable(
      subjects: [own, other], modes: [.legacy, .ioUring], raw: false, own: nil, cpus: 2)
    #expect(table.columns.map(\.name) == ["fusebench legacy", "fusebench io_uring", "qemu-storage-daemon legacy"])
    #expect(table.notes == ["qemu-storage-daemon has no mode io_uring, so there is no such column"])
    #expect(table.columns[2].subject(among: [own, other])?.name == "qemu-storage-daemon")
  }

  @Test func theLoopWithoutIoUringIsAColumnOfItsOwn() throws {
    let (own, other) = (try Self.subject("fusebench"), try Self.subject("qemu-storage-daemon"))
    let alone = try ColumnTable(
      subjects: [own], modes: Mode.allCases, raw: false, own: nil, epoll: Mode.allCases, cpus: 2)
    #expect(
      alone.columns.map(\.name) == ["legacy", "legacy (epoll)", "multithread", "multithread (epoll)", "io_uring"])
    #expect(alone.columns.map(\.eventLoop) == [nil, .epoll, nil, .epoll, nil])
    #expect(alone.columns.map(\.side) == ["", "", "", "", ""])
    // Whose loop cannot be chosen has no such column.
    let beside = try ColumnTable(
      subjects: [own, other], modes: [.legacy], raw: false, own: nil, epoll: [.legacy], cpus: 2)
    #expect(
      beside.columns.map(\.name) == ["fusebench legacy", "fusebench legacy (epoll)", "qemu-storage-daemon legacy"])
    #expect(beside.columns.map(\.side) == ["fusebench", "fusebench", "qemu-storage-daemon"])
  }

  @Test func aColumnOfTheLoopStartsTheExportWithIt() throws {
    let own = try Self.subject("fusebench")
    let places = Subject.Places(image: "i", mountPoint: "m", pidfile: "p", statistics: "s")
    let row = Row(node: .file, workload: Workload(name: "w", operation: .read))
    func words(_ mode: Mode, _ loop: EventLoop?) throws -> String {
      let column = Column(name: "c", kind: .export, mode: mode, eventLoop: loop)
      let settings = ExportSettings(row: row, column: column, size: 4096)
      return try own.arguments(mode: mode, settings: settings, places: places, cpus: 2).joined(separator: " ")
    }
    #expect(try words(.legacy, .epoll).contains("--object main-loop,id=main-loop,event-loop=epoll "))
    #expect(try words(.multithread, .epoll).contains("--object iothread,id=t1,event-loop=epoll "))
    let usual = try words(.legacy, nil)
    #expect(!usual.contains("loop"))
  }

  @Test func programsOfOneSubjectAreTwoColumns() throws {
    let folder = scenarioFolder + "/subjects"
    let first = try Subject.named("fusebench", in: folder, program: "/bin/true")
    let second = try Subject.named("fusebench", in: folder, program: "/bin/false")
    let table = try ColumnTable(subjects: [first, second], modes: [.legacy], raw: false, own: nil, cpus: 2)
    #expect(table.columns.map(\.name) == ["fusebench#1 legacy", "fusebench#2 legacy"])
    #expect(table.columns.map { $0.subject(among: [first, second])?.program } == ["/bin/true", "/bin/false"])
  }

  @Test func wordsBeforeAProgramAreKeptAndTheNullReferenceHasNone() throws {
    var subject = try Self.subject("fusebench")
    subject.prefix = ["nice", "-n", "5"]
    let own = try Self.subject("fusebench")
    let table = try ColumnTable(subjects: [subject], modes: [.legacy], raw: true, own: own, cpus: 2)
    #expect(table.columns.map(\.prefix) == [nil, nil, ["nice", "-n", "5"]])
    #expect(table.columns.map { $0.subject(among: [subject, own])?.prefix } == [nil, [], ["nice", "-n", "5"]])
  }

  @Test func aSubjectWithoutAnyOfTheModesIsRefused() throws {
    let other = try Self.subject("qemu-storage-daemon", modes: [.legacy])
    let fault = #expect(throws: PlanError.self) {
      try ColumnTable(subjects: [other], modes: [.ioUring], raw: true, own: nil, cpus: 2)
    }
    #expect(fault?.description == "qemu-storage-daemon has no mode io_uring; it has: legacy")
  }

  // MARK: what is left of a matrix

  private static func request(
    _ suites: [String] = ["transport"], _ budget: BudgetRequest = .full
  ) throws -> BenchRequest {
    BenchRequest(
      .suites(try suites.map { try Suite.named($0, in: scenarioFolder + "/suites", cpus: 2) }, budget),
      compared: [try subject("fusebench")], results: "results", command: [])
  }

  @Test(arguments: [
    ("read rand aio ×1", 2), ("file read *", 8), ("×4", 16), ("rand aio", 8), ("null write seq sync ×4", 1),
    ("ra?d", 16),
  ])
  func globsMeanNamesOrWordsOfThem(_ glob: String, _ count: Int) throws {
    var request = try Self.request()
    request.selection.filters = [RowFilter(glob)]
    #expect(try request.plan().first?.rows.count == count)
  }

  @Test func aFilterThatLeavesNothingIsRefused() throws {
    var request = try Self.request()
    request.selection.filters = [RowFilter("nosuch")]
    let fault = #expect(throws: BenchError.self) { try request.plan() }
    #expect(fault?.description.hasPrefix("--filter 'nosuch' leaves no row of transport") == true)
  }

  @Test func rowsThatAnAxisMakesImpossibleAreLeftOutAndSaid() throws {
    var request = try Self.request()
    request.selection.axes = [try AxisOverride("depth=1,4,16", cpus: 2)]
    request.selection.filters = [RowFilter("read*")]
    let plan = try #require(try request.plan().first)
    // Of 16 rows half are asynchronous and go through all three depths, the others have depth 1 only.
    #expect(plan.rows.count == 8 * 3 + 8)
    #expect(plan.fault == nil)
    #expect(
      plan.notes.first?.hasPrefix(
        "left out, because they cannot be so: file read seq sync ×1 depth 4, file read seq sync ×1 depth 16 "
          + "and 14 more (engine pvsync2 has one request in flight") == true, "\(plan.notes)")
  }

  @Test(arguments: [("depth=4", "sync"), ("depth=4,0", "aio"), ("depth=0", "read*")])
  func aValueThatNoRowCanHaveIsRefused(_ axis: String, _ filter: String) throws {
    var request = try Self.request()
    request.selection.axes = [try AxisOverride(axis, cpus: 2)]
    request.selection.filters = [RowFilter(filter)]
    let fault = #expect(throws: BenchError.self) { try request.plan() }
    #expect(fault?.description.hasPrefix("transport: row 'file read seq ") == true)
  }

  @Test func aFilterThatMeansNothingIsRefusedAlthoughAnotherMeansSomething() throws {
    var request = try Self.request()
    request.selection.filters = [RowFilter("read*"), RowFilter("raed*")]
    let fault = #expect(throws: BenchError.self) { try request.plan() }
    #expect(fault?.description.hasPrefix("--filter 'raed*' leaves no row of transport") == true)
  }

  // MARK: budgets

  @Test func budgetsAsPeopleWriteThem() {
    #expect(BudgetRequest("quick") == .quick)
    #expect(BudgetRequest("full") == .full)
    #expect(BudgetRequest("90") == .seconds(90))
    #expect(BudgetRequest("60s") == .seconds(60))
    #expect(BudgetRequest("5m") == .seconds(300))
    #expect(BudgetRequest("1.5h") == .seconds(5400))
    for words in ["", "s", "fast", "-1s", "0", "infm"] { #expect(BudgetRequest(words) == nil, "\(words)") }
  }

  @Test(arguments: [10.0, 60, 300, 3600, 36000]) func aTimeIsKeptAndWhatItLeavesOutIsSaid(_ seconds: Double) throws {
    let request = try Self.request(["transport"], .seconds(seconds))
    let plan = try #require(try request.plan().first)
    #expect(plan.estimate <= seconds || plan.rows.count == 1)
    #expect(plan.notes.first?.hasPrefix("budget of \(Int(seconds)) s: ") == true)
    let saysSo = plan.notes.contains { $0.hasPrefix("the budget left out \(32 - plan.rows.count) of 32 rows: ") }
    #expect(saysSo == (plan.rows.count < 32))
  }

  @Test(arguments: [60.0, 100, 300, 600, 1200]) func aTimeBuysVerdictsBeforeRows(_ seconds: Double) throws {
    let request = try Self.request(["transport", "mixed"], .seconds(seconds))
    let plans = try request.plan()
    #expect(plans.allSatisfy { $0.settings.samples >= RankTest.fewestPairs })
    #expect(plans.reduce(0) { $0 + $1.estimate } <= seconds)
    let isLeft = plans[0].notes.contains("the budget left out the suites after it: mixed")
    #expect(isLeft == (plans.count == 1))
    // Nodes lose rows in turn.
    if seconds == 300 { #expect(Set(plans[0].rows.map(\.node)).count == 2) }
  }

  @Test func samplesAskedForHoldAndDecideWhatATimeBuys() throws {
    var request = try Self.request(["transport"], .seconds(150))
    request.sampling.samples = 3
    request.sampling.runtime = 0.2
    let plan = try #require(try request.plan().first)
    #expect(plan.settings.samples == 3)
    #expect(plan.settings.runtime == 0.2)
    #expect(plan.estimate <= 150)
    request.sampling.samples = 20
    #expect(try #require(try request.plan().first).rows.count < plan.rows.count)
  }

  // MARK: lints

  private func notes(_ change: (inout Row) -> Void) -> [String] {
    var row = Row(node: .file, workload: Workload(name: "row", engine: .libaio))
    change(&row)
    return row.lints(size: 1 << 30, cpus: 2)
  }

  @Test func whatWouldDistortIsNoted() {
    #expect(notes { _ in } == [])
    #expect(
      notes { ($0.node, $0.export.aio) = (.null, .native) }.first?.contains("no difference on a null node") == true)
    #expect(notes { $0.workload.readPercent = 50 } == ["read-percent makes no difference to read"])
    #expect(notes { ($0.workload.readPercent, $0.workload.operation) = (50, .mixed) } == [])
    #expect(notes { $0.workload.jobs = 4 } == ["4 jobs share 2 CPUs with the export"])
    #expect(notes { $0.export.direct = false }.first?.contains("host's page cache") == true)
    #expect(notes { $0.workload.fioOptions["direct"] = "0" }.first?.contains("client's page cache") == true)
    #expect(notes { $0.workload.fioOptions["size"] = "1M" }.first?.contains("working set is 1M of 1G") == true)
  }

  @Test func whatASubjectCannotDoIsNoted() throws {
    let row = Row(node: .file, workload: Workload(name: "row"))
    var knobs = row
    knobs.export.queueDepth = 4
    knobs.export.threads = 2
    func notes(_ name: String, _ row: Row, _ mode: Mode = .legacy) throws -> [String] {
      let column = Column(name: "c", kind: .export, mode: mode, subject: name, threads: mode == .legacy ? 0 : 2)
      return try Self.subject(name).notes(row: row, column: column, size: 1 << 20, cpus: 2)
    }
    #expect(try notes("fusebench", row) == [])
    #expect(try notes("fusebench", knobs, .multithread) == [])
    #expect(
      try notes("fusebench", knobs) == ["legacy has no iothreads in fusebench: the row's number makes no difference"])
    #expect(try notes("qemu-storage-daemon", knobs, .ioUring) == ["qemu-storage-daemon has no queue-depth to set"])
    let nbd = try notes("nbdfuse", row)
    #expect(nbd.count == 2)
    #expect(nbd.first?.hasPrefix("nbdfuse cannot bypass the page cache") == true)
  }

  @Test func aDepthThatWasNotReachedIsNoted() throws {
    var load = try #require(StoredRunFixture.run.cells.lazy.flatMap(\.samples).compactMap(\.io).first)
    let workload = Workload(name: "row", engine: .libaio, depth: 16, jobs: 2)
    func notes(atDepth: Double?, inFlight: Int?, on node: NodeKind = .file) -> [String] {
      load.atDepth = atDepth
      var server = ServerCost(source: .statistics, userMicros: 1, systemMicros: 1)
      server.maxInFlight = inFlight
      return BenchCell.notes(
        of: [Sample(index: 0, seed: 1, value: 1, io: load, server: server)], in: workload, on: node)
    }
    #expect(notes(atDepth: 0.98, inFlight: 32) == [])
    #expect(notes(atDepth: nil, inFlight: nil) == [])
    #expect(notes(atDepth: 0.98, inFlight: 1, on: .null) == [])
    #expect(
      notes(atDepth: 0.5, inFlight: 12) == [
        "depth 16 was not reached: 50 % of fio's I/Os were submitted at it",
        "the export had at most 12 of 32 requests in flight at once",
      ])
  }
}
