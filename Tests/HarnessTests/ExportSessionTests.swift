// Export sessions against a real mount: start, proof of readiness, stop, and nothing left.

import Foundation
import Glibc
import Harness
import TestSupport
import Testing

/// The folder of this package's scenarios.
let scenarioFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("scenarios").path

/// Whether this machine can mount FUSE file systems with qemu-storage-daemon.
let canMountWithQEMU =
  geteuid() == 0 && access("/dev/fuse", R_OK | W_OK) == 0 && Programs.find("qemu-storage-daemon") != nil

@Suite(.serialized) struct ExportSessionTests {
  /// An export of 1 MiB with nothing behind it.
  private func startNull(in workspace: Workspace) async throws -> ExportSession {
    var settings = ExportSettings()
    settings.node = .null
    settings.size = 1 << 20
    return try await ExportSession.start(
      Subject.named("qemu-storage-daemon", in: scenarioFolder + "/subjects"), mode: .legacy, settings: settings,
      workspace: workspace)
  }

  @Test(.enabled(if: canMountWithQEMU, "needs root, /dev/fuse and qemu-storage-daemon"))
  func startsAndStopsWithoutLeavingAnything() async throws {
    let workspace = try Workspace(label: "session-test")
    defer { workspace.remove() }
    let session = try await startNull(in: workspace)
    #expect(session.isMounted)
    let stat = try await Command("stat", ["-c", "%s", session.mountPoint]).run(within: .seconds(60))
    #expect(stat.output == "1048576\n")
    let report = await session.stop()
    #expect(report.isClean)
    #expect(!session.isMounted)
    #expect(session.log().isEmpty)
  }

  @Test(.enabled(if: canMountWithQEMU, "needs root, /dev/fuse and qemu-storage-daemon"))
  func aHungExportIsEndedByForce() async throws {
    let workspace = try Workspace(label: "hang-test")
    defer { workspace.remove() }
    let session = try await startNull(in: workspace)
    session.send(.stop)
    let read = try await Command("dd", ["if=\(session.mountPoint)", "of=/dev/null", "bs=4k", "count=1"])
      .run(within: .milliseconds(300)) { session.abort() }
    #expect(read.expired)
    #expect(read.status != .stuck)
    await session.clear()
    #expect(!session.isMounted)
    #expect(!session.isRunning)
  }

  @Test func aSubjectThatEndsAtOnceIsAFault() async throws {
    var subject = try Subject.named("qemu-storage-daemon", in: scenarioFolder + "/subjects")
    subject.program = "false"
    let workspace = try Workspace(label: "no-start")
    defer { workspace.remove() }
    let error = await #expect(throws: ExportStartError.self) {
      try await ExportSession.start(subject, mode: .legacy, settings: ExportSettings(), workspace: workspace)
    }
    #expect(error?.status == .exited(1))
  }
}

@Suite struct ChildTests {
  @Test func outputAndStatus() async throws {
    let done = try await Command("sh", ["-c", "echo out; echo err >&2; exit 3"]).run(within: .seconds(60))
    #expect(done.status == .exited(3))
    #expect(done.output == "out\nerr\n")
    #expect(!done.expired)
  }

  @Test func errorsCanHaveTheirOwnPlace() async throws {
    var command = Command("sh", ["-c", "cat; echo err >&2"])
    command.errors = .memory
    command.input = "in"
    let done = try await command.run(within: .seconds(60))
    #expect(done.output == "in")
    #expect(done.errors == "err\n")
  }

  @Test func expiryEndsTheWholeGroup() async throws {
    let child = try await Child.start(Command("sh", ["-c", "sleep 1000 & sleep 1000"]))
    let done = await child.finish(within: .milliseconds(100))
    #expect(done.expired)
    #expect(done.status == .signaled(SIGTERM))
    // Orphans are reaped by init.
    #expect(try await eventually { !child.groupLives })
  }

  @Test func aProgramThatDoesNotExistIsNamed() async throws {
    let error = await #expect(throws: StartError.self) { try await Child.start(Command("no-such-program")) }
    #expect(error?.description.hasPrefix("cannot start no-such-program: ") == true)
  }
}
