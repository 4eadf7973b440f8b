// The kernel's recording taken apart, and counted: by lines as trace-cmd printed them.

import Foundation
import Testing

@testable import Harness

// A module of its own where Foundation is built without it.
#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct TraceEventTests {
  /// `Fixtures/trace/events.txt` is what trace-cmd 3.1.6 really printed.
  @Test func recordedLinesAreTheirEvents() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let bytes = try Data(contentsOf: folder.appendingPathComponent("Fixtures/trace/events.txt"))
    let events = bytes.split(separator: UInt8(ascii: "\n")).compactMap { TraceEvent(line: $0) }
    let expected: [TraceEvent.Kind] = [
      .send(connection: 39, unique: 20756, opcode: 15),
      .end(connection: 39, unique: 20750),
      .read(result: 80),
      .read(result: -11),
      .finished(TraceEvent.BlockRange(device: 266_338_304, sector: 532_709_896)),
      .submitted(request: 0xffff_8881_1a3c_ac00, isFuseCommand: true),
      .completed(request: 0xffff_8881_1a3c_a100, result: 0),
      .switched(from: 29705, to: 29713),
      .waking(task: 29705),
    ]
    #expect(events.map(\.kind) == expected)
  }

  @Test func timeAndPlaceAreRead() throws {
    let line = "b:   kworker/1:1H-44 [001]  2158.993018007: sched_waking:  comm=a pid=7 prio=1 target_cpu=001"
    let event = try #require(TraceEvent(line: line.utf8))
    #expect(event.time == 2_158_993_018_007)
    #expect(event.task == 44)
    #expect(event.cpu == 1)
  }

  /// Numbers of tasks stand in columns of five: behind a shorter one there are more blanks.
  @Test(arguments: [("<idle>-0    ", 0), ("fio-3804 ", 3804), ("fio-1234567", 1_234_567)])
  func tasksWithShortNumbersAreRead(task: String, number: Int32) throws {
    let line = "b:   \(task) [001]  1.000000001: fuse_request_end:      connection=39 unique=2 len=16 error=0"
    let event = try #require(TraceEvent(line: line.utf8))
    #expect(event.task == number)
    #expect(event.kind == .end(connection: 39, unique: 2))
  }

  /// A task may call itself anything.
  @Test func aNameThatLooksLikeFieldsMisleadsNobody() throws {
    let line =
      "b:   a[3] pid=9-44 [001]  1.000000001: sched_switch: prev_comm=x next_pid=1 prev_pid=44 prev_prio=1 prev_state=0"
      + " next_comm=y next_pid=2 next_pid=5 next_prio=1"
    let event = try #require(TraceEvent(line: line.utf8))
    #expect(event.task == 44)
    #expect(event.kind == .switched(from: 44, to: 5))
  }

  @Test(arguments: [
    "", "cpus=2", "[", "a-1 [000]", "a-1 [000] 1.5: sched_waking: pid=1",
    "a-1 [x]  1.000000000: fuse_request_end: unique=1",
    "a-1 [000]  1.000000000: fuse_request_end:  connection=1", "a-1 [000]  1.000000000: fuse_request_end",
    "a-1 [000]  99999999999999999999.000000000: fuse_request_end: connection=1 unique=1",
    "a-99999999999 [000]  1.000000000: fuse_request_end: connection=1 unique=1",
    "a-1 [000]  1.000000000: fuse_request_end: connection=1 unique=0xfffffffffffffffff",
    "a-1 [000]  1.000000000: other: connection=1 unique=1",
  ])
  func whatIsNoEventIsPassedOver(line: String) { #expect(TraceEvent(line: line.utf8) == nil) }
}

@Suite struct TraceAnalysisTests {
  private static let range = TraceEvent.BlockRange(device: 1, sector: 8)

  private func breakdown(_ events: [(Int64, Int32, TraceEvent.Kind)], slowest: Int = 1) -> TraceBreakdown {
    var analysis = TraceAnalysis(
      mode: .legacy, subject: .init(server: [10], connection: 1), slowest: slowest)
    for (time, task, kind) in events { analysis.add(TraceEvent(time: time, cpu: 0, task: task, kind: kind)) }
    return analysis.finish()
  }

