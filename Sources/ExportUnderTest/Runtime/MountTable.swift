// What is mounted where, read from the kernel's own list: looking at a mount itself could hang.

import Glibc

/// One line of /proc/self/mountinfo.
struct MountEntry: Equatable {
  /// The minor number of the superblock's device: a FUSE connection's number.
  let minor: UInt32
  let path: String
  let type: String

  var isFUSE: Bool { type == "fuse" || type.hasPrefix("fuse.") }
}

/// Reader of the list.
enum MountTable {
  /// The uppermost mount on `path` (absolute, without links).
  static func entry(on path: String) -> MountEntry? {
    readFile("/proc/self/mountinfo").map { parse($0).last { $0.path == path } } ?? nil
  }

  static func parse(_ text: String) -> [MountEntry] {
    text.split(separator: "\n").compactMap { line in
      let fields = line.split(separator: " ")
      guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, dash >= 5 else { return nil }
      guard let minor = fields[2].split(separator: ":").last.flatMap({ UInt32($0) }) else { return nil }
      return MountEntry(minor: minor, path: unescaped(fields[4]), type: String(fields[dash + 1]))
    }
  }

  /// Blanks, tabs, line ends and backslashes stand as three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(field.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.count >= 3,
        let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
      {
        bytes.append(code)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A small file's text; nil when it cannot be read.
func readFile(_ path: String) -> String? {
  let fd = open(path, O_RDONLY | O_CLOEXEC)
  guard fd >= 0 else { return nil }
  defer { close(fd) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(fd, &chunk, chunk.count)
    if count < 0 { return nil }
    if count == 0 { return String(decoding: bytes, as: UTF8.self) }
    bytes += chunk[..<count]
  }
}
