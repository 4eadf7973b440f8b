// Why a process gets no io_uring: what denies it, and never a remedy that is in force already.

import Glibc

/// Who denies io_uring_setup(2).
enum RingDenial {
  /// The process's own facts, as the kernel tells them.
  struct Facts {
    /// kernel.io_uring_disabled; nil before Linux 6.6, or without /proc.
    var disabled: String?
    /// A seccomp filter is in force (`Seccomp: 2` in /proc/self/status).
    var isFiltered: Bool

    static var current: Facts {
      let status = readFile("/proc/self/status") ?? ""
      let mode = status.split(separator: "\n").first { $0.hasPrefix("Seccomp:") }?.split(separator: "\t").last
      return Facts(
        disabled: readFile("/proc/sys/kernel/io_uring_disabled")?.split(separator: "\n").first.map(String.init),
        isFiltered: mode == "2")
    }
  }

  /// Whether io_uring_setup fails so where io_uring is denied rather than broken.
  static func isDenial(_ code: Int32) -> Bool { code == EPERM || code == ENOSYS || code == EACCES }

  /// What denies it, for an errno of io_uring_setup.
  static func reason(code: Int32, facts: Facts = .current) -> String {
    if code == EPERM, let disabled = facts.disabled, disabled != "0" {
      let whom = disabled == "1" ? "those outside kernel.io_uring_group" : "everybody"
      return "kernel.io_uring_disabled is \(disabled), which denies it to \(whom)"
    }
    if facts.isFiltered { return "a seccomp filter denies it, as containers' default filters do" }
    // A kernel that has the switch has io_uring.
    if code == ENOSYS, facts.disabled == nil { return "this kernel was built without it (CONFIG_IO_URING)" }
    return "a security module denies it"
  }
}