  /// One request on one CPU: sent, the server woken, taken, to the disk and back, answered.
  private static let whole: [(Int64, Int32, TraceEvent.Kind)] = [
    (0, 20, .send(connection: 1, unique: 2, opcode: 15)),
    (1, 20, .waking(task: 10)),
    (5, 0, .switched(from: 20, to: 10)),
    (7, 10, .read(result: 80)),
    (10, 10, .issued(range)),
    (14, 10, .switched(from: 10, to: 0)),
    (114, 0, .finished(range)),
    (115, 0, .waking(task: 10)),
    (135, 0, .switched(from: 0, to: 10)),
    (140, 10, .end(connection: 1, unique: 2)),
  ]

  @Test func eachStageHasItsTime() {
    let seen = breakdown(Self.whole)
    #expect(seen.requests == 1)
    #expect(seen.stages[.queuedIdle] == 5)
    #expect(seen.stages[.queuedBusy] == 2)
    #expect(seen.stages[.served] == 3)
    #expect(seen.stages[.node] == 104)
    #expect(seen.stages[.waking] == 21)
    #expect(seen.stages[.answering] == 5)
    #expect(seen.stages.values.reduce(0, +) == 140)
    #expect(seen.serverRan == 14)
    #expect(seen.serverWakes == .init(count: 2, nanoseconds: 24))
    #expect(seen.notes.isEmpty)
  }

  @Test func theSlowestSayWhatTheyWaitedFor() {
    let request = breakdown(Self.whole).slowest[0]
    #expect(
      request
        == TracedRequest(
          unique: 2, opcode: 15, sent: 0, duration: 140, serverRan: 14, diskOnly: 100, others: 0))
    #expect(request.nobody == 26)
  }

  @Test func onlyTheSlowestAreKept() {
    var events: [(Int64, Int32, TraceEvent.Kind)] = []
    for (number, duration) in [30, 10, 50, 20].enumerated() {
      let unique = UInt64(number)
      events.append((Int64(number) * 100, 20, .send(connection: 1, unique: unique, opcode: 15)))
      events.append((Int64(number * 100 + duration), 10, .end(connection: 1, unique: unique)))
    }
    #expect(breakdown(events, slowest: 2).slowest.map(\.duration) == [50, 30])
    #expect(breakdown(events, slowest: 0).slowest.isEmpty)
  }

  /// A line may claim any time: one that is none of the recording's adds nothing, and no sum overflows.
  @Test func aTimeOfAnotherDayIsNone() {
    let seen = breakdown([
      (0, 20, .send(connection: 1, unique: 2, opcode: 15)), (.max, 20, .send(connection: 1, unique: 3, opcode: 15)),
      (5, 10, .end(connection: 1, unique: 2)),
    ])
    #expect(seen.requests == 1 && seen.stages[.queuedIdle] == 10)
  }

  /// Others' connections, disks and reads are not the subject's.
  @Test func othersDoNotCount() {
    let seen = breakdown([
      (0, 20, .send(connection: 2, unique: 2, opcode: 15)), (1, 20, .read(result: 80)),
      (2, 20, .issued(Self.range)), (3, 0, .finished(Self.range)), (9, 20, .end(connection: 2, unique: 2)),
    ])
    #expect(seen.requests == 0)
    #expect(seen.stages.values.allSatisfy { $0 == 0 })
    #expect(seen.notes == ["no request was answered while the trace ran"])
  }

  @Test func aCommandOfTheRingTakesARequest() {
    let seen = breakdown([
      (0, 10, .submitted(request: 5, isFuseCommand: true)), (1, 20, .send(connection: 1, unique: 2, opcode: 15)),
      (4, 10, .completed(request: 5, result: 0)), (9, 10, .end(connection: 1, unique: 2)),
    ])
    #expect(seen.stages[.queuedIdle] == 3)
    #expect(seen.stages[.served] == 5)
  }

  /// A server that takes requests in a way that leaves no event: its time is not lost, and it is said.
  @Test func whatWasNotSeenIsSaid() {
    let seen = breakdown([
      (0, 20, .send(connection: 1, unique: 2, opcode: 15)), (9, 10, .end(connection: 1, unique: 2)),
    ])
    #expect(seen.stages[.queuedIdle] == 9)
    #expect(seen.notes.count == 1)
    #expect(seen.notes[0].hasPrefix("0 of 1 requests were seen to be taken"))
  }

  @Test func timeThatRunsBackwardsCountsAsNone() {
    let seen = breakdown([
      (100, 20, .send(connection: 1, unique: 2, opcode: 15)), (50, 10, .end(connection: 1, unique: 2)),
    ])
    #expect(seen.stages.values.reduce(0, +) == 0)
  }
}

