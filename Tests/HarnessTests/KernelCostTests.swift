// The kernel's counts: from numbers to figures, remarks and a gate, and counted once for real.

import Foundation
import TestSupport
import Testing

@testable import Harness

private let canMeasure = Machine.cannotMount == nil && Programs.find("fio") != nil
private let lacking: Comment = "needs /dev/fuse and fio"

@Suite struct KernelCostTests {
  private func costs(_ calls: UInt64, _ wakeups: UInt64, _ requests: UInt64?, over operations: UInt64 = 1000)
    -> KernelCosts?
  {
    KernelCosts(.init(systemCalls: calls, wakeups: wakeups, requests: requests), over: operations)
  }

  @Test func countsAreTakenPerIO() throws {
    let costs = try #require(self.costs(2000, 500, 1000))
    #expect(costs.systemCalls == 2 && costs.wakeups == 0.5 && costs.requests == 1)
    #expect(costs.figures.map(\.name) == ["system_calls", "wakeups", "requests"])
    #expect(costs.remark == nil)
    #expect(self.costs(1, 1, 1, over: 0) == nil)
    #expect(try #require(self.costs(1, 1, nil)).figures.count == 2)
  }

  @Test(
    arguments: [
      (1000, nil), (1010, nil), (990, nil), (1011, "1.011 FUSE requests for each of fio's I/Os: a split on the way"),
      (250, "0.25 FUSE requests for each of fio's I/Os: a cache or a merge on the way"),
    ] as [(UInt64, String?)])
  func anotherNumberOfRequestsIsSaid(_ requests: UInt64, _ words: String?) throws {
    #expect(try #require(costs(1, 1, requests)).remark == words.map { "the kernel sent \($0)" })
  }

  private func run(_ id: String, calls: UInt64, wakeups: UInt64 = 900) -> StoredRun {
    var run = StoredRunFixture.run
    run.id = id
    for index in run.cells.indices {
      run.cells[index].costs = run.cells[index].column == "legacy" ? costs(calls, wakeups, 1000) : nil
    }
    return run
  }

  @Test func aCountThatIsTooMuchFailsTheGate() throws {
    let gate = CostGate(of: run("a", calls: 2000), limit: 0.02)
    #expect(try gate.judge(run("b", calls: 2040)).passes)
    let result = try gate.judge(run("b", calls: 2100))
    #expect(!result.passes)
    #expect(Set(result.excesses.map(\.name)) == ["system_calls"] && Set(result.excesses.map(\.column)) == ["legacy"])
    let text = CostReport.text(result)
    #expect(text.contains("legacy: 2.100 system calls per I/O, in the baseline 2.000 (+5%)"), "\(text)")
    // What the baseline hardly does at all may not begin to be done.
    #expect(try !CostGate(of: run("a", calls: 2000, wakeups: 0), limit: 0.02).judge(run("b", calls: 2000)).passes)
    #expect(try gate.judge(run("b", calls: 1000)).passes)
    let junit = GateJUnitReport.text(GateResult(baseline: "a", limit: 0.05, rows: []), costs: result)
    #expect(junit.contains("<failure type=\"costs more\""))
  }

  @Test func whatIsTooMuchOnceOnlyPasses() throws {
    var result = try CostGate(of: run("a", calls: 2000), limit: 0.02).judge(run("b", calls: 2100))
    for index in result.entries.indices where result.entries[index].exceeds(0.02) { result.entries[index].again = 2.01 }
    #expect(result.passes)
  }

  @Test func aBaselineWithoutCountsIsRefused() throws {
    let fault = #expect(throws: BenchError.self) { try CostGate(baseline: StoredRunFixture.run, limit: 0.02) }
    #expect(fault?.description.contains("holds no counts of the kernel's") == true)
    #expect(throws: BenchError.self) { try CostGate(of: run("a", calls: 1), limit: 0.02).judge(StoredRunFixture.run) }
  }

  @Test(.enabled(if: KernelCounter.whyNot == nil, "needs the kernel's counters, so root"))
  func systemCallsOfThisThreadAreCounted() throws {
    let thread = try #require(
      try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/thread-self").split(separator: "/").last)
    let counter = try KernelCounter("raw_syscalls/sys_enter", filter: "common_pid == \(thread)")
    let before = counter.value
    for _ in 0..<100 { _ = getppid() }
    let counted = counter.value - before
    #expect((100...120).contains(counted), "\(counted)")
    let fault = #expect(throws: KernelCounterError.self) { try KernelCounter("fuse/no_such_event") }
    #expect(fault?.description == "this kernel has no tracepoint fuse/no_such_event")
  }
}

