// What strace wrote about reads and writes, as bytes.

/// One read or write of a traced process, with the bytes that passed.
package struct TracedCall: Sendable, Equatable {
  /// Which way the bytes went.
  package enum Direction: Sendable, Equatable {
    /// Into the process.
    case read
    /// Out of the process.
    case written
  }

  /// Which way the bytes went.
  package var direction: Direction
  /// The bytes, as far as strace was told to print them.
  package var bytes: [UInt8]

  /// The words that make strace write what `calls(in:)` reads: every process and thread, strings in hexadecimal.
  /// `-D` keeps the program itself the caller's child, so that its pid and signals are its own.
  package static func strace(_ file: String) -> [String] {
    ["strace", "-D", "-f", "-qq", "-xx", "-s", "256", "-e", "signal=none"]
      + ["-e", "trace=read,readv,write,writev", "-o", file]
  }

  /// The calls in strace's output `text`, in its order. A line that is none of them is passed over.
  package static func calls(in text: [UInt8]) -> [TracedCall] {
    text.split(separator: UInt8(ascii: "\n")).compactMap { line in
      // PID read(3, "\x…", 100) = 104, or the two halves of a call that another thread's came between.
      guard let direction = direction(line) else { return nil }
      let strings = strings(line)
      guard !strings.isEmpty else { return nil }
      return TracedCall(direction: direction, bytes: strings)
    }
  }

  private static func direction(_ line: ArraySlice<UInt8>) -> Direction? {
    let head = line.prefix { $0 != UInt8(ascii: "\"") }
    let words = ByteText(head).text
    let call = words.drop { $0.isNumber || $0 == " " }
    // What is written is printed when the call begins, what is read when it has ended.
    if call.utf8.starts(with: "write".utf8) { return .written }
    let isRead = call.utf8.starts(with: "read".utf8) || call.utf8.starts(with: "<... read".utf8)
    return isRead ? .read : nil
  }

  /// The bytes of all quoted strings of `line`, joined: the pieces of a vector are one message.
  private static func strings(_ line: ArraySlice<UInt8>) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = line
    while let start = rest.firstIndex(of: UInt8(ascii: "\"")) {
      rest = rest[(start + 1)...]
      while rest.first == UInt8(ascii: "\\"), rest.count >= 4, let high = nibble(rest[rest.startIndex + 2]),
        let low = nibble(rest[rest.startIndex + 3])
      {
        bytes.append(high << 4 | low)
        rest = rest.dropFirst(4)
      }
      guard rest.first == UInt8(ascii: "\"") else { break }
      rest = rest.dropFirst()
    }
    return bytes
  }

  private static func nibble(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
