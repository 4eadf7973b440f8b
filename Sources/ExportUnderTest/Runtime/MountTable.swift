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
    var lines: [ArraySlice<UInt8>] = []
    let count = UInt64(text.count)
    var found = clinux_find_line(text, count, 0, mark, UInt64(mark.count))
    while found.start < count {
      lines.append(text[Int(found.start)..<Int(found.end)])
      found = clinux_find_line(text, count, found.end + 1, mark, UInt64(mark.count))
    }
    return lines
  }

  private static func unescaped(_ field: ByteText) -> ByteText {
    var bytes = field.bytes
    let count = Int(clinux_unescape(&bytes, UInt64(bytes.count)))
    return ByteText(bytes[..<count])
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
