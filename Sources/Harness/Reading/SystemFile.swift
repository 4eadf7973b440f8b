// Reads the small files of /proc and /sys.

internal import Foundation

/// The texts of /proc and /sys. Their size is unknown before they are read, so they are read to the end.
enum SystemFile {
  /// The text of the file `path`, or nil if it cannot be read. Never for files on a mount under test.
  static func text(_ path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    guard let bytes = try? file.readToEnd() else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The text of the file `path` without the white space around it.
  static func word(_ path: String) -> String? {
    text(path)?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The fields of `stat`, a text of /proc/PID/stat, from the state on; nil if it is not in its known form.
  static func processFields(_ stat: String) -> [Substring]? {
    // The name stands in parentheses and may hold anything, parentheses too: count from behind the last one.
    stat.lastIndex(of: ")").map { stat[stat.index(after: $0)...].split(separator: " ") }
  }

  /// The same of the process `pid`; nil if there is none, or only one that waits to be reaped.
  static func processFields(ofLiving pid: Int32) -> [Substring]? {
    guard let fields = text("/proc/\(pid)/stat").flatMap({ processFields($0) }), let state = fields.first,
      state != "Z", state != "X"
    else { return nil }
    return fields
  }

  /// The names in the directory `path`, sorted; none if it cannot be read.
  static func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
