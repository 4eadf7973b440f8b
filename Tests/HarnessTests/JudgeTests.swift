// The judge must be right about wrong exports: a fixture for each reason to fail, and for each reason to skip.

import Foundation
import Glibc
import TestSupport
import Testing

@testable import Harness

private let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
  "Fixtures"
)
.path

@Suite(.serialized, .enabled(if: canMountWithQEMU, "needs root, /dev/fuse and qemu-storage-daemon"))
struct JudgeTests {
  private func judge(
    _ name: String, subject: String = "well", mode: Mode = .legacy, stopsWithin seconds: Double? = nil,
    behind prefix: [String] = []
  ) async throws -> JudgedCell {
    let library = try ScenarioLibrary(folder: fixtures)
    var subject = try Subject.named(subject, in: fixtures + "/subjects")
    subject.prefix = prefix
    if let seconds { subject.stop.within = seconds }
    let check = Check(library: library, subject: subject)
    // Those of another test run on this machine are not ours to judge.
    func mounts() -> Set<String> {
      Set(MountTable.read().map(\.path.shown).filter { $0.contains("fusebench-\(name)-") })
    }
    let before = mounts()
    let judged = try await check.judge(check.cells(library.select([name]), modes: [mode])[0])
    var left = mounts().subtracting(before)
    let isGone = try await eventually {
      left.formIntersection(mounts())
      return left.isEmpty
    }
    if let folder = judged.folder {
      for name in ["verdict", "transcript", "transcript.raw", "golden", "diff", "kernel.log"] {
        #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name)"), "\(name)")
      }
      #expect(FileManager.default.isExecutableFile(atPath: folder + "/repro.sh"))
      let again = try String(contentsOfFile: folder + "/repro.sh", encoding: .utf8)
      #expect(again.contains(" --prefix '\(prefix.joined(separator: " "))' ") == !prefix.isEmpty, "\(again)")
      try FileManager.default.removeItem(atPath: folder)
    }
    #expect(isGone, "\(left)")
    return judged
  }

  private func reason(_ verdict: Verdict) -> FailureReason? {
    if case .fail(let reason, _) = verdict { reason } else { nil }
  }

  @Test func agreementPasses() async throws {
    let judged = try await judge("passes")
    #expect(judged.verdict == .pass)
    #expect(judged.run.proofs == [.unproven("the subject writes no statistics")])
  }

  @Test func aDifferentLineFails() async throws {
    let verdict = try await judge("output").verdict
    #expect(verdict == .fail(.output, "  $ stat -c %s $EXPORT\n- 4711\n+ 1048576"))
  }

  @Test func aCellIsRunAgainBehindTheSameWords() async throws {
    let verdict = try await judge("output", behind: ["env", "FUSEBENCH_TEST=judge"]).verdict
    #expect(reason(verdict) == .output)
  }

  @Test func aDifferentStatusFails() async throws {
    let verdict = try await judge("status").verdict
    #expect(verdict == .fail(.exit, "  1048576\n  $ exit 3\n- [exit 4]\n+ [exit 3]"))
  }

  @Test func aMissingGoldenFails() async throws {
    guard case .fail(.output, let detail) = try await judge("no-golden").verdict else {
      Issue.record("must fail")
      return
    }
    #expect(detail.contains("fusebench record no-golden"))
  }

  @Test func aHungExportIsATimeout() async throws {
    // It is held still, and no signal but one ends it: to wait for that is of no use.
    let judged = try await judge("hangs", stopsWithin: 0.5)
    #expect(reason(judged.verdict) == .timeout)
    // The cat that hangs is what the kernel waits for; the export's thread was stopped.
    #expect(judged.run.connectionState.contains("waiting 1"))
    #expect(judged.run.connectionState.contains("T (stopped)"))
  }

  @Test func anExportThatWillNotStopIsATimeout() async throws {
    #expect(reason(try await judge("passes", subject: "will-not-stop").verdict) == .timeout)
  }

  @Test func whatOutlivesTheExportIsLeftBehind() async throws {
    let verdict = try await judge("passes", subject: "leaves-behind").verdict
    guard case .fail(.leftBehind, let detail) = verdict else {
      Issue.record("must fail as left-behind, not \(verdict)")
      return
    }
    #expect(detail.contains("the mount"))
    #expect(detail.contains("a process of its group"))
  }

