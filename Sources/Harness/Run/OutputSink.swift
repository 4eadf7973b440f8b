// Where a child's output goes: a file or a file without a name, never a pipe.

import Foundation
import Glibc
import SystemPackage

/// The receiving end of a child's output.
///
/// Not a pipe, on purpose: a grandchild that keeps a pipe open would keep the reader waiting, and a full pipe would
/// stop the child.
final class OutputSink: Sendable {
  let descriptor: FileDescriptor

  init(_ destination: Command.Destination) throws {
    switch destination {
    case .memory, .withOutput:
      descriptor = try Self.anonymousFile()
    case .file(let path):
      do {
        descriptor = try FileDescriptor.open(
          FilePath(path), .readWrite, options: [.create, .truncate, .closeOnExec, .append],
          permissions: [.ownerReadWrite, .groupRead, .otherRead])
      } catch {
        throw FileError(file: path, message: "cannot be made: \(error)")
      }
    }
  }

  deinit { try? descriptor.close() }

  static func anonymousFile() throws -> FileDescriptor {
    let folder = Workspace.base
    var template = Array("\(folder)/fusebench-output-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else {
      throw FileError(
        file: folder, message: "no file can be made here: \(String(cString: strerror(errno))); set TMPDIR")
    }
    unlink(template)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return FileDescriptor(rawValue: number)
  }

  /// How many bytes were written so far.
  var length: Int64 {
    var status = stat()
    return fstat(descriptor.rawValue, &status) == 0 ? Int64(status.st_size) : 0
  }

  /// What was written so far, at most `limit` bytes.
  func text(limit: Int = Finished.outputLimit) -> ByteText {
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    var result: [UInt8] = []
    while result.count < limit {
      let count = chunk.withUnsafeMutableBytes { buffer in
        (try? descriptor.read(fromAbsoluteOffset: Int64(result.count), into: buffer)) ?? 0
      }
      if count == 0 { break }
      result += chunk[..<min(count, limit - result.count)]
    }
    return ByteText(result)
  }
}
