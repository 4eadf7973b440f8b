// Ctrl-C in the middle of a cell: exit status 130, nothing is left, and a line and a report of what was judged.

import Foundation
import Glibc
import Harness
import TestSupport
import Testing

@Suite(.enabled(if: Machine.cannotMount == nil && Programs.find("fio") != nil, "needs FUSE mounts and fio"))
struct InterruptTests {
  /// A scenario whose export serves a load until somebody ends it; `held` appears in its folder once it does.
  private static let scenario = """
    title: "An export under load until it is interrupted"
    tags: [lifecycle]
    image: {size: 16M, fill: zero}
    timeout: 300
    steps:
      - start: load
        run: >-
          fio --name=load --filename=$EXPORT --size=16M --bs=4k --rw=randrw --ioengine=libaio --iodepth=32 --direct=1
          --fallocate=none --time_based --runtime=300 --exec_prerun="touch on"
      - run: until test -e on; do sleep 0.05; done; touch held; sleep 300
    """

  @Test(arguments: [Signal.interrupt, .terminate, .hangUp, .user1])
  func nothingIsLeft(signal: Signal) async throws {
    let workspace = try Workspace(label: "interrupt-test")
    defer { workspace.remove() }
    // Apart from the scenarios, so that it must be empty in the end.
    let temporary = workspace.file("tmp")
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    let (junit, results) = (workspace.file("junit.xml"), workspace.file("results"))
    var command = Command(
      Subject.ownExecutable,
      ["check", "held", "--scenarios", try scenarios(in: workspace), "--mode", "legacy", "--junit", junit]
        + ["--results", results])
    command.environment = ["TMPDIR": temporary]
    let harness = try await Child.start(command)
    var isHeld = false
    while !harness.hasEnded, !isHeld {
      try await Task.sleep(for: .milliseconds(20))
      isHeld = loadRuns(below: temporary)
    }
    #expect(isHeld)
    harness.signal(signal.number)
    #expect(await harness.status(within: .seconds(60)) == .exited(130))
    #expect(!MountTable.read().contains { $0.isBelow(workspace.path) })
    // What was killed is gone a moment later, when init has seen to it.
    #expect(try await eventually { processes(naming: workspace.path).isEmpty })
    #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
    let said = await harness.finish(within: .seconds(1)).output.split(separator: "\n").last ?? ""
    let check = try #require(try StoredCheck.find("last-check", in: results))
    #expect(check.stopped == .interrupted && check.cells.isEmpty && check.planned == 1)
    let interrupted =
      "fusebench: interrupted by SIG\(signal.rawValue): 0 of 1 cell judged, written to \(junit), "
      + "kept in \(results)/\(check.id); "
    // The export and its load for certain; the step that waits may not have been counted yet.
    #expect(said.hasPrefix(interrupted + "ended 1 export and "), "\(said)")
    #expect(said.hasSuffix(", removed 1 work folder"), "\(said)")
    let report = try String(contentsOfFile: junit, encoding: .utf8)
    #expect(report.contains("errors=\"1\"") && report.contains("<error type=\"interrupted\""))
  }

  /// A folder with that scenario alone, beside the subjects that are shipped.
  private func scenarios(in workspace: Workspace) throws -> String {
    let folder = workspace.file("scenarios")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/subjects", withDestinationPath: scenarioFolder + "/subjects")
    try Data(Self.scenario.utf8).write(to: URL(fileURLWithPath: folder + "/held.yaml"))
    return folder
  }

  private func loadRuns(below folder: String) -> Bool {
    let cells = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return cells.contains { access("\(folder)/\($0)/scratch/held", F_OK) == 0 }
  }
}
