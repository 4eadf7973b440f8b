// The proof of transport, as a function of statistics.

import Foundation
import Harness
import Testing

@Suite struct ProofOfTransportTests {
  private func statistics(_ transport: String, _ channels: [(String, Int)]) throws -> ExportStatistics {
    let list = channels.map { name, count in
      """
      {"channel": "\(name)", "requests": {"READ": \(count), "GETATTR": 7}, "bytes_read": 0, "bytes_written": 0,
       "errors": 0, "max_in_flight": 1}
      """
    }.joined(separator: ",")
    let json = """
      {"version": 1, "export": "exp0", "transport": "\(transport)", "threads": ["t0", "t1"], "queues": 2, "depth": 64,
       "channels": [\(list)], "max_in_flight": 16, "cpu_seconds": {"user": 0.1, "system": 0.2},
       "peak_rss_bytes": 12345678, "context_switches": {"voluntary": 1, "involuntary": 2}}
      """
    return try ExportStatistics(json: Array(json.utf8))
  }

  /// A subject writes what it likes: sums of its numbers must not end the harness.
  @Test(arguments: ["9223372036854775807", "-1", "17592186044417"]) func aCountThatCannotBeIsNamed(_ count: String) {
    let error = #expect(throws: (any Error).self) { try statistics("legacy", [("device.0", Int(count)!)]) }
    #expect("\(error!)" == "device.0 requests.READ: \(count) is out of range (0 to 17592186044416)")
  }

  @Test(arguments: ["1e999", "-1", "1e10"]) func soIsATimeThatCannotBe(_ seconds: String) throws {
    let json = try JSONEncoder().encode(statistics("legacy", [("device.0", 1)]))
    let wrong = String(decoding: json, as: UTF8.self).replacing("\"user\":0.1", with: "\"user\":\(seconds)")
    #expect(throws: (any Error).self) { try ExportStatistics(json: Array(wrong.utf8)) }
  }

  @Test func noStatisticsProveNothing() {
    #expect(
      TransportProof.of(mode: .legacy, statistics: nil, parallelLoad: true)
        == .unproven("the subject writes no statistics"))
  }

  @Test func theRingMustServe99PerCent() throws {
    let good = try statistics("io_uring", [("device.0", 1), ("queue.0", 60), ("queue.1", 39)])
    #expect(
      TransportProof.of(mode: .ioUring, statistics: good, parallelLoad: false)
        == .proven("99 of 100 reads and writes over ring queues"))
    let bad = try statistics("io_uring", [("device.0", 2), ("queue.0", 98)])
    #expect(
      TransportProof.of(mode: .ioUring, statistics: bad, parallelLoad: false)
        == .refuted("only 98 of 100 reads and writes over ring queues; at least 99 % must be"))
  }

  @Test func anotherTransportThanAskedForIsRefuted() throws {
    let fallback = try statistics("legacy", [("device.0", 100)])
    #expect(
      TransportProof.of(mode: .ioUring, statistics: fallback, parallelLoad: false)
        == .refuted("asked for io_uring, but the export says that it served over legacy"))
  }

  @Test func anIdleQueueIsRefutedUnderParallelLoadOnly() throws {
    let idle = try statistics("multithread", [("device.0", 100), ("device.1", 0)])
    #expect(
      TransportProof.of(mode: .multithread, statistics: idle, parallelLoad: true)
        == .refuted("unused under parallel load: device.1 (device.0 100, device.1 0)"))
    #expect(
      TransportProof.of(mode: .multithread, statistics: idle, parallelLoad: false)
        == .proven("100 of 100 reads and writes over /dev/fuse"))
  }

  @Test func aMissingDescriptorIsRefuted() throws {
    let one = try statistics("multithread", [("device.0", 100)])
    #expect(
      TransportProof.of(mode: .multithread, statistics: one, parallelLoad: false)
        == .refuted("2 iothreads but 1 descriptors"))
  }

  @Test func theEventLoopAskedForMustHaveServed() throws {
    var statistics = try statistics("legacy", [("device.0", 100)])
    func proof(_ loops: [String]?) -> TransportProof {
      statistics.eventLoops = loops
      return .of(mode: .legacy, eventLoop: .epoll, statistics: statistics, parallelLoad: false)
    }
    #expect(proof(["epoll"]) == .proven("100 of 100 reads and writes over /dev/fuse"))
    #expect(
      proof(["io_uring"]) == .refuted("asked for the event loop epoll, but the export says that it used io_uring"))
    #expect(
      proof(["epoll", "io_uring"])
        == .refuted("asked for the event loop epoll, but the export says that it used epoll, io_uring"))
    #expect(proof(nil) == .refuted("asked for the event loop epoll, but the export tells of none"))
  }

  @Test func legacyHasOneDescriptor() throws {
    let two = try statistics("legacy", [("device.0", 50), ("device.1", 50)])
    #expect(
      TransportProof.of(mode: .legacy, statistics: two, parallelLoad: false)
        == .refuted("legacy has one descriptor, but the export used 2"))
  }

  @Test func withoutReadsAndWritesNothingSpeaksAgainstIt() throws {
    let none = try statistics("io_uring", [("device.0", 0), ("queue.0", 0)])
    #expect(
      TransportProof.of(mode: .ioUring, statistics: none, parallelLoad: false)
        == .proven("0 of 0 reads and writes over ring queues"))
  }
}
