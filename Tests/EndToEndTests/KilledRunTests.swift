// SIGKILL in the middle of a benchmark: what was measured can be reported, and the next command clears what was left.

import Foundation
import Glibc
import Harness
import TestSupport
import Testing

@Suite(.enabled(if: Machine.cannotMount == nil && Programs.find("fio") != nil, "needs FUSE mounts and fio"))
struct KilledRunTests {
  @Test func finishedCellsAreReportedAndNothingStays() async throws {
    let workspace = try Workspace(label: "killed-test")
    defer { workspace.remove() }
    // Apart from the results, so that it must be empty in the end.
    let temporary = workspace.file("tmp")
    let results = workspace.file("results")
    try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
    func fusebench(_ words: String) -> Command {
      var command = Command(Subject.ownExecutable, words.split(separator: " ").map(String.init))
      command.directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path
      command.environment = ["TMPDIR": temporary]
      return command
    }

    // A quarter of an hour long, so that on a busy machine it cannot end before this test looks.
    let bench = try await Child.start(
      fusebench(
        "bench --suite transport --axis block=4k,8k,12k,16k,20k,24k,28k --budget full --node null --mode legacy "
          + "--samples 1 --runtime 2 --results \(results)"))
    // In the middle: cells are measured, and an export serves the next one. To look costs more than a moment.
    var isInTheMiddle = false
    while !bench.hasEnded, !isInTheMiddle {
      try await Task.sleep(for: .milliseconds(200))
      isInTheMiddle = cells(in: results) >= 2 && isMounted(below: temporary)
    }
    #expect(isInTheMiddle)
    bench.signal(SIGKILL)
    #expect(await bench.status(within: .seconds(60)) == .signaled(SIGKILL))
    _ = await bench.finish(within: .seconds(1))
    #expect(cells(in: results) >= 2)

    let report = try await fusebench("report last --results \(results)").run(within: .seconds(60))
    #expect(report.status == .exited(0), "\(report.output)")
    #expect(report.output.contains("incomplete"), "\(report.output)")

    // Which may find nothing: any fusebench that starts meanwhile, in another test or another shell, does the same.
    let next = try await fusebench("check size-odd-image --mode legacy --no-results").run(within: .seconds(120))
    #expect(next.status == .exited(0), "\(next.output)")
    // The other may still be at it when this one has ended.
    #expect(try await eventually { !isMounted(below: temporary) && names(in: temporary) == [] })
    #expect(processes(naming: temporary) == [])
  }

  private func cells(in results: String) -> Int {
    (try? RunFolder.runs(in: results).last?.read())?.cells.count ?? 0
  }

  private func names(in folder: String) -> [String]? {
    try? FileManager.default.contentsOfDirectory(atPath: folder)
  }

  private func isMounted(below folder: String) -> Bool {
    MountTable.read().contains { $0.isBelow(folder) }
  }
}
