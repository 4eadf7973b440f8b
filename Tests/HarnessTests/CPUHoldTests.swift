// Idle CPUs held awake: what is asked of the kernel, and what happens when that is lost.

import Foundation
import Testing

@testable import Harness

@Suite struct CPUHoldTests {
  /// A file that stands in for the kernel's: what is written is what is read.
  private func device() throws -> String {
    let path = NSTemporaryDirectory() + "fusebench-latency-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: path))
    return path
  }

  @Test func aRequestSaysZeroForAsLongAsItLives() throws {
    let path = try device()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let request = try CPULatencyRequest(device: path)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([0, 0, 0, 0]))
    #expect(request.fault == nil)
  }

  @Test func aRequestThatIsGoneIsNoticed() throws {
    let path = try device()
    defer { try? FileManager.default.removeItem(atPath: path) }
    let request = try CPULatencyRequest(device: path)
    try Data([5, 0, 0, 0]).write(to: URL(fileURLWithPath: path), options: [])
    #expect(request.fault == "\(path) says 5 µs in place of 0")
    truncate(path, 0)
    #expect(request.fault == "\(path) was closed")
  }

  @Test func aFileThatIsNotThereIsNamed() {
    #expect(throws: CPULatencyRequest.RequestError(description: "/nowhere/at-all: No such file or directory")) {
      try CPULatencyRequest(device: "/nowhere/at-all")
    }
  }

  @Test func whatIsLostIsAskedForAgain() throws {
    let path = try device()
    defer { try? FileManager.default.removeItem(atPath: path) }
    var hold = CPUHold(.held) { () throws(CPULatencyRequest.RequestError) in try CPULatencyRequest(device: path) }
    #expect(hold.take() == nil)
    #expect(hold.fault == nil)
    truncate(path, 0)
    #expect(hold.fault == "\(path) was closed")
    #expect(hold.take() == nil)
    #expect(hold.fault == nil)
  }

  @Test func whatCannotBeAskedForAgainIsSaidOnce() throws {
    let path = try device()
    var hold = CPUHold(.held) { () throws(CPULatencyRequest.RequestError) in try CPULatencyRequest(device: path) }
    #expect(hold.take() == nil)
    truncate(path, 0)
    try FileManager.default.removeItem(atPath: path)
    #expect(hold.take() == "\(path): No such file or directory")
    #expect(!hold.isWanted)
    #expect(hold.take() == nil)
    #expect(hold.fault == nil)
  }

  @Test(arguments: [CPUIdle.free, nil]) func whereNothingIsAskedForNothingIsHeld(_ setting: CPUIdle?) {
    var hold = CPUHold(setting) { () throws(CPULatencyRequest.RequestError) in
      throw CPULatencyRequest.RequestError(description: "asked")
    }
    #expect(hold.take() == nil)
    #expect(hold.fault == nil)
  }

  @Test func runsOfTwoConditionsAreNotCompared() {
    var (held, free) = (StoredRunFixture.run, StoredRunFixture.run)
    held.settings.cpuIdle = .held
    free.settings.cpuIdle = .free
    #expect(held.obstacles(to: free) == ["cpu-idle: held, free"])
    #expect(held.obstacles(to: StoredRunFixture.run) == ["cpu-idle: held, not known"])
    #expect(RunText.sampling(held).hasSuffix(", idle CPUs held awake"))
  }
}
