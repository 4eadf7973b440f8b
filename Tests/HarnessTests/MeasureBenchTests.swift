// Benchmarks of a real export, as short as they can be: what is kept, and every way for a cell to fail.

import Foundation
import TestSupport
import Testing

@testable import Harness

private let canMeasure = Machine.cannotMount == nil && Programs.find("fio") != nil
private let lacking: Comment = "needs FUSE mounts and fio"

@Suite(.serialized) struct MeasureBenchTests {
  private static func suite(fio options: [String: String] = [:]) -> Harness.Suite {
    Harness.Suite(
      name: "tiny", title: "one row", nodes: [.file, .null], fullSize: 1 << 20, quickSize: 1 << 20,
      workloads: [Workload(name: "read", pattern: .rand, engine: .libaio, depth: 4, fioOptions: options)])
  }

  private func request(_ results: String, program: String? = nil) throws -> BenchRequest {
    let subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects", program: program)
    var request = BenchRequest(
      .suites([Self.suite()], .quick),
      compared: [subject], results: results, command: ["fusebench", "bench"])
    request.selection.modes = [.legacy]
    request.sampling.samples = 2
    request.sampling.runtime = 0.5
    request.sampling.control = false
    return request
  }

  private func withResults(_ body: (String) async throws -> Void) async throws {
    let results = NSTemporaryDirectory() + "fusebench-bench-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: results) }
    try await body(results)
  }

