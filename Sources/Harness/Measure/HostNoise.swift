// What the machine did beside the measurement: load and stolen time around each sample.

/// How disturbed the machine was while a sample was taken.
package struct HostNoise: Codable, Equatable, Sendable {
  /// The 1-minute load average when the sample began.
  package var load: Double
  /// Per cent of all CPU time in which the hypervisor ran somebody else.
  package var stealPercent: Double
  /// Per cent of all CPU time that was not idle, the measurement's own included.
  package var busyPercent: Double

  /// The noise between two readings.
  package init(from before: HostClock, to after: HostClock) {
    let total = Double(max(1, after.total &- before.total))
    load = before.load
    stealPercent = 100 * Double(after.steal &- before.steal) / total
    busyPercent = 100 - 100 * Double(after.idle &- before.idle) / total
  }
}

/// A reading of the machine's CPU clocks, in ticks since it was started.
package struct HostClock: Equatable, Sendable {
  /// The 1-minute load average.
  package let load: Double
  /// Ticks in which a CPU was idle or waited for a disk.
  package let idle: UInt64
  /// Ticks that the hypervisor gave to somebody else.
  package let steal: UInt64
  /// All ticks.
  package let total: UInt64
  /// Ticks of programs, in user mode and in the kernel, without interrupts.
  package let programs: UInt64

  /// The reading in the texts of /proc/stat and /proc/loadavg, or nil if they are not in their known form.
  package init?(stat: String, loadavg: String) {
    guard let line = stat.split(separator: "\n").first(where: { $0.hasPrefix("cpu ") }) else { return nil }
    let ticks = line.split(separator: " ").dropFirst().compactMap { UInt64($0) }
    guard ticks.count >= 8, let load = loadavg.split(separator: " ").first.flatMap({ Double($0) }) else {
      return nil
    }
    self.load = load
    idle = ticks[3] + ticks[4]
    steal = ticks[7]
    // Guest time (fields 9 and 10) is already in the first two.
    total = ticks[..<8].reduce(0, +)
    programs = ticks[..<3].reduce(0, +)
  }

  /// The reading now, or nil where /proc is not as expected.
  package static func now() -> HostClock? {
    guard let stat = SystemFile.text("/proc/stat"), let load = SystemFile.text("/proc/loadavg") else {
      return nil
    }
    return HostClock(stat: stat, loadavg: load)
  }
}
