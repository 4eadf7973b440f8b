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

  /// The names in the directory `path`, sorted; none if it cannot be read.
  static func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
