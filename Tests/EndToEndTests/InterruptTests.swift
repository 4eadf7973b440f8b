// Ctrl-C in the middle of a cell: exit status 130, nothing is left, and a line and a report of what was judged.

import Foundation
import Glibc
import Harness
import TestSupport
import Testing

@Suite(.enabled(if: Machine.cannotMount == nil && Programs.find("fio") != nil, "needs FUSE mounts and fio"))
struct InterruptTests {
  @Test(arguments: [Signal.interrupt, .terminate, .hangUp])
  func nothingIsLeft(signal: Signal) async throws {
    let workspace = try Workspace(label: "interrupt-test")
    defer { workspace.remove() }
    // Again and again: on a busy machine a single run could be over before this test looks.
    let junit = workspace.file("junit.xml")
    var command = Command(
      Subject.ownExecutable,
      ["check", "lifecycle-stop-under-load", "--mode", "legacy", "--repeat", "1000", "--junit", junit])
    command.directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
    command.environment = ["TMPDIR": workspace.path]
    let harness = try await Child.start(command)
    // The moment to interrupt is when the load runs on the mount.
    var hasSeenLoad = false
    while !harness.hasEnded, !hasSeenLoad {
      try await Task.sleep(for: .milliseconds(20))
      hasSeenLoad = loadRuns(in: workspace)
    }
    #expect(hasSeenLoad)
    harness.signal(signal.number)
    #expect(await harness.status(within: .seconds(60)) == .exited(130))
    #expect(!MountTable.read().contains { $0.path.hasPrefix(workspace.path + "/") })
    // What was killed is gone a moment later, when init has seen to it.
    #expect(try await eventually { processes(naming: workspace.path).isEmpty })
    let left = try FileManager.default.contentsOfDirectory(atPath: workspace.path)
    #expect(Set(left) == [".in-use", "junit.xml"])
    let said = await harness.finish(within: .seconds(1)).output.split(separator: "\n").last ?? ""
    #expect(said.hasPrefix("fusebench: interrupted by SIG\(signal.rawValue): "))
    // Whether something had to be ended depends on the moment.
    #expect(said.contains(" of 1000 cells judged"), "\(said)")
    let report = try String(contentsOfFile: junit, encoding: .utf8)
    #expect(report.contains("errors=\"1\"") && report.contains("<error type=\"interrupted\""))
  }

  private func loadRuns(in workspace: Workspace) -> Bool {
    let cells = (try? FileManager.default.contentsOfDirectory(atPath: workspace.path)) ?? []
    return cells.contains { access("\(workspace.path)/\($0)/scratch/libaio.on", F_OK) == 0 }
  }

  /// Processes whose command line names `path`: the export has it as its mount point.
  private func processes(naming path: String) -> [String] {
    let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return ids.filter { Int($0) != nil }.filter { id in
      let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
      return String(decoding: words, as: UTF8.self).contains(path)
    }
  }
}
