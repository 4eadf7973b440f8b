// Work folders that earlier runs have left: those of failed cells, kept for a person to look at, and those of
// harnesses that were killed.

import Foundation
import Glibc

/// The work folders that nobody uses any more.
package struct PreservedWorkspaces: Sendable {
  /// The folder that they lie in: TMPDIR, else /var/tmp.
  package let base: String
  /// Their paths, sorted.
  package let paths: [String]
  /// The room that they take, in bytes.
  package let bytes: Int64

  /// Looks for them in `base`.
  package init(base: String = Workspace.base) {
    self.base = base
    let mounts = MountTable.read()
    // The mount table knows real paths only.
    let real = Workspace.realPath(base) ?? base
    let names = SystemFile.names(base).filter { name in
      // A mount must not be touched, not even by a look at it: it may hang. The mount table is asked first.
      !mounts.contains { $0.path == ByteText("\(real)/\(name)") || $0.isBelow("\(real)/\(name)") }
    }
    paths = names.map { "\(base)/\($0)" }.filter(Self.isLeft)
    bytes = paths.reduce(0) { $0 + Self.size(of: $1) }
  }

  /// `3 in /var/tmp, 12 MiB`, or `none`.
  package var words: String {
    paths.isEmpty ? "none in \(base)" : "\(paths.count) in \(base), \(ByteSize.format(roundedBytes))"
  }

  /// Whole MiB, so that the number is short.
  private var roundedBytes: Int64 { max(1, (bytes + (1 << 19)) >> 20) << 20 }

  /// Removes them; what cannot be removed stays, and is named in the result.
  package func remove() -> [String] {
    paths.filter { path in
      guard Self.isLeft(path) else { return false }
      return (try? FileManager.default.removeItem(atPath: path)) == nil
    }
  }

  /// Whether `path` is a work folder of this user that no harness holds.
  private static func isLeft(_ path: String) -> Bool {
    guard URL(fileURLWithPath: path).lastPathComponent.begins(with: "fusebench-") else { return false }
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid() else {
      return false
    }
    let lock = open(path + "/" + Workspace.lockName, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    // Not one of ours, or of a version that made no lock; a folder that is kept has these two anyway.
    guard lock >= 0 else { return ["verdict", "repro.sh"].allSatisfy { access("\(path)/\($0)", F_OK) == 0 } }
    defer { FileLock.release(lock) }
    return flock(lock, LOCK_EX | LOCK_NB) == 0
  }

  private static func size(of path: String) -> Int64 {
    let names = FileManager.default.enumerator(atPath: path)?.allObjects as? [String] ?? []
    return names.reduce(0) { sum, name in
      var status = stat()
      return lstat("\(path)/\(name)", &status) == 0 ? sum + Int64(status.st_blocks) * 512 : sum
    }
  }
}
