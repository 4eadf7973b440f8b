// A tiny benchmark of a null node, and its replay: kept beside it, with the same matrix, and judged against it.

import Foundation
import Glibc
import Harness
import Testing

@Suite(.enabled(if: Machine.cannotMount == nil && Programs.find("fio") != nil, "needs FUSE mounts and fio"))
struct ReplayRunTests {
  @Test func aReplayIsTheSameMatrixOnceMore() async throws {
    let workspace = try Workspace(label: "replay-test")
    defer { workspace.remove() }
    let results = workspace.file("results")
    func fusebench(_ words: [String]) async throws -> Finished {
      var command = Command(Subject.ownExecutable, words + ["--results", results])
      command.directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
      command.errors = .memory
      return try await command.run(within: .seconds(120))
    }
    let bench = try await fusebench([
      "bench", "--suite", "transport", "--filter", "null read rand sync ×1", "--mode", "legacy", "--samples", "1",
      "--runtime", "0.5", "--no-control", "--prefix", "env FUSEBENCH_TEST=replay",
    ])
    #expect(bench.status == .exited(0), "\(bench.output)\(bench.errors)")
    let replay = try await fusebench(["replay", "last", "--trust"])
    // The prefix stands in the file alone: it is used by the user's own word. A single sample can tell nothing.
    #expect(replay.status == .exited(3), "\(replay.output)\(replay.errors)")
    let runs = try RunFolder.runs(in: results).map { try $0.read() }
    try #require(runs.count == 2)
    #expect(runs[0].rows == runs[1].rows)
    for run in runs {
      #expect(run.columns.filter { $0.role == .compared }.map(\.prefix) == [["env", "FUSEBENCH_TEST=replay"]])
      let cell = try #require(run.cells.first { $0.column == "legacy" })
      #expect(cell.exportCommand.hasPrefix("env FUSEBENCH_TEST=replay "), "\(cell.exportCommand)")
    }
    #expect(runs[0].columns == runs[1].columns)
    #expect(runs[0].settings == runs[1].settings)
    // The floor beside the null row is measured too.
    #expect(runs[1].cells.map(\.samples.count) == [1, 1])
    #expect(runs[0].cells[0].samples[0].seed == runs[1].cells[0].samples[0].seed)
    #expect(replay.output.hasPrefix("\(runs[1].id) against \(runs[0].id)\n"), "\(replay.output)")
    #expect(replay.output.hasSuffix("Kept in \(results)/\(runs[1].id)\n"), "\(replay.output)")
  }
}
