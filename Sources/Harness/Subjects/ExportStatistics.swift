// What an export reports about its own run: the JSON that it writes to the file named by `stats=`.

/// An export's account of one run.
public struct ExportStatistics: Codable, Sendable, Equatable {
  /// One way by which requests came: a /dev/fuse descriptor (`device.N`) or a ring queue (`queue.N`).
  public struct Channel: Codable, Sendable, Equatable {
    public var channel: String
    /// Requests by opcode name.
    public var requests: [String: Int64]
    public var bytesRead: Int64
    public var bytesWritten: Int64
    public var errors: Int64
    public var maxInFlight: Int64

    enum CodingKeys: String, CodingKey {
      case channel, requests, errors
      case bytesRead = "bytes_read"
      case bytesWritten = "bytes_written"
      case maxInFlight = "max_in_flight"
    }

    /// READ and WRITE requests served here.
    public var dataRequests: Int64 { (requests["READ"] ?? 0) + (requests["WRITE"] ?? 0) }
  }

  /// CPU time of the export's process in seconds.
  public struct CPUSeconds: Codable, Sendable, Equatable {
    public var user: Double
    public var system: Double
  }

  /// Context switches of the export's process.
  public struct ContextSwitches: Codable, Sendable, Equatable {
    public var voluntary: Int64
    public var involuntary: Int64
  }

  public var version: Int
  public var export: String
  /// `legacy`, `multithread` or `io_uring`.
  public var transport: String
  public var threads: [String]
  public var queues: Int
  /// Ring entries per queue.
  public var depth: Int
  public var channels: [Channel]
  public var maxInFlight: Int64
  public var cpuSeconds: CPUSeconds
  public var peakRSSBytes: Int64
  public var contextSwitches: ContextSwitches

  enum CodingKeys: String, CodingKey {
    case version, export, transport, threads, queues, depth, channels
    case maxInFlight = "max_in_flight"
    case cpuSeconds = "cpu_seconds"
    case peakRSSBytes = "peak_rss_bytes"
    case contextSwitches = "context_switches"
  }
}
