// Keeps idle CPUs awake as long as it lives, for whatever is measured meanwhile.

internal import Glibc

/// A request to the kernel that CPUs answer at once: while the file /dev/cpu_dma_latency is open and holds 0, an idle
/// CPU polls for work and does not sleep (kernel/power/qos.c, drivers/cpuidle/governor.c, kernel/sched/idle.c). Closing
/// the file takes the request back, so a harness that dies leaves nothing behind.
final class CPULatencyRequest {
  /// Where the kernel takes such requests.
  static let device = "/dev/cpu_dma_latency"

  /// It cannot be made.
  struct RequestError: Error, Equatable, CustomStringConvertible {
    /// Why, in one line.
    let description: String
  }

  private let device: String
  private let descriptor: Int32

  /// A request that is in force.
  /// - Throws: `RequestError` if `device` cannot be opened or does not take it.
  init(device: String = CPULatencyRequest.device) throws(RequestError) {
    self.device = device
    descriptor = open(device, O_RDWR | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw RequestError(description: "\(device): \(String(cString: strerror(errno)))")
    }
    var none: Int32 = 0
    guard write(descriptor, &none, MemoryLayout<Int32>.size) == MemoryLayout<Int32>.size else {
      let reason = String(cString: strerror(errno))
      close(descriptor)
      throw RequestError(description: "\(device) does not take a request: \(reason)")
    }
  }

  /// Why CPUs are no longer held awake, or nil while they are. A read answers with the strictest of all requests, ours
  /// among them, so anything but 0 says that ours is gone.
  var fault: String? {
    var microseconds: Int32 = -1
    let count = pread(descriptor, &microseconds, MemoryLayout<Int32>.size, 0)
    guard count == MemoryLayout<Int32>.size else {
      return "\(device) was closed" + (count < 0 ? ": \(String(cString: strerror(errno)))" : "")
    }
    return microseconds == 0 ? nil : "\(device) says \(microseconds) µs in place of 0"
  }

  deinit { close(descriptor) }
}

extension CPUIdle {
  /// What a benchmark does unless it is told otherwise: `held` where this process may ask for it.
  package static var possible: CPUIdle { whyNotHeld == nil ? .held : .free }

  /// Why idle CPUs cannot be held awake here, in one line; nil if they can.
  package static var whyNotHeld: String? {
    do throws(CPULatencyRequest.RequestError) {
      return try CPULatencyRequest().fault
    } catch {
      return error.description
    }
  }
}
