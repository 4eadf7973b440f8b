// Which cells run, how often, in which order, and which beside which.

import Foundation
import Testing

@testable import Harness

@Suite struct CheckPlanTests {
  private let cells: [Cell]
  init() throws {
    let fixture = try JudgedCellFixture()
    cells = try ["a", "b", "c", "d"].flatMap { name in
      try [Mode.legacy, .ioUring].map { try fixture.cell(name, $0) }
    }
  }

  private func order(_ plan: CheckPlan) -> [String] {
    plan.entries.map { "\($0.cell.scenario.name)\($0.cell.mode == .legacy ? 1 : 3)\($0.round)" }
  }

  @Test func roundsComeOneAfterTheOther() {
    let plan = CheckPlan(Array(cells.prefix(2)), rounds: 3)
    #expect(order(plan) == ["a11", "a31", "a12", "a32", "a13", "a33"])
  }

  @Test func aSeedMeansTheSameOrderForEver() {
    let plan = CheckPlan(cells, rounds: 2, seed: 42)
    #expect(order(plan) == order(CheckPlan(cells, rounds: 2, seed: 42)))
    #expect(order(plan) != order(CheckPlan(cells, rounds: 2, seed: 43)))
    #expect(order(plan).sorted() == order(CheckPlan(cells, rounds: 2)).sorted())
    #expect(order(plan).prefix(8).allSatisfy { $0.hasSuffix("1") })
    #expect(
      order(plan) == [
        "b31", "a31", "d11", "b11", "c11", "a11", "d31", "c31", "a12", "a32", "b32", "d32", "c32", "b12",
        "d12", "c12",
      ])
  }

  @Test func tagsNarrowTheChoice() throws {
    let folder = try Workspace(label: "tag-test")
    defer { folder.remove() }
    for (name, tags) in [("one", "eof, quick"), ("two", "size, quick"), ("three", "size")] {
      try "title: T\ntags: [\(tags)]\nsteps:\n  - run: \"true\"\n".write(
        toFile: folder.file("\(name).yaml"), atomically: true, encoding: .utf8)
    }
    let library = try ScenarioLibrary(folder: folder.path)
    #expect(try library.select([], tags: ["quick"]).map(\.name) == ["one", "two"])
    #expect(try library.select([], tags: ["eof", "size"]).map(\.name) == ["one", "three", "two"])
    #expect(try library.select(["t*"], tags: ["quick"]).map(\.name) == ["two"])
    #expect(throws: FileError(file: folder.path, message: "no scenario bears the tag 'x'; tags are eof, quick, size")) {
      try library.select([], tags: ["x"])
    }
    #expect(
      throws: FileError(file: folder.path, message: "none of the scenarios named bears the tag eof")
    ) { try library.select(["t*"], tags: ["eof"]) }
  }
}

@Suite struct ExpectedFailureTests {
  private let head = "title: T\nprogram: p\nmodes: [legacy]\narguments: [a]\n"

  private func subject(_ text: String) throws -> Subject {
    let folder = try Workspace(label: "xfail-test")
    defer { folder.remove() }
    try (head + text).write(toFile: folder.file("x.yaml"), atomically: true, encoding: .utf8)
    return try Subject.named("x", in: folder.path)
  }

