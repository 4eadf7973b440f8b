// Reads the small files of /proc and /sys, to their end.

internal import Foundation
internal import Glibc

/// The files of /proc and /sys.
///
/// Their size is not known before they are read, and one read brings a page at most (fs/seq_file.c): whoever stops at
/// the first short read, as Foundation's `contentsOfFile` does, sees the first 4 KiB of a mount table of any length.
package enum SystemFile {
  /// The first `limit` bytes of the file `path`, or nil if it cannot be read. Never for files on a mount under test.
  package static func bytes(_ path: String, limit: Int = .max) -> [UInt8]? {
    let file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(byteCount: 65536, alignment: 8) { chunk in
      var bytes: [UInt8] = []
      while bytes.count < limit {
        let count = read(file, chunk.baseAddress, min(chunk.count, limit - bytes.count))
        if count < 0 && errno == EINTR { continue }
        if count < 0 { return nil }
        if count == 0 { break }
        bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
      }
      return bytes
    }
  }

  /// The text of the file `path`, shown (a process may be called anything), or nil if it cannot be read.
  package static func text(_ path: String) -> String? { bytes(path).map { ByteText($0).shown } }

  /// The text of the file `path` without the white space around it.
  package static func word(_ path: String) -> String? {
    (text(path)?.trimmed).map { String($0) }
  }

  /// The fields of `stat`, a text of /proc/PID/stat, from the state on; nil if it is not in its known form.
  package static func processFields(_ stat: String) -> [Substring]? {
    // The name stands in parentheses and may hold anything, parentheses too: count from behind the last one.
    stat.utf8.lastIndex(of: UInt8(ascii: ")")).map { stat[stat.utf8.index(after: $0)...].fields(" ") }
  }

  /// The same of the process `pid`; nil if there is none, or only one that waits to be reaped.
  package static func processFields(ofLiving pid: Int32) -> [Substring]? {
    guard let fields = text("/proc/\(pid)/stat").flatMap({ processFields($0) }), let state = fields.first,
      state != "Z", state != "X"
    else { return nil }
    return fields
  }

  /// The names in the directory `path`, sorted; none if it cannot be read.
  package static func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
