// The three transports between kernel and export, as words of the command line and of results.

/// How requests travel between the kernel and an export.
package enum Mode: String, CaseIterable, Codable, Sendable, CustomStringConvertible {
  /// One /dev/fuse descriptor, one serving thread.
  case legacy
  /// One /dev/fuse descriptor per iothread.
  case multithread
  /// Ring queues, one per possible CPU, dealt to the iothreads.
  case ioUring = "io_uring"

  /// The word for it.
  package var description: String { rawValue }

  /// How many iothreads the mode is given on a machine with `cpus` CPUs: none in legacy, else 2 to 4.
  package func threads(cpus: Int) -> Int {
    self == .legacy ? 0 : max(2, min(4, cpus))
  }
}