@Suite struct TraceReportTests {
  @Test func aLoadIsMadeOfKnobs() throws {
    let usual = try TraceRow.row(node: .file, knobs: [])
    #expect(usual.workload.name == "rand read 4k libaio depth 16")
    let single = try TraceRow.row(node: .null, knobs: ["engine=pvsync2", "operation=write", "threads=2"])
    #expect(single.workload.depth == 1)
    #expect(single.export.threads == 2)
    #expect(throws: (any Error).self) { try TraceRow.row(node: .file, knobs: ["depth"]) }
    #expect(throws: (any Error).self) { try TraceRow.row(node: .file, knobs: ["colour=red"]) }
    #expect(throws: (any Error).self) { try TraceRow.row(node: .file, knobs: ["operation=idle"]) }
    #expect(throws: (any Error).self) { try TraceRow.row(node: .file, knobs: ["engine=pvsync2", "depth=4"]) }
  }

  @Test func aTableHasEveryStage() {
    var breakdown = TraceBreakdown(mode: .ioUring)
    breakdown.requests = 2
    breakdown.span = 1_000_000
    breakdown.stages = [.queuedIdle: 2000, .node: 100_000]
    breakdown.notes = ["something was not seen"]
    let report = TraceReport(title: "t", breakdowns: [breakdown])
    let lines = report.lines
    #expect(lines[0] == "t: microseconds per request, on average")
    #expect(lines[2] == "mode      requests  per second  whole  queued/off  queued/on  served  disk  back/off  back/on")
    #expect(lines[3] == "io_uring         2        2000   51.0         1.0        0.0     0.0  50.0       0.0      0.0")
    #expect(lines.contains("io_uring: something was not seen"))
    #expect(report.plot.commands.contains("0.0 1.0 -0.32 0.32"))
    #expect(report.plot.commands.contains("1.0 51.0 -0.32 0.32"))
  }
}

/// A piece of a real recording: `Fixtures/trace/legacy.txt` is what trace-cmd 3.1.6 printed of this project's export in
/// legacy, under random reads at depth 16 on a machine whose CPUs compilers wanted too.
@Suite struct RecordedTraceTests {
  private func breakdown() throws -> TraceBreakdown {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let bytes = try Data(contentsOf: folder.appendingPathComponent("Fixtures/trace/legacy.txt"))
    var analysis = TraceAnalysis(mode: .legacy, subject: .init(server: [5904], connection: 39), slowest: 3)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      if let event = TraceEvent(line: line) { analysis.add(event) }
    }
    return analysis.finish()
  }

  /// The figures were counted from the same lines by another program.
  @Test func itsRequestsAndTimesAreCounted() throws {
    let seen = try breakdown()
    #expect(seen.requests == 20)
    #expect(seen.span == 5_649_410)
    #expect(seen.stages.values.reduce(0, +) == 64_975_194)
    #expect(seen.serverRan == 346_286)
    #expect(seen.slowest.count == 3)
    #expect(seen.slowest.allSatisfy { $0.opcode == 15 && $0.serverRan + $0.diskOnly <= $0.duration })
    #expect(seen.notes.isEmpty)
  }

  /// The picture is one that a browser shows by itself.
  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func itIsDrawn() async throws {
    let report = TraceReport(title: "legacy & <more>", breakdowns: [try breakdown()])
    let picture = try #require(await report.picture())
    #expect(picture.hasPrefix("<svg "))
    #expect(picture.contains("xmlns=\"http://www.w3.org/2000/svg\""))
    #expect(!picture.contains("var(--"))
    #expect(picture.contains("legacy &amp; &lt;more&gt;"))
    #expect(XMLParser(data: Data(picture.utf8)).parse())
    for stage in TraceStage.allCases { #expect(picture.contains("\(stage.rawValue)<")) }
  }
}
