// What a process has spent so far, from /proc: for subjects that keep no statistics of their own.

internal import Glibc

/// A reading of a process's clocks.
struct ProcessClock: Equatable {
  /// CPU seconds in user mode, all threads.
  let user: Double
  /// CPU seconds in the kernel, all threads.
  let system: Double
  /// Context switches of the threads that live.
  let switches: UInt64
  /// The most memory that was resident so far, in bytes.
  let peakResident: UInt64

  /// The reading in the texts of /proc/PID/stat, /proc/PID/status and every /proc/PID/task/TID/status;
  /// nil if they are not in their known form.
  init?(stat: String, status: String, threads: [String], ticksPerSecond: Double) {
    guard let fields = SystemFile.processFields(stat), fields.count > 12, let user = Double(fields[11]),
      let system = Double(fields[12])
    else {
      return nil
    }
    self.user = user / ticksPerSecond
    self.system = system / ticksPerSecond
    peakResident = (Self.number("VmHWM:", in: status) ?? 0) * 1024
    switches = threads.reduce(0) { sum, thread in
      sum + (Self.number("voluntary_ctxt_switches:", in: thread) ?? 0)
        + (Self.number("nonvoluntary_ctxt_switches:", in: thread) ?? 0)
    }
  }

  /// The reading of the process `pid` now, or nil if there is none.
  init?(pid: Int32) {
    guard let stat = SystemFile.text("/proc/\(pid)/stat"), let status = SystemFile.text("/proc/\(pid)/status")
    else { return nil }
    let threads = SystemFile.names("/proc/\(pid)/task").compactMap {
      SystemFile.text("/proc/\(pid)/task/\($0)/status")
    }
    self.init(
      stat: stat, status: status, threads: threads, ticksPerSecond: Double(sysconf(CInt(_SC_CLK_TCK))))
  }

  private static func number(_ key: String, in text: String) -> UInt64? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.dropFirst(key.count).split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) }
  }
}

extension ServerCost {
  /// The cost between two readings around a job that did `operations` I/Os, its ramp included.
  init(from before: ProcessClock, to after: ProcessClock, operations: Double) {
    let count = max(1, operations)
    self.init(
      source: .proc,
      userMicros: max(0, after.user - before.user) * 1e6 / count,
      systemMicros: max(0, after.system - before.system) * 1e6 / count,
      // A thread that ended in between takes its count along.
      switches: after.switches < before.switches ? nil : Double(after.switches - before.switches) / count,
      peakResident: after.peakResident)
  }

  /// The cost that an export reports of itself, per I/O of `workload`; nil if it served none.
  ///
  /// Bytes are divided by the block size instead of counting requests: the kernel may cut one I/O into several.
  /// Questions for attributes have no bytes; there each request counts.
  init?(_ statistics: ExportStatistics, of workload: Workload) {
    let bytes = statistics.channels.reduce(0) { $0 + $1.bytesRead + $1.bytesWritten }
    let requests = statistics.channels.reduce(0) { $0 + $1.requests.values.reduce(0, +) }
    let operations =
      workload.operation == .stat ? Double(requests) : Double(bytes) / Double(workload.block)
    guard operations > 0 else { return nil }
    let switches = statistics.contextSwitches
    let served = statistics.channels.map { ($0.channel, UInt64(clamping: $0.dataRequests)) }
    self.init(
      source: .statistics,
      userMicros: statistics.cpuSeconds.user * 1e6 / operations,
      systemMicros: statistics.cpuSeconds.system * 1e6 / operations,
      switches: Double(switches.voluntary + switches.involuntary) / operations,
      peakResident: UInt64(clamping: statistics.peakRSSBytes),
      maxInFlight: Int(statistics.maxInFlight),
      channels: Dictionary(served, uniquingKeysWith: +))
  }
}
