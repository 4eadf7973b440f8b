// The program as it is typed: slips of the finger, other names, refusals that need no mount.

import Foundation
import Glibc
import Harness
import Testing

@Suite struct ProgramTests {
  private func run(_ words: [String], program: String = Subject.ownExecutable) async throws -> Finished {
    var command = Command(program, words)
    command.directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    command.errors = .memory
    return try await command.run(within: .seconds(60))
  }

  @Test(arguments: [
    ("chek", "fusebench: unknown command 'chek'; did you mean 'check'?\n"),
    ("improve", "fusebench: unknown command 'improve'; the commands are run, check, "),
  ])
  func aWordThatIsNoCommandIsTold(word: String, said: String) async throws {
    let done = try await run([word, "--mode", "legacy"])
    #expect(done.status == .exited(2))
    #expect(done.errors.hasPrefix(said) && done.errors.split(separator: "\n").count == 1)
  }

  @Test(arguments: [
    (["--mode", "legacy"], "leave --mode out\n"),
    (["--subject", "raw", "--yes"], "leave --subject and --program out\n"),
    (["--program", "/bin/true", "--yes"], "leave --subject and --program out\n"),
  ])
  func onlyOurExportInEveryModeIsRecorded(words: [String], way: String) async throws {
    let done = try await run(["record", "eof-append"] + words)
    #expect(done.status == .exited(2))
    #expect(done.errors.hasSuffix(way) && done.output.isEmpty)
  }

  /// A copy is the program that runs, whatever lies beside it under the usual name.
  @Test(.enabled(if: Machine.cannotMount == nil, "no FUSE mount is possible here; see 'fusebench doctor'"))
  func aCopyUnderAnotherNameRunsScenarios() async throws {
    let workspace = try Workspace(label: "copy-test")
    defer { workspace.remove() }
    let copy = workspace.file("tried-before")
    try FileManager.default.copyItem(atPath: Subject.ownExecutable, toPath: copy)
    try FileManager.default.createDirectory(atPath: workspace.file("fusebench"), withIntermediateDirectories: true)
    let done = try await run(["check", "eof-append", "--mode", "legacy", "--no-results"], program: copy)
    #expect(done.status == .exited(0), "\(done.output)\(done.errors)")
  }

  /// A report that nobody can get is no success.
  @Test(arguments: [["list"], ["--version"], ["--help"], ["check", "--list"]])
  func aClosedOutputIsTold(words: [String]) async throws {
    let done = try await run(["-c", "exec \"$0\" \"$@\" >&-", Subject.ownExecutable] + words, program: "/bin/sh")
    #expect(done.status == .exited(2))
    #expect(done.errors == "fusebench: standard output: is closed; give it a file, or /dev/null\n")
  }

  /// Every command that starts a subject says so in one line, with the program's own words, and measures nothing.
  @Test(
    .enabled(if: Machine.cannotMount == nil, "no FUSE mount is possible here; see 'fusebench doctor'"),
    arguments: [
      ["check", "eof-append"], ["bench"], ["init"], ["selftest-measurement"],
    ])
  func aSubjectThatDoesNotStartIsTold(words: [String]) async throws {
    let workspace = try Workspace(label: "no-start-test")
    defer { workspace.remove() }
    try "#!/bin/sh\necho words of its own >&2\nexit 7\n"
      .write(toFile: workspace.file("program"), atomically: true, encoding: .utf8)
    chmod(workspace.file("program"), 0o755)
    let results = words == ["bench"] ? ["--results", workspace.file("results")] : []
    let done = try await run(words + ["--mode", "legacy", "--program", workspace.file("program")] + results)
    #expect(done.status == .exited(2))
    let last = done.errors.split(separator: "\n").last.map(String.init) ?? ""
    #expect(
      last == "fusebench: the subject 'fusebench' (\(workspace.file("program"))) does not start: the export ended "
        + "before it was ready (exit 7): words of its own")
    #expect(!FileManager.default.fileExists(atPath: workspace.file("results")))
  }

  @Test(
    .enabled(if: Machine.cannotMount == nil, "no FUSE mount is possible here; see 'fusebench doctor'"),
    arguments: [
      ("-n 20", "ulimit -n: is 20, and at least 64 are needed: ulimit -n 64"),
      // A thread that cannot be made would be waited for without end.
      ("-v 400000", "ulimit -v: is 400000, and at least 1048576 are needed: ulimit -v unlimited"),
    ])
  func aLimitThatIsTooLowIsTold(limit: String, said: String) async throws {
    let words = ["-c", "ulimit \(limit); exec \"$0\" \"$@\"", Subject.ownExecutable, "check", "eof-append"]
    let done = try await run(words, program: "/bin/sh")
    #expect(done.status == .exited(2))
    #expect(done.errors == "fusebench: \(said)\n")
  }

  /// Whatever ends a process by default, and can be caught, ends an export in order.
  @Test(
    .enabled(if: Machine.cannotMount == nil, "no FUSE mount is possible here; see 'fusebench doctor'"),
    arguments: ["TERM", "INT", "QUIT", "HUP", "XCPU", "ALRM", "USR2"])
  func noSignalLeavesAMount(signal: String) async throws {
    let workspace = try Workspace(label: "signal-test")
    defer { workspace.remove() }
    let line = """
      cd '\(workspace.path)'; : > mp
      "$0" export --blockdev null-co,node-name=n,size=1M --export fuse,id=e,node-name=n,mountpoint=mp --pidfile pid &
      until [ -s pid ]; do kill -0 $! || exit 9; sleep 0.02; done
      kill -\(signal) $!; wait $!; echo $?; grep -c " $PWD/mp " /proc/self/mountinfo
      """
    let done = try await run(["-c", line, Subject.ownExecutable], program: "/bin/sh")
    #expect(done.output == "0\n0\n", "\(done.errors)")
  }

  /// A number that no machine has is refused by its option's name, before anything begins.
  @Test(arguments: [
    (["selftest-measurement", "--equal", "9223372036854775807"], "--equal and --slowed must be from 0 to 10000"),
    (["bench", "--samples", "9223372036854775807", "--list"], "--samples must be between 1 and 1000"),
    (["bench", "--max-samples", "9223372036854775807", "--list"], "--max-samples must be between 1 and 1000"),
    (["bench", "--budget", "1e300s", "--list"], "'1e300s' is invalid for '--budget"),
    (["check", "--repeat", "9223372036854775807", "--list"], "--repeat must be from 1 to 100000"),
    (["stat-load", "x", "--seconds", "1e300"], "--seconds must be more than 0"),
    (["stat-load", "x", "--ramp", "inf"], "--seconds must be more than 0"),
    (["trace", "--seconds", "nan"], "--seconds must be between 0.01 and 5"),
    (["trace", "--set", "jobs=1000000"], "do not fit into 256M"),
  ])
  func aNumberOutOfAllRangeIsNamed(words: [String], said: String) async throws {
    let done = try await run(words)
    #expect(done.status == .exited(2))
    #expect(done.errors.contains(said), "\(done.errors)")
  }
}
