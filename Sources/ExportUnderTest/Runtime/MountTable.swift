// What is mounted where, read from the kernel's own list: looking at a mount itself could hang.

import CLinux
import Glibc

/// One line of /proc/self/mountinfo.
struct MountEntry: Equatable {
  /// The minor number of the superblock's device: a FUSE connection's number.
  let minor: UInt32
  /// Where it is seen, as the kernel knows it: bytes, without the list's escapes.
  let path: ByteText
  let type: ByteText
  /// The file system's own options, such as FUSE's `max_read`.
  let options: [ByteText]
  /// Neither the mount nor its file system takes writes.
  let isReadOnly: Bool

  var isFUSE: Bool { type == "fuse" || type.hasPrefix("fuse.") }
}

/// Reader of the list.
enum MountTable {
  /// All mounts, each above those before it; nil where the list cannot be read (procfs is not mounted).
  static func entries() -> [MountEntry]? { readBytes("/proc/self/mountinfo").map { parse($0) } }

  /// The uppermost mount on `path` (absolute, without links). A container host has thousands of lines, and only those
  /// that hold the path's first plain letters are taken apart.
  static func entry(on path: ByteText) -> MountEntry? {
    readBytes("/proc/self/mountinfo").flatMap { entry(on: path, in: $0) }
  }

  /// The last entry of the list `text` whose path is `path`.
  static func entry(on path: ByteText, in text: [UInt8]) -> MountEntry? {
    // What stands before the first byte that could be escaped stands so in the list.
    let plain = path.bytes.prefix { $0 > UInt8(ascii: " ") && $0 != UInt8(ascii: "\\") && $0 < 0x7f }
    return parse(text, holding: [UInt8(ascii: " ")] + plain).last { $0.path == path }
  }

  /// The entries of a list in the form of /proc/self/mountinfo; lines of another form, and those without the bytes
  /// `mark`, are left out.
  static func parse(_ text: [UInt8], holding mark: [UInt8] = []) -> [MountEntry] {
    lines(of: text, holding: mark).compactMap { line in
      let fields = line.split(separator: UInt8(ascii: " ")).map { ByteText($0) }
      guard let dash = fields.firstIndex(of: "-"), fields.count > dash + 1, dash >= 6 else { return nil }
      guard let minor = fields[2].split(at: UInt8(ascii: ":")).last?.decimal.flatMap({ UInt32(exactly: $0) }) else {
        return nil
      }
      let comma = UInt8(ascii: ",")
      let options = fields.count > dash + 3 ? fields[dash + 3].split(at: comma) : []
      return MountEntry(
        minor: minor, path: unescaped(fields[4]), type: fields[dash + 1], options: options,
        isReadOnly: options.first == "ro" || fields[5].split(at: comma).first == "ro")
    }
  }

  private static func lines(of text: [UInt8], holding mark: [UInt8]) -> [ArraySlice<UInt8>] {
    let end = UInt8(ascii: "\n")
    guard !mark.isEmpty else { return text.split(separator: end) }
    return text.withUnsafeBytes { all -> [ArraySlice<UInt8>] in
      var found: [ArraySlice<UInt8>] = []
      var place = 0
      while place < all.count {
        let hit = clinux_find(all.baseAddress! + place, UInt64(all.count - place), mark, UInt64(mark.count))
        guard hit >= 0 else { break }
        let at = place + Int(hit)
        let start = text[..<at].lastIndex(of: end).map { $0 + 1 } ?? 0
        let stop = text[at...].firstIndex(of: end) ?? text.count
        found.append(text[start..<stop])
        place = stop
      }
      return found
    }
  }

  /// Blanks, tabs, line ends and backslashes stand as three octal digits (fs/proc_namespace.c, mangle).
  private static func unescaped(_ field: ByteText) -> ByteText {
    var bytes: [UInt8] = []
    var rest = field.bytes[...]
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3,
        digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) })
      {
        bytes.append(digits.reduce(0) { $0 << 3 | ($1 & 7) })
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return ByteText(bytes)
  }
}

/// A small file's bytes, read to its end; nil when it cannot be read.
func readBytes(_ path: String) -> [UInt8]? {
  let fd = open(path, O_RDONLY | O_CLOEXEC)
  guard fd >= 0 else { return nil }
  defer { close(fd) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 65536)
  while true {
    let count = read(fd, &chunk, chunk.count)
    if count < 0 {
      guard errno == EINTR else { return nil }
      continue
    }
    if count == 0 { return bytes }
    bytes += chunk[..<count]
  }
}

/// A small file's text, for files of the kernel that hold plain ASCII; nil when it cannot be read.
func readFile(_ path: String) -> String? { readBytes(path).map { String(decoding: $0, as: UTF8.self) } }
