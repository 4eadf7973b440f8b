// Reads files that people and other programs wrote: whole, bounded, and never from what could keep us waiting.

internal import Glibc

/// Files that the harness reads.
package enum InputFile {
  /// Bytes that a file written by people may have; a file of machines says its own limit.
  package static let usualLimit = 4 << 20

  /// The bytes of the regular file at `path` (or of what a link there names).
  /// - Parameter takesPipes: whether a pipe will do, such as a shell's `<(command)`; its writer is waited for.
  /// - Throws: `FileError` if it cannot be read, is no such file, or holds more than `limit` bytes.
  package static func bytes(
    _ path: String, limit: Int = usualLimit, takesPipes: Bool = false
  ) throws(FileError) -> [UInt8] {
    // Without O_NONBLOCK the open of a pipe waits for a writer.
    let file = open(path, O_RDONLY | O_CLOEXEC | (takesPipes ? 0 : O_NONBLOCK))
    guard file >= 0 else { throw FileError(file: path, message: "cannot be read: \(String(cString: strerror(errno)))") }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw FileError(file: path, message: "cannot be looked at") }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG || (takesPipes && (kind == S_IFIFO || kind == S_IFCHR)) else {
      throw FileError(file: path, message: kind == S_IFDIR ? "is a folder" : "is no regular file")
    }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw FileError(file: path, message: "cannot be read: \(String(cString: strerror(errno)))")
      }
      if count == 0 { return bytes }
      guard bytes.count + count <= limit else {
        throw FileError(file: path, message: "holds more than \(ByteSize.format(Int64(limit))) bytes")
      }
      bytes += chunk[..<count]
    }
  }

  /// The text of such a file, which must be UTF-8. The mark that some editors put before it (EF BB BF) is no part of
  /// it.
  /// - Throws: `FileError`, also where a byte is no UTF-8: it names the line.
  package static func text(
    _ path: String, limit: Int = usualLimit, takesPipes: Bool = false
  ) throws(FileError) -> String {
    var bytes = try bytes(path, limit: limit, takesPipes: takesPipes)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let line = bytes.split(separator: ByteText.lineEnd, omittingEmptySubsequences: false).firstIndex {
        String(validating: $0, as: UTF8.self) == nil
      }
      throw FileError(file: path, message: "line \((line ?? 0) + 1): has bytes that are no UTF-8")
    }
    return text
  }

  /// Whether anything is at `path`, a link that leads nowhere included.
  package static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }
}
