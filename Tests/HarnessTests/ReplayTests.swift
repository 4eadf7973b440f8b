// A stored run measured again: the request that comes out, and what is said to be different.

import Foundation
import Testing

@testable import Harness

@Suite struct ReplayTests {
  private static func subject(_ name: String = "fusebench", program: String? = nil) throws -> Subject {
    try Subject.named(name, in: scenarioFolder + "/subjects", program: program)
  }

  /// A run with a control and a null reference, as `bench` keeps it.
  private static var stored: StoredRun {
    var run = StoredRunFixture.run
    run.columns.insert(
      Column(name: "null", kind: .export, role: .reference, mode: .legacy, subject: "fusebench", node: .null), at: 1)
    run.columns =
      BenchPlan(
        suite: "", title: "", rows: [], columns: run.columns, settings: run.settings
      ).withControl().columns
    run.settings.samples = 4
    run.settings.maxSamples = 9
    run.settings.precision = 0.02
    run.settings.smallestEffect = 0.03
    run.settings.runtime = 0.7
    run.settings.cpuIdle = .free
    return run
  }

  private static func matrix(_ run: StoredRun, _ subjects: [Subject]? = nil) throws -> BenchPlan {
    let replay = try Replay(of: run)
    let request = try replay.request(
      subjects: subjects ?? [try subject()], reference: try subject(), results: "results", command: [])
    return try #require(try request.plan().first)
  }

  @Test func theMatrixIsTheStoredOne() throws {
    let run = Self.stored
    let matrix = try Self.matrix(run)
    #expect(matrix.suite == run.suite && matrix.title == run.title)
    #expect(matrix.columns == run.columns)
    #expect(matrix.settings == run.settings)
    #expect(matrix.rows.map(\.title) == run.rows.map(\.title))
    #expect(matrix.rows.map(\.workload) == run.rows.map(\.workload))
    #expect(matrix.notes == ["a replay of \(run.id), with its seed"])
  }

  @Test func aRunWithoutControlHasNone() throws {
    var run = Self.stored
    run.columns.removeAll { $0.role == .control }
    #expect(try Self.matrix(run).columns == run.columns)
  }

  @Test func aBrokenOffRunIsReplayedWhole() throws {
    var run = Self.stored
    run.finished = nil
    run.cells = Array(run.cells.prefix(1))
    #expect(try Self.matrix(run).rows.map(\.title) == run.rows.map(\.title))
  }

  @Test func aMergedRunIsReplayedAsFarAsItHoldsCells() throws {
    var run = Self.stored
    run.mergedFrom = ["one", "other"]
    #expect(try Self.matrix(run).rows.count == 3)
    run.cells = []
    let fault = #expect(throws: BenchError.self) { try Replay(of: run) }
    #expect(fault?.description.hasSuffix("has no row of an export to measure again; replay another run") == true)
  }

  @Test func aShareIsReplayedAsAShare() throws {
    var run = Self.stored
    run.shard = Shard(number: 2, of: 3)
    let request = try Replay(of: run).request(
      subjects: [try Self.subject()], reference: try Self.subject(), results: "results", command: [])
    #expect(request.selection.shard == run.shard)
    // All shares of a matrix, so that it can still be merged with the replays of the others.
    let matrix = try #require(try request.plan().first)
    #expect(matrix.rows.map(\.title) == run.rows.map(\.title))
    #expect(matrix.share(Shard(number: 2, of: 3)).rows.map(\.title) == run.ownRows.map(\.title))
    #expect(matrix.settings.seed == run.settings.seed)
  }

  @Test func anotherProgramTakesThePlaceOfTheRuns() throws {
    let run = Self.stored
    let replay = try Replay(of: run)
    #expect(replay.programs == [.init(subject: "fusebench", path: nil, prefix: [])])
    #expect(replay.reference == .init(subject: "fusebench", path: nil, prefix: []))
    let request = try replay.request(
      subjects: [try Self.subject(program: "/bin/true")], reference: try Self.subject(), results: "r", command: [])
    let columns = try #require(try request.plan().first).columns
    #expect(columns.map(\.name) == run.columns.map(\.name))
    for column in columns {
      #expect(column.program == (column.role == .compared || column.role == .control ? "/bin/true" : nil))
    }
    #expect(columns[2].subject(among: request.programs)?.program == "/bin/true")
    #expect(columns[1].subject(among: request.programs)?.program == "self")
    #expect(request.selection.modes == Mode.allCases)
    #expect(replay.differences(request, on: run.machine).contains("io_uring: fusebench, fusebench /bin/true"))
  }

