// What the kernel counted of a server while a load ran: costs that do not depend on how fast the machine is.

/// Counts of the kernel's tracepoints over a load, per I/O of it.
package struct KernelCosts: Codable, Equatable, Sendable {
  /// I/Os of the load.
  package var operations: UInt64
  /// System calls of the server per I/O (raw_syscalls:sys_exit), but for those that found nothing to do (EAGAIN).
  package var systemCalls: Double
  /// How often a thread of the server was woken, per I/O (sched:sched_wakeup).
  package var wakeups: Double
  /// Reads and writes that reached the server per I/O (fuse:fuse_request_send); nil where the kernel has no such
  /// tracepoint (before Linux 6.10).
  package var requests: Double?

  /// What was counted, whole numbers.
  struct Counts: Equatable {
    var systemCalls: UInt64 = 0
    var wakeups: UInt64 = 0
    var requests: UInt64?
  }

  /// `counts` over `operations` I/Os; nil if there were none.
  init?(_ counts: Counts, over operations: UInt64) {
    guard operations > 0 else { return nil }
    func perIO(_ count: UInt64) -> Double { Double(count) / Double(operations) }
    self.operations = operations
    systemCalls = perIO(counts.systemCalls)
    wakeups = perIO(counts.wakeups)
    requests = counts.requests.map(perIO)
  }

  /// How far `requests` may be from one for each I/O before that is said.
  static let tolerance = 0.01

  /// What must be said where the kernel did not ask once for each I/O; nil where it did, or nobody knows.
  var remark: String? {
    guard let requests, abs(requests - 1) > Self.tolerance + 1e-9 else { return nil }
    let figure = (requests * 1000).rounded() / 1000
    return "the kernel sent \(figure) FUSE requests for each of fio's I/Os: "
      + (requests < 1 ? "a cache or a merge" : "a split") + " on the way"
  }

  /// The counts by name, in the order of tables; those that are known.
  package var figures: [(name: String, value: Double)] {
    [("system_calls", systemCalls), ("wakeups", wakeups)] + (requests.map { [("requests", $0)] } ?? [])
  }
}
