// How a check is told: a snapshot of every format, and what machines read must be readable.

import Foundation
import Testing

@testable import Harness

// A module of its own where Foundation is built without it.
#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct CheckReportTests {
  private let fixture: JudgedCellFixture
  init() throws { fixture = try JudgedCellFixture() }

  @Test func pretty() throws {
    let text = CheckFormat.pretty.text(of: try fixture.everyVerdict())
    #expect(
      text == """
        pass  passes   legacy          250 ms
        fail  fails    multithread  output
                $ true
              - a < b & "c"
              + a # b\u{1B}
              kept: /kept/fails
        skip  skipped  io_uring     needs root # really
        xfail known    legacy       exit, as expected: the clock is 'wrong' & slow (https://example.org/1)
        xpass mended   legacy          250 ms
              passes, but is expected to fail: the clock is 'wrong' & slow (https://example.org/1)
              take it out of 'xfail' in fusebench.yaml
        5 cells in 3 s: 1 passed, 1 failed, 1 skipped, 1 failed as expected, 1 passed unexpectedly
          1 × needs root # really

        """)
  }

  /// A check that was broken off must not look like one in which all went well.
  @Test func anInterruptedCheckIsToldAsSuch() throws {
    var result = CheckResult(
      subject: "fusebench", cells: [try fixture.judged("passes", .legacy, .pass)], seconds: 1, planned: 9,
      stopped: .interrupted)
    #expect(result.progress == "1 of 9 cells judged (1 passed)")
    let tap = CheckFormat.tap.text(of: result).split(separator: "\n")
    #expect(tap.contains("1..9") && tap.contains("Bail out! interrupted: 1 of 9 cells judged (1 passed)"))
    let xml = CheckFormat.junit.text(of: result)
    #expect(xml.contains("<testsuites name=\"fusebench check\" tests=\"2\" failures=\"0\" errors=\"1\" skipped=\"0\""))
    #expect(xml.contains("<error type=\"interrupted\" message=\"1 of 9 cells judged (1 passed)\"/>"))
    let json = try JSONSerialization.jsonObject(with: Data(CheckFormat.json.text(of: result).utf8)) as? [String: Any]
    #expect(json?["planned"] as? Int == 9 && json?["stopped"] as? String == "interrupted")
    result.stopped = .failed
    #expect(!CheckFormat.junit.text(of: result).contains("<error"))
    let pretty = CheckFormat.pretty.text(of: result)
    #expect(pretty.contains("1 of 9 cells in 1 s: 1 passed") && pretty.contains("stopped at the first failure"))
  }

  @Test func tap() throws {
    #expect(
      CheckFormat.tap.text(of: try fixture.everyVerdict()) == """
        TAP version 13
        1..5
        ok 1 - passes legacy
          ---
          duration_ms: 250
          ...
        not ok 2 - fails multithread
          ---
          reason: output
          duration_ms: 250
          kept: '/kept/fails'
          detail:
            - '  $ true'
            - '- a < b & "c"'
            - '+ a # b\u{FFFD}'
          ...
        ok 3 - skipped io_uring # SKIP needs root \\# really
        ok 4 - known legacy
          ---
          verdict: xfail
          reason: exit
          why: 'the clock is ''wrong'' & slow'
          link: 'https://example.org/1'
          duration_ms: 250
          detail:
            - '- [exit 1]'
            - '+ [exit 0]'
          ...
        not ok 5 - mended legacy
          ---
          verdict: xpass
          why: 'the clock is ''wrong'' & slow'
          link: 'https://example.org/1'
          duration_ms: 250
          ...
        # skipped 1 × needs root \\# really

        """)
  }

  @Test func junitIsXMLWithSkipsThatAreNoFailures() throws {
    let reader = JUnitReader()
    let text = CheckFormat.junit.text(of: try fixture.everyVerdict())
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    #expect(
      reader.root == [
        "name": "fusebench check", "tests": "5", "failures": "2", "errors": "0",
        "skipped": "2", "time": "2.500",
      ])
    #expect(reader.suites == ["fusebench legacy 3 1 1", "fusebench multithread 1 1 0", "fusebench io_uring 1 0 1"])
    #expect(
      reader.cases == [
        "fusebench.legacy passes 0.250",
        "fusebench.legacy known 0.250",
        "  skipped: xfail: exit, as expected: the clock is 'wrong' & slow (https://example.org/1)",
        "fusebench.legacy mended 0.250",
        "  failure xpass: passes, but is expected to fail: the clock is 'wrong' & slow (https://example.org/1)",
        "fusebench.multithread fails 0.250",
        "  failure output: output: - a < b & \"c\"",
        "fusebench.io_uring skipped 0.250",
        "  skipped: needs root # really",
      ])
    #expect(reader.text["failure"] == "  $ true\n- a < b & \"c\"\n+ a # b\u{FFFD}\nkept: /kept/fails")
    #expect(reader.text["system-out"] == "$ true\na # b\n")
    #expect(reader.text["system-err"] == "odd ]]> line\n")
  }

  @Test func jsonHasReasonsAndCounts() throws {
    struct Document: Decodable {
      struct Cell: Decodable {
        struct Expected: Decodable { var link: String }
        var scenario: String
        var verdict: String
        var reason: String?
        var expected: Expected?
        var folder: String?
      }
      struct Skip: Decodable { var reason: String, count: Int }
      var version: Int
      var counts: [String: Int]
      var skips: [Skip]
      var cells: [Cell]
    }
    let text = CheckFormat.json.text(of: try fixture.everyVerdict())
    let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
    #expect(document.version == 1)
    #expect(document.counts == ["pass": 1, "fail": 1, "skip": 1, "xfail": 1, "xpass": 1])
    #expect(document.skips.map(\.reason) == ["needs root # really"])
    #expect(document.cells.map(\.verdict) == ["pass", "fail", "skip", "xfail", "xpass"])
    #expect(document.cells.map(\.reason) == [nil, "output", "needs root # really", "exit", nil])
    #expect(document.cells[3].expected?.link == "https://example.org/1")
    #expect(document.cells[1].folder == "/kept/fails")
  }

  @Test func skipsAreCountedByReason() throws {
    let reasons = ["needs root", "fio is not installed", "needs root"]
    let cells = try reasons.map { try fixture.judged("s", .legacy, .skip($0)) }
    let result = CheckResult(subject: "fusebench", cells: cells, seconds: 0)
    #expect(!result.fails())
    #expect(result.fails(skipsToo: true))
    #expect(
      CheckReport(colours: false).summary(result)
        == "3 cells in 0 s: 0 passed, 0 failed, 3 skipped\n  1 × fio is not installed\n  2 × needs root")
  }

  @Test func repetitionTellsRates() throws {
    let flaky = try (1...4).map {
      try fixture.judged("flaky", .ioUring, $0 == 2 ? .fail(.output, "x") : .pass, round: $0)
    }
    let sound = try (1...4).map { try fixture.judged("sound", .ioUring, .pass, round: $0) }
    let result = CheckResult(subject: "fusebench", cells: flaky + sound, rounds: 4, seed: 7, seconds: 1)
    #expect(result.failureRates == [.init(scenario: "flaky", mode: .ioUring, failed: 1, of: 4)])
    let summary = CheckReport(colours: false, rounds: 4).summary(result)
    #expect(summary.hasSuffix("\n  flaky io_uring: 1 of 4 failed (25 %)\n  order drawn from seed 7; again: --seed 7"))
    #expect(
      CheckReport(colours: false, rounds: 4).line(flaky[2], width: 5) == "pass  flaky  io_uring     3/4     250 ms")
  }

  @Test func aExpectedFailureDoesNotFailTheRunAndAPassAgainstItDoes() throws {
    let known = JudgedCellFixture.known
    #expect(
      !CheckResult(subject: "s", cells: [try fixture.judged("a", .legacy, .xfail(known, .exit, ""))], seconds: 0)
        .fails())
    #expect(CheckResult(subject: "s", cells: [try fixture.judged("a", .legacy, .xpass(known))], seconds: 0).fails())
  }
}

/// Takes down what a CI system sees in JUnit's XML.
private final class JUnitReader: NSObject, XMLParserDelegate {
  var root: [String: String] = [:]
  var suites: [String] = []
  var cases: [String] = []
  var text: [String: String] = [:]

  private var current = ""

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    func words(_ keys: String...) -> String { keys.map { attributes[$0] ?? "nothing" }.joined(separator: " ") }
    current = name
    switch name {
    case "testsuites": root = attributes
    case "testsuite": suites.append(words("name", "tests", "failures", "skipped"))
    case "testcase": cases.append(words("classname", "name", "time"))
    case "skipped": cases.append("  skipped: \(words("message"))")
    case "failure": cases.append("  failure \(words("type")): \(words("message"))")
    default: break
    }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text[current, default: ""] += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { current = "" }
}