  @Test func twoProgramsKeepTheirPlaces() throws {
    var run = Self.stored
    run.columns = ["p", "q"].map { program in
      Column(
        name: "\(program) legacy", kind: .export, mode: .legacy, subject: "fusebench", program: "/bin/\(program)")
    }
    let replay = try Replay(of: run)
    #expect(replay.programs.map(\.path) == ["/bin/p", "/bin/q"])
    let both = [try Self.subject(program: "/bin/true"), try Self.subject(program: "/bin/false")]
    #expect(try Self.matrix(run, both).columns.map(\.program) == ["/bin/true", "/bin/false"])
    let fault = #expect(throws: BenchError.self) { try Self.matrix(run, [both[0]]) }
    #expect(fault?.description.contains("compares 2 programs, not 1; give one --subject or --program") == true)
  }

  @Test func aReplayIsServedBehindTheWordsOfItsRun() throws {
    var run = Self.stored
    let words = ["chroot", "/srv/old"]
    for index in run.columns.indices where run.columns[index].kind == .export && run.columns[index].name != "null" {
      run.columns[index].prefix = words
    }
    let replay = try Replay(of: run)
    #expect(replay.programs == [.init(subject: "fusebench", path: nil, prefix: words)])
    #expect(replay.reference?.prefix == [])
    #expect(replay.programs(at: ["/bin/p"]) == [.init(subject: "fusebench", path: "/bin/p", prefix: words)])
    #expect(replay.programs(at: ["/p", "/q"]).map(\.path) == ["/p", "/q"])
    var (same, bare) = (try Self.subject(), try Self.subject())
    same.prefix = words
    let request = try replay.request(subjects: [same], reference: bare, results: "r", command: [])
    #expect(try #require(try request.plan().first).columns == run.columns)
    #expect(!replay.differences(request, on: run.machine).contains { $0.contains("chroot") })
    bare.prefix = ["nice"]
    let other = try replay.request(subjects: [bare], reference: nil, results: "r", command: [])
    #expect(
      replay.differences(other, on: run.machine).contains(
        "io_uring: fusebench behind chroot /srv/old, fusebench behind nice"))
  }

  @Test func aModeThatIsMissingIsRefused() throws {
    let fault = #expect(throws: BenchError.self) {
      var legacy = try Self.subject()
      legacy.modes = [.legacy]
      _ = try Self.matrix(Self.stored, [legacy])
    }
    #expect(fault?.description.hasPrefix("fusebench has no mode multithread, which ") == true)
  }

  @Test func whatIsDifferentTodayIsSaid() throws {
    var run = Self.stored
    run.build = .own
    let replay = try Replay(of: run)
    let request = try replay.request(
      subjects: [try Self.subject()], reference: try Self.subject(), results: "r", command: [])
    #expect(replay.differences(request, on: run.machine) == [])
    var subject = try Self.subject()
    subject.version = "9.9"
    let newer = try replay.request(subjects: [subject], reference: try Self.subject(), results: "r", command: [])
    #expect(replay.differences(newer, on: run.machine) == [])
    for index in run.columns.indices where run.columns[index].role == .compared { run.columns[index].version = "9.8" }
    #expect(
      try Replay(of: run).differences(newer, on: run.machine)
        == [
          "legacy: fusebench 9.8, fusebench 9.9", "multithread: fusebench 9.8, fusebench 9.9",
          "io_uring: fusebench 9.8, fusebench 9.9",
        ])
    var machine = run.machine
    machine.kernel = "6.19.0"
    machine.fuseParameters["enable_uring"] = "N"
    machine.load = [9, 9, 9]
    #expect(
      replay.differences(request, on: machine) == ["kernel: 6.18.44, 6.19.0", "fuse.enable_uring: Y, N"])
  }

  @Test func whatSeemsSlowerIsMeasuredAfreshAndWhole() throws {
    var run = Self.stored
    run.shard = Shard(number: 1, of: 2)
    let request = try Replay(of: run).request(
      subjects: [try Self.subject()], reference: nil, results: "r", command: [])
    var slower = run
    for index in slower.cells.indices {
      slower.cells[index].samples = (0..<8).flatMap { _ in slower.cells[index].samples.prefix(1) }
    }
    var base = slower
    for index in base.cells.indices {
      for sample in base.cells[index].samples.indices { base.cells[index].samples[sample].value *= 2 }
    }
    let result = try BenchGate(baseline: base, limit: 0.05).judge(slower)
    let again = try #require(Confirmation(of: request).fresh(for: result))
    let matrix = try #require(try again.plan().first)
    #expect(matrix.rows.map(\.title) == result.rows.filter { $0.verdict == .slower }.map(\.title).uniqued)
    #expect(again.selection.shard == nil)
    #expect(matrix.settings.seed != run.settings.seed)
  }
}

extension [String] {
  /// Each once, in the order of their first places.
  fileprivate var uniqued: [String] { reduce(into: []) { if !$0.contains($1) { $0.append($1) } } }
}
