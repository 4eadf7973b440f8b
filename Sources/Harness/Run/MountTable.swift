// What is mounted, from /proc/self/mountinfo: the only way to look at a mount that cannot hang.

/// One line of the mount table.
package struct MountEntry: Sendable, Equatable {
  /// Where it is mounted.
  package var path: String
  /// Minor number of its device: for FUSE the name of its connection in /sys/fs/fuse/connections.
  package var minor: Int
  /// File system type, such as `fuse` or `ext4`.
  package var type: String
  /// Options of the mount and of its file system, such as `rw`, `noatime`, `default_permissions`.
  package var options: [String]
}

/// The mounts of this process.
///
/// It is asked while a cell waits, and a container host has thousands of lines: only those that are wanted are decoded.
package enum MountTable {
  /// The table as the kernel tells it (proc_pid_mountinfo(5)).
  private static var bytes: [UInt8] { SystemFile.bytes("/proc/self/mountinfo") ?? [] }

  /// Reads the table.
  package static func read() -> [MountEntry] { entries(in: bytes) { _ in true } }

  /// The mounts at exactly `path`, the lowest first.
  package static func entries(at path: String) -> [MountEntry] {
    let wanted = escaped(path)
    return entries(in: bytes) { $0.elementsEqual(wanted) }
  }

  /// The mounts below the folder `path`, in the kernel's order.
  package static func entries(below path: String) -> [MountEntry] {
    let wanted = escaped(path + "/")
    return entries(in: bytes) { $0.starts(with: wanted) }
  }

  /// The type of the file system that the real path `path` lies on, from the mount table alone.
  package static func type(of path: String) -> String {
    let above = read().filter { $0.path == "/" || path == $0.path || path.hasPrefix($0.path + "/") }
    // Of two mounts on one path the later one is seen.
    return above.enumerated().max { ($0.element.path.count, $0.offset) < ($1.element.path.count, $1.offset) }?
      .element.type ?? "unknown"
  }

  /// Parses the text of a mountinfo file; lines that are none are passed over.
  package static func parse(_ text: String) -> [MountEntry] { entries(in: Array(text.utf8)) { _ in true } }

  /// The entries of `table` whose path, still escaped, fulfils `wanted`.
  private static func entries(in table: [UInt8], where wanted: (ArraySlice<UInt8>) -> Bool) -> [MountEntry] {
    var entries: [MountEntry] = []
    var rest = table[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = rest[..<end]
      rest = rest[min(end + 1, rest.endIndex)...]
      if let path = field(4, of: line), wanted(path), let entry = entry(line) { entries.append(entry) }
    }
    return entries
  }

  /// The field `number` of `line`, counted from 0.
  private static func field(_ number: Int, of line: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    let blank = UInt8(ascii: " ")
    var rest = line
    for _ in 0..<number {
      guard let place = rest.firstIndex(of: blank) else { return nil }
      rest = rest[(place + 1)...]
    }
    return rest.prefix { $0 != blank }
  }

  private static func entry(_ line: ArraySlice<UInt8>) -> MountEntry? {
    // ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [TAGS…] - TYPE SOURCE SUPER-OPTIONS
    let words = line.split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
    guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 1,
      let minor = words[2].split(separator: ":").last.flatMap({ Int($0) }), let path = field(4, of: line)
    else { return nil }
    let superOptions = words.count > dash + 3 ? words[dash + 3] : ""
    let options = words[5].split(separator: ",") + superOptions.split(separator: ",")
    return MountEntry(path: unescaped(path), minor: minor, type: words[dash + 1], options: options.map(String.init))
  }

  /// `path` as the kernel spells it: blanks, tabs, line ends and backslashes stand as `\` and three octal digits
  /// (fs/proc_namespace.c, show_mountinfo; seq_path).
  private static func escaped(_ path: String) -> [UInt8] {
    path.utf8.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: " "): Array("\\040".utf8)
      case UInt8(ascii: "\t"): Array("\\011".utf8)
      case UInt8(ascii: "\n"): Array("\\012".utf8)
      case UInt8(ascii: "\\"): Array("\\134".utf8)
      default: [byte]
      }
    }
  }

  private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
    guard field.contains(UInt8(ascii: "\\")) else { return String(decoding: field, as: UTF8.self) }
    var bytes: [UInt8] = []
    var rest = field
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
