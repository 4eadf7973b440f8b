// Checks on other kernels: what a kernel must bring, what a panic tells, and what differs between two.

import Foundation
import Glibc
import Testing

@testable import Harness

@Suite struct KernelTests {
  @Test func aFolderWithoutBootIsNoKernel() {
    #expect(throws: GuestKernelError.self) { try GuestKernel(folder: "/nowhere") }
    // Nor is one whose `boot` is a folder, as / is.
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kernel-\(UUID())")
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(throws: Never.self) {
      try FileManager.default.createDirectory(
        at: folder.appendingPathComponent("boot"), withIntermediateDirectories: true)
    }
    #expect(throws: GuestKernelError.self) { try GuestKernel(folder: folder.path) }
  }

  @Test func aPanicIsToldWithItsLines() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kernel-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let files = GuestFiles(folder: folder.path)
    let console = (0..<40).map { "line \($0)" } + ["Kernel panic - not syncing: wrong ring", "Call Trace:"]
    try console.joined(separator: "\n").write(toFile: files.console, atomically: false, encoding: .utf8)
    #expect(files.account == "Kernel panic - not syncing: wrong ring\nCall Trace:")
    try "one\n\ntwo\n".write(toFile: files.console, atomically: false, encoding: .utf8)
    #expect(files.account == "one\ntwo")
  }

  /// A kernel that panics in its first cell and does not boot again, made of a script.
  @Test(.enabled(if: Programs.find("mkfs.ext4") != nil || Programs.find("/sbin/mkfs.ext4") != nil, "needs mkfs.ext4"))
  func whatAKernelThatDoesNotBootAgainLeavesOverHasFailed() async throws {
    let folder = try Workspace(label: "kernel-test")
    defer { folder.remove() }
    try """
    #!/bin/sh
    cd \(TextFormat.shellLine([folder.path]))
    [ ! -e booted ] || { echo no disk; exit 1; }
    : > booted
    printf '%s\\n' '{"ready":{"kernel":"9.9"}}' '{"began":{"place":0}}' >> "${1%/*}/messages"
    echo 'Kernel panic - not syncing: on purpose'
    """.write(toFile: folder.file("boot"), atomically: true, encoding: .utf8)
    chmod(folder.file("boot"), 0o755)
    let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures").path
    let subject = try Subject.named("well", in: fixtures + "/subjects")
    let check = Check(library: try ScenarioLibrary(folder: fixtures), subject: subject)
    let plan = CheckPlan(check.cells(try check.library.select(["output", "passes"]), modes: [.legacy]))
    let guest = GuestCheck(check, on: try GuestKernel(folder: folder.path), words: [])
    let result = try await guest.run(plan)
    for kept in result.cells.compactMap(\.folder) { try? FileManager.default.removeItem(atPath: kept) }
    #expect(result.kernel == "9.9")
    #expect(
      result.cells.map(\.verdict) == [
        .fail(.kernel, "the kernel ended while the cell ran:\nKernel panic - not syncing: on purpose"),
        .fail(.kernel, "kernel \(folder.path): does not boot: no disk"),
      ])
    // Where nothing was judged there is nothing to keep.
    await #expect(throws: GuestKernelError.self) { try await guest.run(plan) }
  }

  @Test func theFirstProcessQuotesWhatItRuns() {
    let text = GuestKernel.firstProcess(command: ["/a b/fusebench", "it's"], disk: "/d")
    #expect(text.contains("\n'/a b/fusebench' 'it'\\''s' < /dev/null\n"))
    #expect(text.utf8.starts(with: "#!/bin/sh\n".utf8))
  }

  @Test func aRunSurvivesTheWayFromOneKernelToTheOther() throws {
    var run = CellRun()
    run.transcript = "$ cat\n\u{e9}\n"
    run.findings = [Finding(.transport, "only 3 of 9")]
    run.proofs = [.proven("9 of 9"), .unproven("none")]
    let line = try JSONEncoder().encode(GuestMessage.ended(place: 3, run: run))
    guard case .ended(3, let back) = try JSONDecoder().decode(GuestMessage.self, from: line) else {
      Issue.record("another message came back")
      return
    }
    #expect(back.transcript == run.transcript && back.findings == run.findings && back.proofs == run.proofs)
  }

  /// What the machine lacks is a skip with its reason, never a failure.
  @Test func whatAKernelLacksIsSkipped() throws {
    func missing(_ requires: String) throws -> String? {
      let scenario = try Scenario(text: "title: t\nrequires: {\(requires)}\nsteps: [{run: 'true'}]\n", file: "s.yaml")
      let subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
      return CellRunner.missing(for: Cell(scenario: scenario, mode: .legacy, subject: subject))
    }
    #expect(try missing("cpus: 1") == nil)
    #expect(try missing("cpus: 100000")?.contains("needs 100000 CPUs") == true)
    #expect(try missing("file-systems: [proc]") == nil)
    #expect(try missing("file-systems: [nosuchfs]") == "the kernel has no file system nosuchfs")
  }

  @Test func onlyWhatDiffersBetweenKernelsIsShown() throws {
    let subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    func result(_ kernel: String, _ verdicts: [Verdict]) throws -> CheckResult {
      let cells = try verdicts.enumerated().map { index, verdict in
        let scenario = try Scenario(text: "title: t\nsteps: [{run: 'true'}]\n", file: "s\(index).yaml")
        return JudgedCell(
          cell: Cell(scenario: scenario, mode: .legacy, subject: subject), run: CellRun(), verdict: verdict)
      }
      var result = CheckResult(subject: "fusebench", cells: cells, seconds: 1)
      result.kernel = kernel
      return result
    }
    let text = KernelDifferences.text([
      try result("6.1", [.pass, .pass, .pass]), try result("7.2", [.pass, .fail(.kernel, "panic"), .skip("one CPU")]),
    ])
    #expect(
      text == """
        2 cells of 3 differ between the kernels
          cell       Linux 6.1  Linux 7.2
          s1 legacy  pass       fail (kernel)
          s2 legacy  pass       skip
          skipped on Linux 7.2: 1 × one CPU

        """)
  }
}
