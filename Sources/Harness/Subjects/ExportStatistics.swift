// What an export reports about its own run: the JSON that it writes to the file named by `stats=`.

/// What the harness takes of an export's account of one run.
package struct ExportStatistics: Codable, Sendable, Equatable {
  /// One way by which requests came: a /dev/fuse descriptor (`device.N`) or a ring queue (`queue.N`).
  package struct Channel: Codable, Sendable, Equatable {
    /// `device.N` or `queue.N`.
    package var channel: String
    /// Requests by opcode name.
    package var requests: [String: Int64]
    /// Bytes sent to clients.
    package var bytesRead: Int64
    /// Bytes taken from clients.
    package var bytesWritten: Int64

    enum CodingKeys: String, CodingKey {
      case channel, requests
      case bytesRead = "bytes_read"
      case bytesWritten = "bytes_written"
    }

    /// READ and WRITE requests served here.
    package var dataRequests: Int64 { (requests["READ"] ?? 0) + (requests["WRITE"] ?? 0) }
  }

  /// CPU time of the export's process in seconds.
  package struct CPUSeconds: Codable, Sendable, Equatable {
    /// Seconds in user mode.
    package var user: Double
    /// Seconds in the kernel.
    package var system: Double
  }

  /// Context switches of the export's process.
  package struct ContextSwitches: Codable, Sendable, Equatable {
    /// Switches because a thread waited.
    package var voluntary: Int64
    /// Switches because a thread was put aside.
    package var involuntary: Int64
  }

  /// `legacy`, `multithread` or `io_uring`.
  package var transport: String
  /// Names of the iothreads; empty in legacy.
  package var threads: [String]
  /// What each of the serving threads waited by; nil where the subject does not tell.
  package var eventLoops: [String]?
  /// The ways by which requests came.
  package var channels: [Channel]
  /// The most requests that were open at once.
  package var maxInFlight: Int64
  /// CPU time of the process.
  package var cpuSeconds: CPUSeconds
  /// The most memory that was resident, in bytes.
  package var peakRSSBytes: Int64
  /// Context switches of the process.
  package var contextSwitches: ContextSwitches

  /// No count of one run is larger: 16 TiB. A file of `InputFile.usualLimit` holds fewer than 2^18 of them with so many
  /// digits, and then their sums fit an Int64.
  private static let most: Int64 = 1 << 44

  /// The statistics in `json`, which a subject wrote.
  /// - Throws: if it is none, nested too deep, or holds a number that cannot be.
  package init(json: [UInt8]) throws {
    self = try OutsideJSON.decode(Self.self, from: json)
    if let (name, count) = counts.first(where: { !(0...Self.most).contains($0.1) }) {
      throw OutsideJSONError(description: "\(name): \(count) is out of range (0 to \(Self.most))")
    }
    for (name, seconds) in [("user", cpuSeconds.user), ("system", cpuSeconds.system)]
    where !(0...1e9).contains(seconds) {
      throw OutsideJSONError(description: "cpu_seconds.\(name): \(seconds) is out of range (0 to 1e9)")
    }
  }

  /// Every count with its name.
  private var counts: [(String, Int64)] {
    let ofChannels = channels.flatMap { channel in
      channel.requests.map { ("\(channel.channel) requests.\($0.key)", $0.value) } + [
        ("\(channel.channel) bytes_read", channel.bytesRead),
        ("\(channel.channel) bytes_written", channel.bytesWritten),
      ]
    }
    return ofChannels + [
      ("max_in_flight", maxInFlight), ("peak_rss_bytes", peakRSSBytes),
      ("context_switches.voluntary", contextSwitches.voluntary),
      ("context_switches.involuntary", contextSwitches.involuntary),
    ]
  }

  enum CodingKeys: String, CodingKey {
    case transport, threads, channels
    case eventLoops = "event_loops"
    case maxInFlight = "max_in_flight"
    case cpuSeconds = "cpu_seconds"
    case peakRSSBytes = "peak_rss_bytes"
    case contextSwitches = "context_switches"
  }
}
