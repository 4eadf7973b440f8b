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
  func news() -> ByteText {
    var text = ByteText("")
    var bytes = [UInt8](repeating: 0, count: 8192)
    // One record per read. EPIPE: records were overwritten before they were read; the next read goes on after them.
    while true {
      let count = read(descriptor, &bytes, bytes.count)
      if count > 0 {
        if text.bytes.count < Self.limit { text += Self.line(bytes[..<count]) }
      } else if count == 0 || errno != EPIPE {
        return text
      }
    }
  }

  /// Bytes that are kept of one cell's messages.
  static let limit = 4 << 20

  /// A record, `PRIORITY,NUMBER,MICROSECONDS,FLAGS;TEXT` and lines that begin with a blank, as dmesg prints it.
  static func line(_ record: ArraySlice<UInt8>) -> ByteText {
    let parts = record.split(separator: UInt8(ascii: ";"), maxSplits: 1)
    let fields = (parts.first ?? []).split(separator: UInt8(ascii: ","))
    guard parts.count == 2, fields.count >= 3, let time = UInt64(ByteText(fields[2]).shown) else {
      return ByteText(record)
    }
    let first = parts[1].split(separator: ByteText.lineEnd).first ?? []
    let fraction = "\(time % 1_000_000)".leftFilled(with: "0", to: 6)
    var line = ByteText("[\("\(time / 1_000_000)".leftFilled(with: " ", to: 5)).\(fraction)] ")
    line += ByteText(first)
    line += "\n"
    return line
  }
}

extension String {
  fileprivate func leftFilled(with sign: Character, to width: Int) -> String {
    String(repeating: sign, count: max(0, width - count)) + self
  }
}