  /// A program that is started in place of the subject's: a shell script.
  private func script(_ text: String, in folder: String) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/program.sh"
    try Data("#!/bin/sh\n\(text)\n".utf8).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    return path
  }

  @Test(.enabled(if: canMeasure, lacking)) func everyCellIsKept() async throws {
    try await withResults { results in
      var request = try request(results)
      request.selection.modes = [.legacy, .multithread]
      var finished = 0
      let outcomes = try await Bench(request).run { event in
        if case .bench(.finished) = event { finished += 1 }
      }
      let outcome = try #require(outcomes.first)
      let run = outcome.run
      #expect(outcomes.count == 1)
      #expect(finished == 5)
      #expect(run.finished != nil)
      #expect(try outcome.folder.read() == run)
      #expect(run.failures.isEmpty)
      #expect(run.cells.map(\.column).sorted() == ["legacy", "legacy", "multithread", "multithread", "raw"])
      for cell in run.cells {
        let isRaw = cell.column == "raw"
        #expect(cell.samples.map(\.index) == [0, 1])
        #expect(cell.samples.allSatisfy { $0.value > 0 && ($0.io?.operations ?? 0) > 0 && $0.io?.latency != nil })
        #expect(cell.latency != nil)
        #expect(cell.fioCommand.contains("--direct=1"))
        #expect(isRaw == cell.exportCommand.isEmpty)
        #expect(cell.proof == (isRaw ? nil : .proven))
        for sample in cell.samples {
          #expect(sample.server?.source == (isRaw ? nil : .statistics))
          #expect(FileManager.default.fileExists(atPath: "\(outcome.folder.path)/\(sample.fioOutput ?? "none")"))
        }
      }
    }
  }

  @Test(.enabled(if: canMeasure, lacking)) func withoutStatisticsTheCostComesFromProc() async throws {
    try await withResults { results in
      var request = try request(results)
      request.compared[0].statistics = false
      request.selection.nodes = [.null]
      let run = try #require(try await Bench(request).run { _ in }.first?.run)
      let cell = try #require(run.cells.first)
      #expect(cell.failure == nil)
      #expect(cell.proof == .unproven)
      #expect(cell.samples.allSatisfy { $0.server?.source == .proc && ($0.server?.peakResident ?? 0) > 0 })
    }
  }

  @Test(.enabled(if: canMeasure, lacking)) func anotherTransportThanAskedForFailsItsCell() async throws {
    try await withResults { results in
      // Two iothreads are asked for; the program leaves the list out, and the export serves in legacy.
      let strip = "s/,iothread[.][0-9]*=[^,]*//g"
      let program = try script(
        """
        n=$#; for word; do set -- "$@" "$(printf %s "$word" | sed '\(strip)')"; done; shift $n
        exec "\(Subject.ownExecutable)" "$@"
        """, in: results)
      var request = try request(results, program: program)
      request.selection.modes = [.multithread]
      request.selection.nodes = [.null]
      let run = try #require(try await Bench(request).run { _ in }.first?.run)
      let failure = try #require(run.cells.first?.failure)
      #expect(failure.hasPrefix("sample 1: transport: asked for multithread"), "\(failure)")
    }
  }

  @Test(.enabled(if: canMeasure, lacking)) func anExportThatDoesNotStartFailsItsCell() async throws {
    try await withResults { results in
      let program = try script("echo no such luck >&2; exit 1", in: results)
      var request = try request(results, program: program)
      request.selection.nodes = [.null]
      let run = try #require(try await Bench(request).run { _ in }.first?.run)
      #expect(run.cells.count == 1)
      #expect(
        run.cells.first?.failure
          == "sample 1: start: the export ended before it was ready (exit 1): no such luck")
      #expect(run.cells.first?.samples.isEmpty == true)
    }
  }

  @Test(.enabled(if: canMeasure, lacking)) func anExportThatDiesUnderLoadFailsItsCell() async throws {
    try await withResults { results in
      // It serves until a moment after the load has begun, whenever that is.
      let program = try script(
        """
        "\(Subject.ownExecutable)" "$@" &
        until test -e "\(results)/load"; do sleep 0.05; done; sleep 0.5; kill -KILL $!; wait $!; exit 3
        """, in: results)
      var request = try request(results, program: program)
      request.compared[0].ready.pidfile = false
      request.selection.nodes = [.null]
      request.source = .suites([Self.suite(fio: ["exec_prerun": "touch \(results)/load"])], .quick)
      request.sampling.runtime = 30
      let before = Set(MountTable.read().map(\.path.shown))
      let run = try #require(try await Bench(request).run { _ in }.first?.run)
      let failure = try #require(run.cells.first?.failure)
      #expect(failure.hasPrefix("sample 1: fio"), "\(failure)")
      // Other tests' exports come and go meanwhile; one that was left behind would stay for ever.
      var left = Set(MountTable.read().map(\.path.shown).filter { $0.contains("fusebench-bench") }).subtracting(before)
      let isGone = try await eventually {
        left.formIntersection(MountTable.read().map(\.path.shown))
        return left.isEmpty
      }
      #expect(isGone, "\(left)")
    }
  }

  @Test(.enabled(if: canMeasure, lacking)) func aSubjectThatOwesStatisticsMustWriteThem() async throws {
    try await withResults { results in
      var request = try request(results)
      // A program that forgets what it was asked for.
      request.compared[0].program = try script(
        "n=$#; for word; do set -- \"$@\" \"${word%,stats=*}\"; done; shift $n; "
          + "exec \"\(Subject.ownExecutable)\" \"$@\"", in: results)
      request.selection.nodes = [.null]
      let run = try #require(try await Bench(request).run { _ in }.first?.run)
      #expect(run.cells.first?.failure == "sample 1: transport: the export wrote no statistics")
    }
  }

  @Test(.enabled(if: Programs.find("fio") != nil, "needs fio")) func aModeThatTheSubjectLacksIsRefused() throws {
    var request = try request("results")
    request.compared[0].modes = [.legacy]
    request.selection.modes = [.ioUring]
    let fault = #expect(throws: PlanError.self) { try Bench(request) }
    #expect(fault?.description == "fusebench has no mode io_uring; it has: legacy")
  }

  @Test func anImageThatDoesNotFitIsSaid() {
    let path = "/var/tmp/fusebench-image-\(UUID().uuidString)"
    defer { unlink(path) }
    let fault = #expect(throws: FileError.self) { try BenchImage.make(at: path, size: 1 << 60) }
    #expect(fault?.file == path)
  }

  @Test func anImageIsAllocatedAndWritten() throws {
    let path = "/var/tmp/fusebench-image-\(UUID().uuidString)"
    defer { unlink(path) }
    try BenchImage.make(at: path, size: 3 << 20)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes.count == 3 << 20)
    #expect(bytes.prefix(4096).contains { $0 != 0 })
    #expect(bytes.suffix(4096).contains { $0 != 0 })
  }
}
