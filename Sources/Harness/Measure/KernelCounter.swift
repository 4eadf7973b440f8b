// One tracepoint of the kernel, counted on all CPUs: nothing is recorded, and nothing is left behind.

internal import CProbe
internal import Glibc

/// Why the kernel's counts cannot be had here; one line.
struct KernelCounterError: Error, Equatable, CustomStringConvertible {
  let description: String
}

/// Counts how often a tracepoint is passed, from its making on. The counters are descriptors (perf_event_open(2)) and
/// go with this process, whatever ends it; whoever else traces or counts is not disturbed.
final class KernelCounter {
  private var descriptors: [Int32] = []

  /// A counter of `event` (`system/name`), for what `filter` means (Documentation/trace/events.rst).
  /// - Throws: `KernelCounterError` where the kernel has no such tracepoint, or this user may not count.
  init(_ event: String, filter: String = "") throws(KernelCounterError) {
    let id = try Self.id(of: event)
    for cpu in 0..<CInt(clamping: sysconf(CInt(_SC_NPROCESSORS_CONF))) {
      let descriptor = probe_counter(id, cpu, filter)
      if descriptor >= 0 {
        descriptors.append(descriptor)
      } else if errno != ENODEV {
        // ENODEV: a CPU that is offline passes nothing.
        let reason = String(cString: strerror(errno))
        close()
        throw KernelCounterError(
          description:
            "\(event) cannot be counted (perf_event_open: \(reason)); be root, or see kernel.perf_event_paranoid"
        )
      }
    }
  }

  /// How often it was passed so far, on all CPUs.
  var value: UInt64 {
    descriptors.reduce(0) { sum, descriptor in
      var count: UInt64 = 0
      return read(descriptor, &count, 8) == 8 ? sum &+ count : sum
    }
  }

  private func close() {
    for descriptor in descriptors { _ = Glibc.close(descriptor) }
    descriptors = []
  }

  deinit { close() }

  /// The kernel's number of `event`.
  static func id(of event: String) throws(KernelCounterError) -> UInt64 {
    let folder = probe_tracefs()
    guard folder >= 0 else {
      throw KernelCounterError(
        description: "no tracefs (\(String(cString: strerror(errno)))); be root, on a kernel with it")
    }
    defer { _ = Glibc.close(folder) }
    guard let id = SystemFile.word("/proc/self/fd/\(folder)/events/\(event)/id").flatMap({ UInt64($0) }) else {
      throw KernelCounterError(description: "this kernel has no tracepoint \(event)")
    }
    return id
  }

  /// Why nothing can be counted here, in one line; nil if it can.
  static var whyNot: String? {
    do throws(KernelCounterError) {
      _ = try KernelCounter("raw_syscalls/sys_exit", filter: "common_pid == 0")
      _ = try KernelCounter("sched/sched_wakeup", filter: "pid == 0")
      return nil
    } catch {
      return error.description
    }
  }
}
