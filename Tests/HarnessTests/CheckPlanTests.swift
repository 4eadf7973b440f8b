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
        - {scenario: "eof-*", modes: [legacy], why: EIO, link: docs/findings.md}
        - {scenario: alloc, why: races, link: "https://example.org", sometimes: on}
      """
    ).knownFailures
    #expect(
      entries == [
        ExpectedFailure(scenario: "eof-*", modes: [.legacy], why: "EIO", link: "docs/findings.md"),
        ExpectedFailure(scenario: "alloc", why: "races", link: "https://example.org", sometimes: true),
      ])
    #expect(entries[0].covers("eof-read", .legacy))
    #expect(!entries[0].covers("eof-read", .ioUring))
    #expect(!entries[0].covers("size", .legacy))
  }

  @Test func reasonAndLinkAreNeeded() throws {
    #expect(throws: FileError.self) { try subject("xfail:\n  - {scenario: a, link: b}") }
    #expect(throws: FileError.self) { try subject("xfail:\n  - {scenario: a, why: b}") }
    #expect(throws: FileError.self) { try subject("xfail:\n  - {scenario: a, why: b, link: c, modes: [fast]}") }
  }

  @Test func expectationChangesTheVerdict() {
    let known = ExpectedFailure(scenario: "a", why: "b", link: "c")
    let sometimes = ExpectedFailure(scenario: "a", why: "b", link: "c", sometimes: true)
    #expect(Verdict.fail(.exit, "x").expecting(known) == .xfail(known, .exit, "x"))
    #expect(Verdict.pass.expecting(known) == .xpass(known))
    #expect(Verdict.pass.expecting(sometimes) == .pass)
    #expect(Verdict.skip("x").expecting(known) == .skip("x"))
    #expect(Verdict.pass.expecting(nil) == .pass)
  }

  @Test func anEntryForAScenarioThatDoesNotExistIsAFault() throws {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    var subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    subject.knownFailures = [ExpectedFailure(scenario: "no-such", why: "b", link: "c")]
    #expect(throws: FileError.self) { try Check(library: library, subject: subject).checkExpectedFailures() }
    subject.knownFailures = [ExpectedFailure(scenario: "*", why: "b", link: "c")]
    try Check(library: library, subject: subject).checkExpectedFailures()
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
