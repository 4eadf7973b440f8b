// The floor: a reference that serves in every transport, and stands beside null rows only.

import Foundation
import Glibc
import TestSupport
import Testing

@testable import Harness

@Suite(.serialized) struct FloorTests {
  private static let canMount = geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0

  private func floor() throws -> Subject { try Subject.named(Column.floorName, in: scenarioFolder + "/subjects") }

  @Test(.enabled(if: canMount, "needs root and /dev/fuse"), arguments: Mode.allCases)
  func servesAndEnds(_ mode: Mode) async throws {
    if mode == .ioUring, EnableUring.state != true { return }
    let workspace = try Workspace(label: "floor-test")
    defer { workspace.remove() }
    var settings = ExportSettings()
    settings.node = .null
    settings.size = 1 << 20
    let session = try await ExportSession.start(try floor(), mode: mode, settings: settings, workspace: workspace)
    let read = try await Command("dd", ["if=\(session.mountPoint)", "of=/dev/null", "bs=1M", "iflag=direct"])
      .run(within: .seconds(20)) { session.abort() }
    #expect(read.status.isSuccess, "\(read.output)")
    let write = try await Command(
      "dd", ["if=/dev/zero", "of=\(session.mountPoint)", "bs=4k", "count=8", "oflag=direct", "conv=notrunc"]
    ).run(within: .seconds(20)) { session.abort() }
    #expect(write.status.isSuccess, "\(write.output)")
    let report = await session.stop()
    #expect(report.isClean, "\(report) \(session.log())")
  }

  @Test func aColumnForEachModeStandsBesideNullRows() throws {
    let subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    let table = try ColumnTable(
      subjects: [subject], modes: [.legacy, .ioUring], raw: true, own: nil, floor: try floor(), cpus: 2)
    #expect(table.columns.map(\.name) == ["raw", "floor legacy", "floor io_uring", "legacy", "io_uring"])
    let (file, null) = (
      Row(node: .file, workload: Workload(name: "read")), Row(node: .null, workload: Workload(name: "read"))
    )
    #expect(table.columns.filter { $0.hasCell(in: file) }.map(\.name) == ["raw", "legacy", "io_uring"])
    #expect(
      table.columns.filter { $0.hasCell(in: null) }.map(\.name)
        == ["floor legacy", "floor io_uring", "legacy", "io_uring"])
  }

  @Test func whatServesNoNullNodeHasNoNullRows() throws {
    let subjects = try ["fusebench", "smallest"].map { try Subject.named($0, in: scenarioFolder + "/subjects") }
    let table = try ColumnTable(subjects: subjects, modes: [.legacy], raw: false, own: nil, cpus: 2)
    let null = Row(node: .null, workload: Workload(name: "read"))
    #expect(table.columns.filter { $0.hasCell(in: null) }.map(\.name) == ["fusebench legacy"])
    #expect(table.columns.allSatisfy { $0.hasCell(in: Row(node: .file, workload: Workload(name: "read"))) })
    #expect(table.notes == ["smallest serves no null node, so it has no null rows"])
  }

  @Test func aColumnIsMeasuredByTheFloorOfItsOwnMode() throws {
    var run = StoredRunFixture.run
    run.columns.insert(
      contentsOf: [Mode.legacy, .ioUring].map { (mode: Mode) in
        Column(
          name: "floor \(mode)", kind: .export, role: .floor, mode: mode, subject: "floor", node: .null)
      }, at: 1)
    run.put(StoredRunFixture.cell(.null, "read rand aio ×1", "floor legacy", [400_000, 400_000, 400_000]))
    run.put(StoredRunFixture.cell(.null, "read rand aio ×1", "floor io_uring", [612_000, 612_000, 612_000]))
    let section = try #require(RunFigures(run).sections.first { $0.node == .null })
    #expect(section.measures == ["floor"])
    let shares = zip(section.columns, section.rows[0].figures).map { ($0.0.name, $0.1.shares["floor"]) }
    #expect(shares.first { $0.0 == "legacy" }?.1 == 0.75)
    #expect(shares.first { $0.0 == "io_uring" }?.1 == 1)
    #expect(!shares.contains { $0.0.hasPrefix("floor") && $0.1 != nil })
  }
}
