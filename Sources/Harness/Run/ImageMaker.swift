// Makes the image that a scenario asks for.

import Foundation
import Glibc
import SystemPackage

extension ImagePlan {
  /// Writes the image to a new file at `path`.
  /// - Throws: `FileError` if it cannot be written.
  func make(at path: String) throws {
    do {
      let file = try FileDescriptor.open(
        FilePath(path), .readWrite, options: [.create, .truncate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter {
        // Whatever the caller's umask is: other users compare with it.
        fchmod(file.rawValue, 0o644)
        try file.resize(to: size)
        try write(Extent(offset: 0, length: size, fill: fill), to: file)
        for extent in extents { try write(extent, to: file) }
      }
    } catch {
      throw FileError(file: path, message: "the image cannot be written: \(error)")
    }
  }

  private func write(_ extent: Extent, to file: FileDescriptor) throws {
    guard extent.fill != .hole else { return }
    let end = extent.offset + extent.length
    var offset = extent.offset
    while offset < end {
      var chunk = [UInt8](repeating: 0, count: Int(min(1 << 20, end - offset)))
      if extent.fill == .pattern { Pattern.fill(&chunk, at: offset) }
      try file.writeAll(toAbsoluteOffset: offset, chunk)
      offset += Int64(chunk.count)
    }
  }
}