@Suite(.serialized) struct ReferenceTests {
  private static let isRoot = geteuid() == 0 && access("/dev/loop-control", R_OK | W_OK) == 0

  @Test(.enabled(if: isRoot, "needs root and /dev/loop-control")) func aLoopDeviceGoesWithItsDescriptor() async throws {
    let image = NSTemporaryDirectory() + "fusebench-loop-\(UUID().uuidString)"
    defer { unlink(image) }
    try BenchImage.make(at: image, size: 1 << 20)
    let device = try LoopDevice(image)
    let folder = "/sys/block/\(device.path.dropFirst(5))/loop"
    #expect(SystemFile.word("\(folder)/dio") == "1")
    #expect(SystemFile.word("\(folder)/autoclear") == "1")
    device.detach()
    let isGone = try await eventually { SystemFile.word("\(folder)/backing_file")?.contains(image) != true }
    #expect(isGone)
  }

  @Test func whatIsNoImageIsNoLoopDevice() {
    let fault = #expect(throws: SampleError.self) { try LoopDevice("/nonexistent") }
    #expect(fault?.reason.hasPrefix("no loop device: ") == true)
  }

  @Test func fioSpeaksNBDToASocket() {
    var job = FioJob(
      workload: Workload(name: "w", engine: .libaio, depth: 4), path: "", size: 1, runtime: 1, ramp: 0, seed: 1,
      output: "o")
    job.socket = "/s"
    let words = job.arguments
    #expect(words.contains("--ioengine=nbd") && words.contains("--uri=nbd+unix:///?socket=/s"))
    #expect(!words.contains { $0.hasPrefix("--filename") })
    let engine = words.firstIndex(of: "--ioengine=nbd") ?? .max
    #expect(engine < words.firstIndex(of: "--uri=nbd+unix:///?socket=/s") ?? 0)
  }

  @Test(.enabled(if: canMeasure, lacking)) func whatCannotStartIsLeftOutAndTheRunGoesOn() async throws {
    let results = NSTemporaryDirectory() + "fusebench-reference-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: results) }
    let suite = Harness.Suite(
      name: "tiny", title: "one row", nodes: [.file, .null], fullSize: 1 << 20, quickSize: 1 << 20,
      workloads: [Workload(name: "read", pattern: .rand, engine: .libaio, depth: 4)])
    let folder = scenarioFolder + "/subjects"
    var request = BenchRequest(
      .suites([suite], .quick), compared: [try Subject.named("fusebench", in: folder)], results: results, command: [])
    request.selection.modes = [.legacy]
    request.sampling.samples = 1
    request.sampling.runtime = 0.3
    request.sampling.control = false
    request.sampling.costs = true
    request.references.loop = true
    request.references.nbd = true
    request.references.floor = try Subject.named(Column.floorName, in: folder, program: "/bin/false")
    let run = try #require(try await Bench(request).run { _ in }.first?.run)
    #expect(run.failures.isEmpty)
    #expect(run.notes.contains { $0.hasPrefix("no column floor legacy: start: the export ended before it was ready") })
    #expect(!run.columns.contains { $0.role == .floor })
    for name in ["loop", "nbd"] {
      let isLeftOut = run.notes.contains { $0.hasPrefix("no column \(name): ") }
      let cell = run.cell(node: .file, workload: "read", column: name)
      #expect(isLeftOut == (cell == nil))
      if let cell { #expect(cell.samples.first?.value ?? 0 > 0 && cell.costs == nil) }
    }
    let legacy = run.cells.filter { $0.column == "legacy" }
    let isCounted = !run.notes.contains { $0.hasPrefix("costs by the kernel's count are left out: ") }
    #expect(legacy.count == 2 && legacy.allSatisfy { ($0.costs != nil) == isCounted }, "\(run.notes)")
    for cell in legacy {
      guard let costs = cell.costs else { continue }
      #expect(costs.systemCalls > 0 && costs.systemCalls < 10)
      if let requests = costs.requests { #expect(abs(requests - 1) <= 0.01, "\(requests)") }
    }
    #expect(
      SystemFile.names("/sys/block").allSatisfy { name in
        SystemFile.word("/sys/block/\(name)/loop/backing_file")?.contains("fusebench-bench-image") != true
      })
  }
}
