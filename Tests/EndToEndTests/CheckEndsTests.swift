// How a check ends: when its reader goes, when nothing can be started, when nothing was judged, when the terminal goes.

import Foundation
import Glibc
import Harness
import TestSupport
import Testing

@Suite(.enabled(if: Machine.cannotMount == nil, "no FUSE mount is possible here; see 'fusebench doctor'"))
struct CheckEndsTests {
  /// A folder of scenarios that start no export, and an empty TMPDIR beside it.
  private struct Rig {
    let workspace: Workspace
    var scenarios: String { workspace.file("scenarios") }
    var temporary: String { workspace.file("tmp") }

    init() throws {
      workspace = try Workspace(label: "ends-test")
      for folder in [scenarios, temporary] {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      }
      try FileManager.default.createSymbolicLink(
        atPath: scenarios + "/subjects", withDestinationPath: scenarioFolder + "/subjects")
    }

    func add(_ name: String, _ run: String, golden: String, more: String = "") throws {
      try write("title: t\n\(more)export: {start: off}\nsteps:\n  - run: |\n      \(run)\n", "\(name).yaml")
      try write("$ \(run)\n\(golden)", "\(name).out")
    }

    private func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(scenarios)/\(name)"))
    }

    /// A shell line; `$B` is this program's `check` of these scenarios.
    func sh(_ line: String, within seconds: Int = 120) async throws -> Finished {
      var command = Command("/bin/bash", ["-c", line])
      command.environment = [
        "TMPDIR": temporary, "B": Subject.ownExecutable,
        "O": "--scenarios \(scenarios) --mode legacy --no-enable-uring --no-results",
      ]
      return try await command.run(within: .seconds(seconds))
    }
  }

  @Test func whenItsReaderGoesNothingIsLeft() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    // One after the other: lines that come while the reader still lives find nothing out, and `z` would be waited for.
    for (name, seconds) in [("a", "0.1"), ("b", "1"), ("c", "3")] {
      try rig.add(name, "sleep \(seconds); echo \(name)", golden: "\(name)\n")
    }
    try rig.add("z", "sleep 301; cat \(rig.workspace.path)", golden: "")
    let done = try await rig.sh("$B check $O --jobs 8 2>err.$$ | head -1; echo ${PIPESTATUS[0]}; cat err.$$; rm err.$$")
    #expect(done.output.contains("\n2\n") && done.output.contains("fusebench: standard output: "), "\(done.output)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: rig.temporary) == [])
    #expect(try await eventually { processes(naming: rig.workspace.path).isEmpty })
  }

  @Test func aHangUpThatWasIgnoredIsIgnored() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try rig.add("long", "touch $SCRATCH/../../on; sleep 1", golden: "")
    let done = try await rig.sh(
      "nohup $B check $O > /dev/null 2>&1 & until test -e $TMPDIR/on; do sleep 0.05; done; "
        + "kill -HUP $!; wait $!; echo $?")
    #expect(done.output.hasSuffix("0\n"), "\(done.output)")
  }

  @Test func outputThatIsLostIsNoSuccess() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try rig.add("a", "echo a", golden: "a\n")
    for words in ["check $O", "check $O --format json", "list --scenarios \(rig.scenarios)"] {
      let done = try await rig.sh("$B \(words) > /dev/full")
      #expect(done.status == .exited(2), "\(words)")
      #expect(done.output.contains("fusebench: standard output: "), "\(done.output)")
    }
  }

  @Test func aRunThatJudgesNothingIsNoSuccess() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try rig.add("a", "echo a", golden: "a\n", more: "requires: {programs: [no-such-program]}\n")
    let done = try await rig.sh("$B check $O")
    #expect(done.status == .exited(2))
    #expect(done.output.hasSuffix("nothing was judged, every cell was skipped: no-such-program is not installed\n"))
  }

  @Test func aSubjectThatDoesNotStartEndsTheCheckWithItsWords() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try rig.add("a", "echo a", golden: "a\n")
    for name in ["a", "b"] {
      try Data("title: t\nrequires: {capabilities: [resize]}\nsteps:\n  - run: stat $EXPORT\n".utf8)
        .write(to: URL(fileURLWithPath: "\(rig.scenarios)/\(name).yaml"))
    }
    for (words, said) in [
      ("--program /bin/false", "does not start: the export ended before it was ready (exit 1)"),
      ("--subject qemu-storage-daemon --program /bin/cat", "does not start: "),
    ] {
      let done = try await rig.sh("$B check $O \(words)")
      #expect(done.status == .exited(2), "\(done.output)")
      let lines = done.output.split(separator: "\n")
      #expect(lines.count == 1 && lines[0].hasPrefix("fusebench: the subject '") && lines[0].contains(said), "\(lines)")
    }
  }

  /// One that hangs is told within seconds, however long its file lets every other start take.
  @Test func aSubjectThatHangsAtItsStartIsGivenItsFirstSecondsOnly() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try Data("title: t\nsteps:\n  - run: stat $EXPORT\n".utf8)
      .write(to: URL(fileURLWithPath: "\(rig.scenarios)/a.yaml"))
    let hang = rig.workspace.file("hang")
    try Data("#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 1; done\n".utf8).write(to: URL(fileURLWithPath: hang))
    chmod(hang, 0o755)
    let done = try await rig.sh("$B check $O --program \(hang) --junit $TMPDIR/out.xml")
    #expect(done.status == .exited(2))
    #expect(done.output.hasSuffix("does not start: not ready within 5.0 s: nothing is mounted\n"), "\(done.output)")
    #expect(done.output.split(separator: "\n").count == 1)
    #expect(processes(naming: hang).isEmpty)
  }

  /// What has left the group of a program that fails is ended with it, and a long line of its words is cut.
  @Test func whatAProgramLeavesBehindIsEnded() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try Data("title: t\nsteps:\n  - run: stat $EXPORT\n".utf8)
      .write(to: URL(fileURLWithPath: "\(rig.scenarios)/a.yaml"))
    let program = rig.workspace.file("forks")
    let text =
      "#!/bin/sh\n[ \"$1\" = loop ] && while :; do sleep 1; done\n"
      + "setsid \"$0\" loop &\nhead -c 100000 /dev/zero | tr '\\0' x\nexit 1\n"
    try Data(text.utf8).write(to: URL(fileURLWithPath: program))
    chmod(program, 0o755)
    let done = try await rig.sh("$B check $O --program \(program)")
    #expect(done.status == .exited(2))
    #expect(done.output.contains("(exit 1): xxxxx") && done.output.hasSuffix("x… (100000 bytes)\n"))
    #expect(done.output.utf8.count < 1000)
    #expect(processes(naming: program).isEmpty)
  }

  /// A daemon that a step has started lives as long as its cell.
  @Test func aDaemonOfAStepEndsWithItsCell() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    let daemon = rig.workspace.file("daemon")
    try Data("#!/bin/sh\nwhile :; do sleep 1; done\n".utf8).write(to: URL(fileURLWithPath: daemon))
    chmod(daemon, 0o755)
    try rig.add("a", "setsid \(daemon) > /dev/null 2>&1 &", golden: "")
    let done = try await rig.sh("$B check $O")
    #expect(done.status == .exited(0), "\(done.output)")
    #expect(processes(naming: daemon).isEmpty)
  }

  /// A place for the report that cannot be written is told before anything is started.
  @Test func aReportThatCannotBeWrittenIsToldFirst() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try rig.add("a", "touch \(rig.workspace.file("ran"))", golden: "")
    for place in ["$TMPDIR", "$TMPDIR/missing/out.xml", "/proc/out.xml"] {
      let done = try await rig.sh("$B check $O --junit \(place)")
      #expect(done.status == .exited(2), "\(done.output)")
      #expect(done.output.split(separator: "\n").count == 1, "\(done.output)")
    }
    #expect(access(rig.workspace.file("ran"), F_OK) != 0)
  }

  @Test func theCallersEnvironmentDoesNotReachAGolden() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try rig.add(
      "a", "env | grep -v -e ^PATH= -e ^FUSEBENCH -e ^PWD= | grep -c -e POSIX -e BLOCK -e LS_COLORS",
      golden: "0\n[exit 1]\n")
    let done = try await rig.sh("POSIXLY_CORRECT=1 BLOCK_SIZE=1M LS_COLORS=x $B check $O")
    #expect(done.status == .exited(0), "\(done.output)")
  }

  @Test func whatAStepPrintsWithoutEndIsCutAndSaid() async throws {
    let rig = try Rig()
    defer { rig.workspace.remove() }
    try rig.add("a", "yes", golden: "n\n")
    let done = try await rig.sh("$B check $O")
    #expect(done.status == .exited(1))
    #expect(done.output.contains("and was ended; a transcript takes 4M of a step"), "\(done.output)")
  }
}
