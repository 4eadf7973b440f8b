// What the kernel says while a cell runs: the messages that dmesg gains.

import Glibc

/// The kernel's messages from a moment on.
final class KernelLog: Sendable {
  private let descriptor: CInt

  /// Begins to listen; nil where this user may not read the kernel's messages.
  init?(path: String = "/dev/kmsg") {
    descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    lseek(descriptor, 0, SEEK_END)
  }

  deinit { close(descriptor) }

  /// The messages since then, a line each with the seconds since boot.
  func news() -> String {
    var text = ""
    var bytes = [UInt8](repeating: 0, count: 8192)
    // One record per read. EPIPE: records were overwritten before they were read; the next read goes on after them.
    while true {
      let count = read(descriptor, &bytes, bytes.count)
      if count > 0 {
        text += Self.line(String(decoding: bytes[..<count], as: UTF8.self))
      } else if count == 0 || errno != EPIPE {
        return text
      }
    }
  }

  /// A record, `PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT` and lines that begin with a blank, as dmesg prints it.
  static func line(_ record: String) -> String {
    let parts = record.split(separator: ";", maxSplits: 1)
    let fields = (parts.first ?? "").split(separator: ",")
    guard parts.count == 2, fields.count >= 3, let time = Int(fields[2]) else { return record }
    let first = parts[1].split(separator: "\n").first ?? ""
    let fraction = "\(time % 1_000_000)".leftFilled(with: "0", to: 6)
    return "[\("\(time / 1_000_000)".leftFilled(with: " ", to: 5)).\(fraction)] \(first)\n"
  }
}

extension String {
  fileprivate func leftFilled(with sign: Character, to width: Int) -> String {
    String(repeating: sign, count: max(0, width - count)) + self
  }
}