  @Test func anExportThatEndsBadlyFails() async throws {
    #expect(
      try await judge("passes", subject: "ends-badly").verdict == .fail(.exit, "the export ended with exit 3")
    )
  }

  @Test func anExportThatDoesNotStartFails() async throws {
    let verdict = try await judge("passes", subject: "never-starts").verdict
    #expect(verdict == .fail(.start, "the export ended before it was ready (exit 1): no such luck"))
  }

  @Test func anExportThatPrintsFails() async throws {
    #expect(
      try await judge("passes", subject: "prints").verdict
        == .fail(.daemonLog, "the export printed: something odd"))
  }

  @Test func theWrongTransportFails() async throws {
    let verdict = try await judge("passes", subject: "lies", mode: .multithread).verdict
    #expect(
      verdict == .fail(.transport, "asked for multithread, but the export says that it served over legacy"))
  }

  @Test func missingStatisticsFail() async throws {
    #expect(
      try await judge("passes", subject: "silent").verdict
        == .fail(.transport, "the export wrote no statistics"))
  }

  @Test func whatIsMissingIsSkippedWithItsReason() async throws {
    #expect(try await judge("needs-program").verdict == .skip("no-such-program is not installed"))
    #expect(try await judge("needs-capability").verdict == .skip("well lacks time-travel"))
    #expect(try await judge("passes", mode: .ioUring).verdict == .skip("well does not serve io_uring"))
  }

  @Test func cellsSideBySideComeOutInTheOrderOfThePlan() async throws {
    let library = try ScenarioLibrary(folder: fixtures)
    let check = Check(library: library, subject: try Subject.named("well", in: fixtures + "/subjects"))
    var scenarios = try library.select(["passes", "needs-program", "output"])
    scenarios[0].alone = true
    var (begun, ended) = (0, 0)
    let result = try await check.run(
      CheckPlan(check.cells(scenarios, modes: [.legacy, .ioUring]), rounds: 2), jobs: 3
    ) { _ in
      begun += 1
    } end: { judged in
      ended += 1
      if judged.cell.scenario.alone { #expect(begun == ended, "nothing runs beside what must be alone") }
      if let folder = judged.folder { try? FileManager.default.removeItem(atPath: folder) }
    }
    #expect(ended == 12)
    #expect(
      result.cells.map { "\($0.cell.label) \($0.round)" }
        == (1...2).flatMap { round in
          scenarios.flatMap { ["\($0.name) legacy \(round)", "\($0.name) io_uring \(round)"] }
        })
    #expect(result.count("pass") == 2)
    #expect(result.count("fail") == 2)
    #expect(result.count("skip") == 8)
  }

  @Test func aExpectedFailureKeepsNoFolder() async throws {
    let library = try ScenarioLibrary(folder: fixtures)
    var subject = try Subject.named("well", in: fixtures + "/subjects")
    let known = ExpectedFailure(scenarios: ["*"], modes: [.legacy], shows: ["+ *"], why: "w", link: "l")
    subject.knownFailures = [known]
    let check = Check(library: library, subject: subject)
    let cells = check.cells(try library.select(["output", "passes"]), modes: [.legacy])
    let failed = try await check.judge(cells[0])
    #expect(failed.verdict == .xfail(known, .output, "  $ stat -c %s $EXPORT\n- 4711\n+ 1048576"))
    #expect(failed.folder == nil)
    #expect(try await check.judge(cells[1]).verdict == .xpass(known))
  }

  @Test func aMissingGoldenIsWrittenWhereModesAgree() throws {
    let folder = try Workspace(label: "missing-test")
    defer { folder.remove() }
    for name in ["agree", "disagree", "half", "there"] {
      try "title: T\nsteps:\n  - run: \"true\"\n".write(
        toFile: folder.file("\(name).yaml"), atomically: true, encoding: .utf8)
    }
    try "old\n".write(toFile: folder.file("there.out"), atomically: true, encoding: .utf8)
    let library = try ScenarioLibrary(folder: folder.path)
    let fixture = try JudgedCellFixture()
    let failed = Verdict.fail(.output, "there is no golden file")
    let result = CheckResult(
      subject: "fusebench",
      cells: [
        try fixture.judged("agree", .legacy, failed, transcript: "a\n"),
        try fixture.judged("agree", .multithread, failed, transcript: "a\n"),
        try fixture.judged("agree", .ioUring, failed, transcript: "a\n"),
        try fixture.judged("disagree", .legacy, failed, transcript: "a\n"),
        try fixture.judged("disagree", .multithread, failed, transcript: "a\n"),
        try fixture.judged("disagree", .ioUring, failed, transcript: "b\n"),
        try fixture.judged("half", .legacy, failed, transcript: "a\n"),
        try fixture.judged("half", .ioUring, .skip("no"), transcript: ""),
        try fixture.judged("there", .legacy, failed, transcript: "new\n"),
      ], seconds: 0)
    let others = [
      MissingGolden.left(scenario: "disagree", why: "its runs show different things"),
      .left(scenario: "half", why: "it was not run in multithread, io_uring; a golden holds for every mode"),
    ]
    #expect(
      try Recorder.writeMissing(of: result, subject: fixture.subject, in: library)
        == [.written(path: folder.file("agree.out"))] + others)
    #expect(try library.golden(library.scenarios[0]) == "a\n")
    #expect(try library.golden(library.select(["there"])[0]) == "old\n")
    #expect(result.fails())
    // Another program's answers are no goldens.
    unlink(folder.file("agree.out"))
    let stranger = try Subject.named("raw", in: scenarioFolder + "/subjects")
    #expect(
      try Recorder.writeMissing(of: result, subject: stranger, in: library).allSatisfy {
        if case .left(_, "goldens are recorded from our own export only") = $0 { true } else { false }
      })
  }

  @Test func onlyOurExportInEveryModeIsRecorded() throws {
    let ours = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    #expect(throws: Never.self) { try Recorder.checkRecords(ours, modes: []) }
    #expect(throws: RecordError.self) { try Recorder.checkRecords(ours, modes: [.legacy]) }
    let build = try Subject.named("fusebench", in: scenarioFolder + "/subjects", program: "/bin/true")
    let fault = #expect(throws: RecordError.self) { try Recorder.checkRecords(build, modes: []) }
    #expect(fault?.description.contains("leave --subject and --program out") == true)
  }

  @Test func aKillThatTheScenarioDidNotSendFails() async throws {
    #expect(
      try await judge("killed-by-somebody").verdict
        == .fail(.exit, "the export was ended by signal 9, which the scenario did not send"))
    #expect(try await judge("killed-on-purpose").verdict == .pass)
  }

  @Test func theFirstFailureCanEndACheck() async throws {
    let library = try ScenarioLibrary(folder: fixtures)
    var check = Check(library: library, subject: try Subject.named("well", in: fixtures + "/subjects"))
    check.failsFast = true
    let plan = CheckPlan(check.cells(try library.select(["output"]), modes: [.legacy]), rounds: 5)
    let result = try await check.run(plan, jobs: 1)
    for folder in result.cells.compactMap(\.folder) { try FileManager.default.removeItem(atPath: folder) }
    #expect(result.cells.count == 1 && result.planned == 5 && result.stopped == .failed)
    #expect(result.progress == "1 of 5 cells judged (1 failed)")
  }

  @Test func recordingWritesWhatAllModesSay() async throws {
    let folder = try Workspace(label: "record-test")
    defer { folder.remove() }
    try "title: T\nimage: {size: 1M}\nexport: {node: \"null\"}\nsteps:\n  - run: stat -c %s $EXPORT\n".write(
      toFile: folder.file("new.yaml"), atomically: true, encoding: .utf8)
    let library = try ScenarioLibrary(folder: folder.path)
    let subject = try Subject.named("well", in: fixtures + "/subjects")
    let recorder = Recorder(Check(library: library, subject: subject))
    let scenario = library.scenarios[0]
    guard case .news(nil, let new, [.legacy]) = try await recorder.examine(scenario, modes: [.legacy]) else {
      Issue.record("a first recording must be news")
      return
    }
    #expect(try library.golden(scenario) == nil)
    try Recorder.write(new, as: scenario, in: library)
    #expect(try library.golden(scenario) == "$ stat -c %s $EXPORT\n1048576\n")
    guard case .unchanged([.legacy]) = try await recorder.examine(scenario, modes: [.legacy]) else {
      Issue.record("the same again must be unchanged")
      return
    }
    guard case .impossible = try await recorder.examine(scenario, modes: Mode.allCases) else {
      Issue.record("a mode that cannot run must stop the recording")
      return
    }
  }
}

@Suite struct VerdictTests {
  @Test func theWeightiestReasonIsTheVerdict() {
    var run = CellRun()
    run.transcript = "a\n"
    run.findings = [Finding(.daemonLog, "printed"), Finding(.timeout, "hung")]
    let verdict = Verdict.of(run, golden: "b\n", scenario: "s")
    #expect(verdict == .fail(.timeout, "hung\nalso daemon-log: printed\nalso output: - b\n+ a"))
  }

  @Test func anIncompleteTranscriptIsNotCompared() {
    var run = CellRun()
    run.isComplete = false
    run.findings = [Finding(.timeout, "hung")]
    #expect(Verdict.of(run, golden: "much\nmore\n", scenario: "s") == .fail(.timeout, "hung"))
  }

  @Test func equalTextsHaveNoDifference() {
    #expect(Difference(golden: "a\n", actual: "a\n") == nil)
    #expect(Difference(golden: "a\nb\nc\n", actual: "a\nx\nc\n")?.full == "  a\n- b\n+ x\n  c\n  \n")
  }
}
