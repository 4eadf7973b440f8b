// What the kernel counts of one server: its system calls, its wake-ups, and the requests of its connection.

internal import Glibc

/// The counters of one server.
struct ServerCounters {
  private let systemCalls: KernelCounter
  private let wakeups: KernelCounter
  private let requests: KernelCounter?

  /// Counters of the processes in `group` and of the requests of `connection`.
  /// - Throws: `KernelCounterError` if they cannot be had.
  init(group: Int32, connection: UInt64) throws(KernelCounterError) {
    let threads = Self.threads(ofGroup: group)
    guard !threads.isEmpty else { throw KernelCounterError(description: "the server has ended") }
    func filter(_ field: String) -> String { threads.map { "\(field) == \($0)" }.joined(separator: " || ") }
    // The kernel takes a page of filter (kernel/trace/trace_events_filter.c).
    guard filter("common_pid").utf8.count < 3900 else {
      throw KernelCounterError(description: "the server has \(threads.count) threads, too many for a filter")
    }
    // Calls that found nothing (EAGAIN) are those of a server that looks for work before it sleeps: how many there are
    // says how long it waited, and that is the weather's.
    systemCalls = try KernelCounter(
      "raw_syscalls/sys_exit", filter: "(\(filter("common_pid"))) && ret != \(-EAGAIN)")
    wakeups = try KernelCounter("sched/sched_wakeup", filter: filter("pid"))
    // FUSE_READ and FUSE_WRITE (include/uapi/linux/fuse.h); what opens and closes the file is no I/O of fio's.
    let event = "fuse/fuse_request_send"
    requests =
      (try? KernelCounter.id(of: event)) == nil
      ? nil : try KernelCounter(event, filter: "connection == \(connection) && (opcode == 15 || opcode == 16)")
  }

  /// What they have counted so far.
  var counts: KernelCosts.Counts {
    .init(systemCalls: systemCalls.value, wakeups: wakeups.value, requests: requests?.value)
  }

  /// All threads of the processes in the process group `group`.
  static func threads(ofGroup group: Int32) -> [Int32] {
    SystemFile.names("/proc").compactMap { Int32($0) }.filter { pid in
      // State, parent, group.
      SystemFile.processFields(ofLiving: pid).flatMap { $0.count > 2 ? Int32($0[2]) : nil } == group
    }.flatMap { pid in SystemFile.names("/proc/\(pid)/task").compactMap { Int32($0) } }
  }
}
