// All scenarios in all modes against our own export, by the same code as `fusebench check`.

import Foundation
import Glibc
import Harness
import Testing

/// The scenarios that are shipped.
let scenarioFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("scenarios").path

private let scenarioNames: [String] =
  (try? ScenarioLibrary(folder: scenarioFolder).scenarios.map(\.name)) ?? ["the scenarios cannot be read"]

/// Switches FUSE over io_uring on in the kernel while the suite runs, where that is possible.
private struct WithEnableUring: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let uring = geteuid() == 0 ? try? EnableUring() : nil
    defer { uring?.end() }
    try await function()
  }
}

@Suite(
  .serialized, WithEnableUring(),
  .enabled(if: Machine.cannotMount == nil, "no FUSE mount is possible here; see 'fusebench doctor'"))
struct ScenarioTests {
  @Test(arguments: scenarioNames, Mode.allCases)
  func scenario(_ name: String, mode: Mode) async throws {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    let subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    let check = Check(library: library, subject: subject)
    guard var cell = try check.cells(library.select([name]), modes: [mode]).first else {
      try Test.cancel("\(name) is not about \(mode)")
    }
    cell.scenario.timeout = max(cell.scenario.timeout, 120)
    let judged = try await check.judge(cell)
    switch judged.verdict {
    case .pass, .xfail: break
    case .xpass(let known): Issue.record("passes, but is expected to fail: \(known.why)")
    case .skip(let reason): try Test.cancel("\(reason)")
    case .fail(let reason, let detail):
      Issue.record("\(reason.rawValue): \(detail)\nkept: \(judged.folder ?? "nothing")")
    }
  }
}
