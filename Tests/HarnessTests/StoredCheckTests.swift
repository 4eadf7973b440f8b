// Stored checks: what is written is read again, what is wrong is refused in one line, and every form tells the same.

import Foundation
import Testing

@testable import Harness

@Suite struct StoredCheckTests {
  private let fixture: JudgedCellFixture
  init() throws { fixture = try JudgedCellFixture() }

  private func check() throws -> StoredCheck {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    let facts = CheckFacts(
      command: ["fusebench", "check"], judge: "1.0",
      program: .init(path: "/bin/x", version: "1.0", digest: String(repeating: "a", count: 64)),
      tools: ["fio": "fio-3"], library: library)
    var result = try fixture.everyVerdict()
    result.kernel = "6.18.0"
    return StoredCheck(
      result, id: "20260131T175900Z-check", started: RunTime(secondsSince1970: 1_769_882_340), facts: facts
    ) { $0.name == "fails" ? "$ true\na < b\n" : "$ true\n" }
  }

  private func inFolder(_ body: (String) throws -> Void) throws {
    let results = NSTemporaryDirectory() + "fusebench-checks-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: results) }
    try body(results)
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    try inFolder { results in
      let folder = try RunFolder.create(
        in: results, suite: "check", at: RunTime(secondsSince1970: 1_769_882_340), forSamples: false)
      let check = try check()
      try check.write(to: folder)
      #expect(FileManager.default.subpaths(atPath: folder.path) == ["results.json"])
      #expect(try StoredCheck.find(folder.id, in: results) == check)
      #expect(try StoredCheck.find(folder.path, in: results) == check)
      #expect(try StoredCheck.find(folder.path + "/results.json", in: results) == check)
      #expect(try StoredCheck.find("last-check", in: results) == check)
      #expect(try StoredCheck.find("other", in: results) == nil)
      #expect(StoredCheck.folders(in: results) == [folder.path])
      // Of a check that was killed an empty folder is left; a run of a benchmark is none.
      for name in ["20260201T000000Z-check", "20260201T000000Z-check-2", "20260201T000000Z-mixed"] {
        try FileManager.default.createDirectory(atPath: "\(results)/\(name)", withIntermediateDirectories: false)
      }
      #expect(StoredCheck.folders(in: results) == [folder.path])
      #expect(
        StoredCheck.foldersOrHalves(in: results) == [
          folder.path, "\(results)/20260201T000000Z-check", "\(results)/20260201T000000Z-check-2",
        ])
    }
  }

  @Test func aCellKeepsWhyItFailedAndWhere() throws {
    let cells = try check().cells
    #expect(cells.map(\.verdict) == [.pass, .fail, .skip, .xfail, .xpass])
    #expect(cells[1].reason == "output" && cells[1].transcript == "$ true\na # b\n")
    #expect(cells[1].difference == "  $ true\n- a < b\n+ a # b\n  ")
    #expect(cells[3].expected?.link == "https://example.org/1")
    #expect(cells[0].transcript == nil && cells[0].difference == nil)
    #expect(try check().catalogue["legacy"] ?? 0 > 50)
  }

  @Test func placesThatDifferKeepTwoLinesAround() {
    let golden = (1...20).map { "line \($0)\n" }.joined()
    let actual = golden.replacing("line 10\n", with: "other\n")
    let places = Difference(golden: ByteText(golden), actual: ByteText(actual))?.places(atMost: 100)
    #expect(places == "  …\n  line 8\n  line 9\n- line 10\n+ other\n  line 11\n  line 12\n  …")
    #expect(
      Difference(golden: ByteText(golden), actual: ByteText(actual))?.places(atMost: 4).hasSuffix(
        "  … and 1 more that differ") == true)
  }

  @Test func whatIsWrongIsRefusedInOneLine() throws {
    try inFolder { results in
      let folder = try RunFolder.create(in: results, suite: "check", at: .now(), forSamples: false)
      let file = folder.path + "/results.json"
      func refused(_ name: String) -> String {
        (#expect(throws: StoreError.self) { try StoredCheck.named(name, in: results) })?.description ?? ""
      }
      // Half a folder.
      #expect(refused(folder.path).hasSuffix("half a result folder: it holds neither run.json nor results.json"))
      #expect(refused("nothing").contains("nothing/run.json: no such run"))
      let json = try check().json
      let wrong = [
        ("\"planned\" : 5", "\"planned\" : 1e300", "planned: 1e+300 is out of range"),
        ("\"planned\" : 5", "\"planned\" : 1.5", "planned"),
        ("\"schema\" : 1", "\"schema\" : 99", "is no check of schema 1"),
        ("\"verdict\" : \"xpass\"", "\"verdict\" : \"fine\"", "cells.4.verdict"),
        ("\"kind\" : \"check\"", "\"kind\" : \"bench\"", "is no check"),
        ("{", "{\"deep\": " + String(repeating: "[", count: 100_000), "more than 64 deep"),
        ("\"planned\" : 5,", "", "'planned' is missing"),
      ]
      for (old, new, word) in wrong {
        try OutputFile.write(json.replacing(old, with: new, maxReplacements: 1), to: file)
        let said = refused(folder.path)
        #expect(said.hasPrefix(file) && said.contains(word) && !said.contains("\n"), "\(new.prefix(40)): \(said)")
      }
      // A run of another kind, either way round.
      try OutputFile.write(json, to: file)
      let asRun = #expect(throws: StoreError.self) { try RunFolder.read(folder.path, in: results) }
      #expect(asRun?.description.contains("is a check, no run of a benchmark") == true)
      let bench = try RunFolder.create(in: results, suite: "transport", at: .now())
      try bench.write(StoredRunFixture.run)
      #expect(refused(bench.path).contains("is a run of a benchmark, no check"))
    }
  }

  @Test(arguments: StoredCheckFormat.allCases) func everyFormTellsEveryFailure(_ format: StoredCheckFormat) throws {
    let text = try format.text(of: try check())
    for word in ["fails", "known", "mended", "needs root", "https://example.org/1"] {
      let shown = format == .markdown ? MarkdownText.escaped(word) : word
      #expect(text.contains(shown), "\(format): \(word)")
    }
    #expect(!text.contains("\u{1b}"), "\(format)")
  }

  @Test func textCountsAllThatCouldHaveBeenJudged() throws {
    let check = try check()
    let text = StoredCheckReport.text(check)
    #expect(text.contains("5 of 5 cells judged (1 passed, 1 failed, 1 skipped, 1 failed as expected, 1 passed"))
    let all = check.catalogue["legacy"]!
    let counts = text.matches(of: #/legacy +1 +1 +1 +0 +\d+ +\d+/#).count
    #expect(counts == 1)
    #expect(text.contains("\(all - 3)  \(all)"))
    #expect(text.contains("fail  fails multithread: output\n      $ true\n    - a < b\n    + a # b\n"))
    #expect(text.contains("known legacy: exit, as expected: the clock is 'wrong' & slow (https://example.org/1)"))
    let markdown = StoredCheckReport.markdown(check)
    #expect(markdown.contains("```diff\n  $ true\n- a < b\n+ a # b\n"))
  }

  @Test func historyNamesWhatChanged() throws {
    let before = try check()
    var after = before
    after.started = "2026-02-01T00:00:00Z"
    after.cells[0].verdict = .fail
    var elsewhere = before
    elsewhere.started = "2026-02-02T00:00:00Z"
    elsewhere.kernel = "7.2"
    let text = StoredCheckReport.history([after, elsewhere, before])
    #expect(text.contains("2026-02-01T00:00:00Z, fusebench: passes legacy: pass, now fail\n"))
    #expect(!text.contains("2026-02-02T00:00:00Z, fusebench:"))
    #expect(text.split(separator: "\n").count == 6)
  }

  @Test func nestingIsBounded() {
    let deep = String(repeating: "[", count: 65)
    #expect(OutsideJSON.fault(in: deep.utf8) != nil)
    #expect(OutsideJSON.fault(in: deep.dropLast().utf8) == nil)
    // Brackets in texts nest nothing, escaped quotation marks end none.
    #expect(OutsideJSON.fault(in: "{\"a\\\"\(deep)\": 1}".utf8) == nil)
    #expect(OutsideJSON.fault(in: String(repeating: "[]", count: 1000).utf8) == nil)
  }
}
