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
      descriptor = try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .truncate, .closeOnExec, .append],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
    }
  }

  deinit { try? descriptor.close() }

  static func anonymousFile() throws -> FileDescriptor {
    let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
    var template = Array("\(folder)/fusebench-output-XXXXXX".utf8CString)
    let number = mkstemp(&template)
    guard number >= 0 else { throw FileError(file: folder, message: "no file can be made here; set TMPDIR") }
    unlink(template)
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return FileDescriptor(rawValue: number)
  }

  /// What was written so far, at most `Finished.outputLimit` bytes; bytes that are no UTF-8 are replaced.
  func text() -> String {
    var bytes = [UInt8](repeating: 0, count: 64 << 10)
    var result: [UInt8] = []
    while result.count < Finished.outputLimit {
      let count = bytes.withUnsafeMutableBytes { buffer in
        (try? descriptor.read(fromAbsoluteOffset: Int64(result.count), into: buffer)) ?? 0
      }
      if count == 0 { break }
      result += bytes[..<count]
    }
    return String(decoding: result.prefix(Finished.outputLimit), as: UTF8.self)
  }
}
