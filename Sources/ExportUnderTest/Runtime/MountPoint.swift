// Where an export is to be mounted: checked without looking at what may hang there.

import Glibc

/// Checks of a mount point.
enum MountPoint {
  /// Checks `path` before anything is mounted; the result is its absolute form.
  /// - Throws: `StartError`, which says why nothing can be mounted there.
  static func check(_ path: ByteText) throws -> ByteText {
    let absolute = resolvingLinks(path)
    // Looking at a dead or hung mount would fail or hang: the kernel's list tells first.
    if MountTable.entry(on: absolute)?.isFUSE == true {
      throw StartError(
        description: "'\(path)' is a FUSE mount already; if its server was killed, the mount is dead (ENOTCONN): "
          + "clear it with 'umount \(path)' and start again")
    }
    var status = stat()
    guard stat(path.cString, &status) == 0 else {
      throw StartError(description: "Failed to stat '\(path)': \(errnoText(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StartError(description: "'\(path)' is not a regular file")
    }
    return absolute
  }

  /// The path with every link resolved, found without looking at what may be mounted there.
  static func resolvingLinks(_ path: ByteText, depth: Int = 8) -> ByteText {
    let slash = UInt8(ascii: "/")
    let cut = path.bytes.lastIndex(of: slash)
    let parent: ByteText = cut.map { $0 == 0 ? "/" : ByteText(path.bytes[..<$0]) } ?? "."
    let name = cut.map { Array(path.bytes[($0 + 1)...]) } ?? path.bytes
    guard let found = realpath(parent.cString, nil) else { return path }
    defer { free(found) }
    let directory = ByteText(cString: found).bytes
    let absolute = ByteText((directory == [slash] ? [] : directory) + [slash] + name)
    // Asks nothing of a mount: readlink finds no link there and returns.
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = target.withUnsafeMutableBytes { readlink(absolute.cString, $0.baseAddress!, $0.count) }
    guard length > 0, depth > 0 else { return absolute }
    let link = Array(target[..<length])
    return resolvingLinks(ByteText(link.first == slash ? link : directory + [slash] + link), depth: depth - 1)
  }
}
