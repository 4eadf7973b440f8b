// What is mounted, from /proc/self/mountinfo: the only way to look at a mount that cannot hang.

internal import CLinux

/// One line of the mount table.
package struct MountEntry: Sendable, Equatable {
  /// Where it is mounted, as the kernel has it: bytes, which need not be text.
  package var path: ByteText
  /// Minor number of its device: for FUSE the name of its connection in /sys/fs/fuse/connections.
  package var minor: Int
  /// File system type, such as `fuse` or `ext4`.
  package var type: String
  /// Options of the mount and of its file system, such as `rw`, `noatime`, `default_permissions`.
  package var options: [String]

  /// Whether it is mounted somewhere below the folder `folder`.
  package func isBelow(_ folder: String) -> Bool { path.bytes.starts(with: (folder + "/").utf8) }

  /// Whether the path `path` is the mount point, or below it.
  func covers(_ path: String) -> Bool {
    self.path == "/" || self.path == ByteText(path) || path.utf8.starts(with: self.path.bytes + [UInt8(ascii: "/")])
  }
}

/// The mounts of this process.
///
/// It is asked while a cell waits, and a container host has thousands of lines: only those that are wanted are decoded.
package enum MountTable {
  /// The table as the kernel tells it (proc_pid_mountinfo(5)).
  private static var bytes: [UInt8] { SystemFile.bytes("/proc/self/mountinfo") ?? [] }

  /// Reads the table.
  package static func read() -> [MountEntry] { entries(in: bytes) }

  /// The mounts at exactly `path`, the lowest first.
  package static func entries(at path: String) -> [MountEntry] { entries(at: ByteText(path)) }

  /// The mounts at exactly `path`, the lowest first.
  package static func entries(at path: ByteText) -> [MountEntry] {
    let wanted = escaped(path.bytes)
    return entries(in: bytes, holding: wanted) { $0.elementsEqual(wanted) }
  }

  /// The mounts below the folder `path`, in the kernel's order.
  package static func entries(below path: String) -> [MountEntry] {
    let wanted = escaped(Array((path + "/").utf8))
    return entries(in: bytes, holding: wanted) { $0.starts(with: wanted) }
  }

  /// The type of the file system that the real path `path` lies on, from the mount table alone.
  package static func type(of path: String) -> String {
    let above = read().filter { $0.covers(path) }
    // Of two mounts on one path the later one is seen.
    return above.enumerated().max {
      ($0.element.path.bytes.count, $0.offset) < ($1.element.path.bytes.count, $1.offset)
    }?
    .element.type ?? "unknown"
  }

  /// The FUSE mount that the path `path` lies on, by its spelling alone; nil if it lies on another or on the root.
  static func fuseMount(over path: String) -> MountEntry? {
    let above = read().filter { $0.covers(path) }
    let longest = above.map(\.path.bytes.count).max()
    // Of two mounts on one path the later one is seen.
    guard let mount = above.last(where: { $0.path.bytes.count == longest }) else { return nil }
    return mount.type.begins(with: "fuse") && mount.path != "/" ? mount : nil
  }

  /// The entries of `table` whose path, still escaped, fulfils `wanted` and holds `part`; other lines are left out.
  static func entries(
    in table: [UInt8], holding part: [UInt8] = [], where wanted: (ArraySlice<UInt8>) -> Bool = { _ in true }
  ) -> [MountEntry] {
    var entries: [MountEntry] = []
    let count = UInt64(table.count)
    var found = clinux_find_line(table, count, 0, part, UInt64(part.count))
    while found.start < count {
      let line = table[Int(found.start)..<Int(found.end)]
      if let path = field(4, of: line), wanted(path), let entry = entry(line) { entries.append(entry) }
      found = clinux_find_line(table, count, found.end + 1, part, UInt64(part.count))
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
    let words = line.split(separator: UInt8(ascii: " ")).map { ByteText($0).shown }
    guard let dash = words.firstIndex(where: { $0 == "-" }), dash >= 6, words.count > dash + 1,
      let minor = words[2].fields(":").last.flatMap({ Int($0) }), let path = field(4, of: line)
    else { return nil }
    let superOptions = words.count > dash + 3 ? words[dash + 3] : ""
    let options = words[5].fields(",") + superOptions.fields(",")
    return MountEntry(path: unescaped(path), minor: minor, type: words[dash + 1], options: options.map(String.init))
  }

  /// `path` as the kernel spells it: blanks, tabs, line ends and backslashes stand as `\` and three octal digits
  /// (fs/proc_namespace.c, show_mountinfo; seq_path).
  static func escaped(_ path: [UInt8]) -> [UInt8] {
    path.flatMap { byte -> [UInt8] in
      switch byte {
      case UInt8(ascii: " "): Array("\\040".utf8)
      case UInt8(ascii: "\t"): Array("\\011".utf8)
      case UInt8(ascii: "\n"): Array("\\012".utf8)
      case UInt8(ascii: "\\"): Array("\\134".utf8)
      default: [byte]
      }
    }
  }

  private static func unescaped(_ field: ArraySlice<UInt8>) -> ByteText {
    var bytes = Array(field)
    let count = Int(clinux_unescape(&bytes, UInt64(bytes.count)))
    return ByteText(bytes[..<count])
  }
}
