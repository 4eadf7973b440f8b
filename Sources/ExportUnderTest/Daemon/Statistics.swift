// What an export has done, as JSON: the proof of which transport served it.

import FoundationEssentials
import Glibc

/// The statistics of one export; the names are the JSON's.
struct Statistics: Codable {
  struct Channel: Codable {
    /// `device.N` or `queue.N`.
    var channel: String
    /// Requests taken, by opcode.
    var requests: [String: UInt64]
    var bytes_read: UInt64
    var bytes_written: UInt64
    /// Requests that were answered with an error.
    var errors: UInt64
    /// The most requests of this channel that were open together.
    var max_in_flight: Int
  }

  struct Processor: Codable {
    var user: Double
    var system: Double
  }

  struct Switches: Codable {
    var voluntary: Int
    var involuntary: Int
  }

  var version = 1
  var export: String
  var transport: String
  var threads: [String]
  /// Of each thread, in their order: `io_uring` or `epoll`.
  var event_loops: [String]
  /// Why a thread has epoll although nobody asked for it.
  var event_loop_fallback: String?
  var queues: Int
  var depth: Int
  var channels: [Channel]
  /// The channels' maxima added up: what was open together at most.
  var max_in_flight: Int
  /// Of the whole process.
  var cpu_seconds: Processor
  var peak_rss_bytes: Int
  var context_switches: Switches

  init(
    export: String, transport: String, threads: [ThreadFacts], queues: Int, depth: Int,
    records: [CounterRecord]
  ) {
    self.export = export
    self.transport = transport
    self.threads = threads.map(\.name)
    event_loops = threads.map(\.eventLoop.rawValue)
    event_loop_fallback = threads.lazy.compactMap(\.fallbackReason).first
    self.queues = queues
    self.depth = depth
    channels = records.map { record in
      var requests: [String: UInt64] = [:]
      for number in 0..<64 where record.counters.requests[number] > 0 {
        requests[Opcode.name(of: number)] = record.counters.requests[number]
      }
      return Channel(
        channel: record.name, requests: requests, bytes_read: record.counters.bytesRead,
        bytes_written: record.counters.bytesWritten, errors: record.counters.errors,
        max_in_flight: record.counters.maxInFlight)
    }
    max_in_flight = channels.reduce(0) { $0 + $1.max_in_flight }
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    cpu_seconds = Processor(user: seconds(usage.ru_utime), system: seconds(usage.ru_stime))
    peak_rss_bytes = usage.ru_maxrss * 1024
    context_switches = Switches(voluntary: usage.ru_nvcsw, involuntary: usage.ru_nivcsw)
  }

  /// Writes the file whole or not at all; into a device or a pipe, what it takes.
  func write(to path: ByteText) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try OutputPlace(path).write([UInt8](try encoder.encode(self)) + [UInt8(ascii: "\n")])
  }
}

private func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
