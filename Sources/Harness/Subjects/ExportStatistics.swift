// What an export reports about its own run: the JSON that it writes to the file named by `stats=`.

/// An export's account of one run.
public struct ExportStatistics: Codable, Sendable, Equatable {
  /// One way by which requests came: a /dev/fuse descriptor (`device.N`) or a ring queue (`queue.N`).
  public struct Channel: Codable, Sendable, Equatable {
    /// `device.N` or `queue.N`.
    public var channel: String
    /// Requests by opcode name.
    public var requests: [String: Int64]
    /// Bytes sent to clients.
    public var bytesRead: Int64
    /// Bytes taken from clients.
    public var bytesWritten: Int64
    /// Requests answered with an errno.
    public var errors: Int64
    /// The most requests that were open at once.
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
    /// Seconds in user mode.
    public var user: Double
    /// Seconds in the kernel.
    public var system: Double
  }

  /// Context switches of the export's process.
  public struct ContextSwitches: Codable, Sendable, Equatable {
    /// Switches because a thread waited.
    public var voluntary: Int64
    /// Switches because a thread was put aside.
    public var involuntary: Int64
  }

  /// Version of this format.
  public var version: Int
  /// The export's id.
  public var export: String
  /// `legacy`, `multithread` or `io_uring`.
  public var transport: String
  /// Names of the iothreads; empty in legacy.
  public var threads: [String]
  /// Descriptors or ring queues that serve.
  public var queues: Int
  /// Ring entries per queue.
  public var depth: Int
  /// The ways by which requests came.
  public var channels: [Channel]
  /// The most requests that were open at once.
  public var maxInFlight: Int64
  /// CPU time of the process.
  public var cpuSeconds: CPUSeconds
  /// The most memory that was resident, in bytes.
  public var peakRSSBytes: Int64
  /// Context switches of the process.
  public var contextSwitches: ContextSwitches

  enum CodingKeys: String, CodingKey {
    case version, export, transport, threads, queues, depth, channels
    case maxInFlight = "max_in_flight"
    case cpuSeconds = "cpu_seconds"
    case peakRSSBytes = "peak_rss_bytes"
    case contextSwitches = "context_switches"
  }
}
