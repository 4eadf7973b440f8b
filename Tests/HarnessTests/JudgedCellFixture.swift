// A check that never ran: cells with made-up verdicts, for the reports.

import Testing

@testable import Harness

/// Makes judged cells without running anything.
struct JudgedCellFixture {
  let subject: Subject

  init() throws { subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects") }

  static let known = ExpectedFailure(
    scenarios: ["known"], shows: ["*"], why: "the clock is 'wrong' & slow", link: "https://example.org/1")

  func cell(_ name: String, _ mode: Mode, alone: Bool = false) throws -> Cell {
    var scenario = try Scenario(
      text: "title: The title of \(name)\ntags: [eof]\nsteps:\n  - run: \"true\"\n", file: "\(name).yaml")
    scenario.alone = alone
    return Cell(scenario: scenario, mode: mode, subject: subject)
  }

  func judged(
    _ name: String, _ mode: Mode, _ verdict: Verdict, transcript: ByteText = "$ true\n", round: Int = 1
  ) throws -> JudgedCell {
    var run = CellRun()
    run.transcript = transcript
    run.seconds = 0.25
    if case .skip(let reason) = verdict { run.skip = reason }
    run.proofs = [.proven("9 of 9 reads and writes over /dev/fuse")]
    var cell = JudgedCell(cell: try cell(name, mode), run: run, verdict: verdict, round: round)
    if case .fail = verdict { cell.folder = "/kept/\(name)" }
    return cell
  }

  /// One cell of every verdict; the failed one is told with signs that every format must write in its own way.
  func everyVerdict() throws -> CheckResult {
    var failed = try judged(
      "fails", .multithread, .fail(.output, "  $ true\n- a < b & \"c\"\n+ a # b\u{1B}"), transcript: "$ true\na # b\n")
    failed.run.daemonLog = "odd ]]> line\n"
    return CheckResult(
      subject: "fusebench",
      cells: [
        try judged("passes", .legacy, .pass), failed,
        try judged("skipped", .ioUring, .skip("needs root # really")),
        try judged("known", .legacy, .xfail(Self.known, .exit, "- [exit 1]\n+ [exit 0]")),
        try judged("mended", .legacy, .xpass(Self.known)),
      ], seconds: 2.5)
  }
}
