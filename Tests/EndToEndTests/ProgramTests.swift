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
    let done = try await run(["check", "eof-append", "--mode", "legacy"], program: copy)
    #expect(done.status == .exited(0), "\(done.output)\(done.errors)")
  }
}