  @Test func theyAreDeclaredInTheSubjectsFile() throws {
    let entries = try subject(
      """
      xfail:
        - {scenario: "eof-*", modes: [legacy], shows: "+ *EIO", why: EIO, link: docs/findings.md}
        - scenario: [alloc, size]
          versions: "p 7.*"
          shows: ["+ *", "timeout: *"]
          why: races
          link: https://example.org
          sometimes: on
      """
    ).knownFailures
    #expect(
      entries == [
        ExpectedFailure(
          scenarios: ["eof-*"], modes: [.legacy], shows: ["+ *EIO"], why: "EIO", link: "docs/findings.md"),
        ExpectedFailure(
          scenarios: ["alloc", "size"], versions: ["p 7.*"], shows: ["+ *", "timeout: *"], why: "races",
          link: "https://example.org", sometimes: true),
      ])
    #expect(entries[0].covers("eof-read", .legacy, version: nil))
    #expect(!entries[0].covers("eof-read", .ioUring, version: nil))
    #expect(!entries[0].covers("size", .legacy, version: nil))
    #expect(entries[1].covers("size", .ioUring, version: "p 7.2"))
    #expect(!entries[1].covers("size", .ioUring, version: "p 8.0"))
    #expect(!entries[1].covers("size", .ioUring, version: nil), "a version that is not told is none that is known")
  }

  @Test func allOfAnEntryIsNeeded() throws {
    #expect(throws: FileError.self) { try subject("xfail:\n  - {scenario: a, shows: x, link: b}") }
    #expect(throws: FileError.self) { try subject("xfail:\n  - {scenario: a, shows: x, why: b}") }
    #expect(throws: FileError.self) { try subject("xfail:\n  - {scenario: a, why: b, link: c}") }
    #expect(throws: FileError.self) { try subject("xfail:\n  - {scenario: a, shows: [], why: b, link: c}") }
    #expect(throws: FileError.self) { try subject("xfail:\n  - {shows: x, why: b, link: c}") }
    #expect(throws: FileError.self) {
      try subject("xfail:\n  - {scenario: a, shows: x, why: b, link: c, modes: [fast]}")
    }
  }

  @Test func expectationChangesTheVerdict() {
    let known = ExpectedFailure(scenarios: ["a"], shows: ["+ *[exit 1]"], why: "b", link: "c")
    let sometimes = ExpectedFailure(scenarios: ["a"], shows: ["*"], why: "b", link: "c", sometimes: true)
    let failed = Verdict.fail(.exit, "x")
    #expect(failed.expecting([known], evidence: ["+ [exit 1]"]) == .xfail(known, .exit, "x"))
    #expect(Verdict.pass.expecting([known], evidence: []) == .xpass(known))
    #expect(Verdict.pass.expecting([sometimes, known], evidence: []) == .xpass(known))
    #expect(Verdict.pass.expecting([sometimes], evidence: []) == .pass)
    #expect(Verdict.skip("x").expecting([known], evidence: []) == .skip("x"))
    #expect(Verdict.pass.expecting([], evidence: []) == .pass)
    #expect(failed.expecting([], evidence: ["+ a"]) == failed)
  }

  @Test func aFailureThatShowsSomethingElseIsNoExpectedOne() {
    let known = ExpectedFailure(scenarios: ["a"], shows: ["+ dd: *EIO*", "+ [exit *]"], why: "b", link: "c")
    let other = ExpectedFailure(scenarios: ["*"], shows: ["- *", "left-behind: *"], why: "d", link: "e")
    func verdict(_ evidence: String...) -> Verdict {
      Verdict.fail(.output, "x").expecting([known, other], evidence: evidence)
    }
    #expect(verdict("+ dd: a: EIO", "+ [exit 1]") == .xfail(known, .output, "x"))
    #expect(verdict("- 4096", "+ dd: EIO", "left-behind: mp") == .xfail(known, .output, "x"))
    #expect(verdict("left-behind: mp") == .xfail(other, .output, "x"))
    for odd in ["+ dd: ENOSPC", "+ [exit", "+ exit 1]", "timeout: step 1", "+ dd", "", "x+ [exit 1]"] {
      guard case .fail(.output, let detail) = verdict("+ dd: EIO", odd) else {
        Issue.record("'\(odd)' is hidden")
        continue
      }
      #expect(detail == "x\nanother failure is expected (b), which does not show: \(odd)")
    }
  }

  @Test func evidenceIsEveryFindingAndEveryPlaceThatDiffers() {
    var run = CellRun()
    run.transcript = "a\nX\nY\nc\ne\nf\n"
    run.findings = [Finding(.daemonLog, "two\nlines"), Finding(.leftBehind, "a mount")]
    #expect(
      Verdict.evidence(run, golden: "a\nb\nc\nd\ne\n") == [
        "daemon-log: two", "daemon-log: lines", "left-behind: a mount", "+ X", "+ Y", "- d", "+ f",
      ])
    run.isComplete = false
    #expect(Verdict.evidence(run, golden: "a\n").count == 3, "a transcript that ends early says nothing")
  }

  @Test func anEntryForAScenarioThatDoesNotExistIsAFault() throws {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    var subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    subject.knownFailures = [ExpectedFailure(scenarios: ["eof-append", "no-such"], shows: ["*"], why: "b", link: "c")]
    #expect(throws: FileError.self) { try Check(library: library, subject: subject).checkExpectedFailures() }
    subject.knownFailures = [ExpectedFailure(scenarios: ["*"], shows: ["*"], why: "b", link: "c")]
    try Check(library: library, subject: subject).checkExpectedFailures()
    // Another folder of scenarios than the one that they were written for.
    subject.knownFailures = [ExpectedFailure(scenarios: ["*", "no-such"], shows: ["*"], why: "b", link: "c")]
    try Check(library: library, subject: subject).checkExpectedFailures()
  }

  /// The files of this project name scenarios of this project.
  @Test func theProjectsEntriesSpeakOfItsScenarios() throws {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    for subject in try Subject.all(in: scenarioFolder + "/subjects") {
      for name in subject.knownFailures.flatMap(\.scenarios) where name != "*" {
        #expect(library.scenarios.contains { $0.name == name }, "\(subject.name): \(name)")
      }
    }
  }
}

@Suite struct KernelLogTests {
  @Test func recordsAreShownAsDmesgDoes() {
    func line(_ text: String) -> ByteText { KernelLog.line(Array(text.utf8)[...]) }
    #expect(line("6,339,5140900,-;NET: Registered\n SUBSYSTEM=x\n") == "[    5.140900] NET: Registered\n")
    #expect(line("4,1,1234567000042,-;a;b\n") == "[1234567.000042] a;b\n")
    #expect(line("odd") == "odd")
  }
}
