// What is mounted, from /proc/self/mountinfo: the only way to look at a mount that cannot hang.

import Foundation

/// One line of the mount table.
public struct MountEntry: Sendable, Equatable {
  /// Where it is mounted.
  public var path: String
  /// Minor number of its device: for FUSE the name of its connection in /sys/fs/fuse/connections.
  public var minor: Int
  /// File system type, such as `fuse` or `ext4`.
  public var type: String
  /// Options of the mount and of its file system, such as `rw`, `noatime`, `default_permissions`.
  public var options: [String]
}

/// The mounts of this process.
public enum MountTable {
  /// Reads the table.
  public static func read() -> [MountEntry] {
    parse((try? String(contentsOfFile: "/proc/self/mountinfo", encoding: .utf8)) ?? "")
  }

  /// The mounts at exactly `path`, the lowest first.
  public static func entries(at path: String) -> [MountEntry] {
    read().filter { $0.path == path }
  }

  /// Parses the text of a mountinfo file; lines that are none are passed over.
  public static func parse(_ text: String) -> [MountEntry] {
    text.split(separator: "\n").compactMap { line in
      // ID PARENT MAJOR:MINOR ROOT PATH OPTIONS [TAGS…] - TYPE SOURCE SUPER-OPTIONS
      let words = line.split(separator: " ").map(String.init)
      guard let dash = words.firstIndex(of: "-"), dash >= 6, words.count > dash + 1,
        let minor = words[2].split(separator: ":").last.flatMap({ Int($0) })
      else { return nil }
      let superOptions = words.count > dash + 3 ? words[dash + 3] : ""
      let options = words[5].split(separator: ",") + superOptions.split(separator: ",")
      return MountEntry(
        path: unescape(words[4]), minor: minor, type: words[dash + 1], options: options.map(String.init))
    }
  }

  /// Blanks, tabs, line ends and backslashes stand as `\` and three octal digits.
  private static func unescape(_ text: String) -> String {
    guard text.contains("\\") else { return text }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
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
