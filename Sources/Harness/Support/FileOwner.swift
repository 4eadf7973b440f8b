// Whose a file is: what another user placed is neither followed nor replaced.

internal import Glibc

/// Owners of files and folders.
package enum FileOwner {
  /// Whether what belongs to `uid` does as this process wants: its own user's, and root's.
  static func isTrusted(_ uid: uid_t) -> Bool { uid == geteuid() || uid == 0 }

  /// Refuses the folder `path` where another user made it, or a link to it: it could lead anywhere. A folder that is
  /// not there is no fault.
  /// - Throws: `OutputError` that names the folder.
  package static func checkFolder(_ path: String) throws(OutputError) {
    var facts = stat()
    guard lstat(path, &facts) == 0, !isTrusted(facts.st_uid) else { return }
    let what = facts.st_mode & S_IFMT == S_IFLNK ? "is a link" : "is a folder"
    throw OutputError(
      file: path, message: "\(what) of another user (uid \(facts.st_uid)) and not written to; name another folder")
  }
}
