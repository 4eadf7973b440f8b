// A client that asks for a file's attributes again and again: a load that fio does not have.

internal import CProbe
package import Foundation
internal import Glibc

/// Runs in a process of its own (`fusebench stat-load`), because a question to a mount can hang.
package struct StatxLoad: Sendable {
  /// The file: an export's mount point.
  package let path: String
  /// Measured time in seconds.
  package let seconds: Double
  /// Seconds before the measured time that are thrown away.
  package let ramp: Double

  /// A load on the file `path`.
  package init(path: String, seconds: Double, ramp: Double) {
    self.path = path
    self.seconds = seconds
    self.ramp = ramp
  }

  /// Asks until the time is over. Every question goes to the export: the kernel's own memory is passed over.
  /// - Throws: `FileError` if the file system answers with an error.
  package func run() throws -> StatReport {
    _ = try ask(for: ramp)
    let before = Self.spent()
    let (latency, elapsed) = try ask(for: seconds)
    let after = Self.spent()
    return StatReport(
      seconds: elapsed, userSeconds: after.user - before.user, systemSeconds: after.system - before.system,
      longest: latency.longest, bins: latency.list)
  }

  private func ask(for seconds: Double) throws -> (LatencyHistogram, Double) {
    var latency = LatencyHistogram()
    let start = ContinuousClock.now
    let end = start + .seconds(seconds)
    var now = start
    while now < end {
      guard probe_attributes(path) == 0 else {
        throw FileError(file: path, message: "no attributes: \(String(cString: strerror(errno)))")
      }
      let then = ContinuousClock.now
      latency.add(Self.nanoseconds(then - now))
      now = then
    }
    return (latency, Double(Self.nanoseconds(now - start)) / 1e9)
  }

  private static func nanoseconds(_ duration: Duration) -> UInt64 {
    let (seconds, attoseconds) = duration.components
    return UInt64(clamping: seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }

  private static func spent() -> (user: Double, system: Double) {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return (seconds(usage.ru_utime), seconds(usage.ru_stime))
  }
}

/// What a load of questions for attributes measured of itself.
package struct StatReport: Codable, Equatable, Sendable {
  /// Measured seconds.
  package let seconds: Double
  /// CPU seconds of the client in user mode.
  package let userSeconds: Double
  /// CPU seconds of the client in the kernel.
  package let systemSeconds: Double
  /// The longest latency in nanoseconds.
  package let longest: UInt64
  /// The latencies.
  package let bins: [LatencyBin]

  /// The latencies as a histogram, which can be merged with others.
  package var latency: LatencyHistogram {
    LatencyHistogram(
      bins: Dictionary(bins.map { ($0.nanoseconds, $0.count) }, uniquingKeysWith: +), longest: longest)
  }

  /// Questions answered.
  package var operations: UInt64 { bins.reduce(0) { $0 + $1.count } }

  /// Questions answered per second.
  package var rate: Double { seconds > 0 ? Double(operations) / seconds : 0 }

  /// One line of JSON.
  package var json: Data { (try? JSONEncoder().encode(self)) ?? Data() }
}
