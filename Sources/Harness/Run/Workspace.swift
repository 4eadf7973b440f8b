// A private folder for one cell: image, mount point, logs. Gone after success, kept after failure.

import Foundation
import Glibc
import Synchronization

/// A temporary folder that belongs to one cell.
package final class Workspace: Sendable {
  /// The folder's real path: mountinfo knows no symbolic links.
  package let path: String
  private let runs = Mutex(0)
  /// Held as long as the folder is used: `PreservedWorkspaces` takes what nobody holds.
  private let lock: CInt

  /// The file in every work folder that is locked while the folder is used, and names the harness that made it.
  static let lockName = ".in-use"

  /// Where work folders are made: TMPDIR, else /var/tmp, which unlike a tmpfs has holes, O_DIRECT and room.
  package static var base: String { ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp" }

  /// Makes a new folder in `base`.
  /// - Throws: `FileError` if it cannot be made.
  package init(label: String, base: String = Workspace.base) throws {
    var status = stat()
    if stat(base, &status) == 0, status.st_mode & S_IWOTH != 0, status.st_mode & S_ISVTX == 0 {
      throw FileError(
        file: base, message: "others can rename what is made here; set its sticky bit, or TMPDIR to a folder of yours")
    }
    let safe = String(
      label.unicodeScalars.prefix(100).map { scalar in
        let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        return isPlain || scalar == "_" ? Character(scalar) : "-"
      })
    var template = Array("\(base)/fusebench-\(safe)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil,
      let real = realpath(template.withUnsafeBufferPointer({ $0.baseAddress! }), nil)
    else {
      throw FileError(
        file: base,
        message: "a work folder cannot be made here: \(String(cString: strerror(errno))); set TMPDIR")
    }
    path = String(cString: real)
    free(real)
    lock = open("\(path)/\(Self.lockName)", O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    if lock >= 0 {
      _ = flock(lock, LOCK_SH)
      // Only now: who finds a name in the file and no lock on it knows that the harness has gone.
      let name = "\(HarnessIdentity.own)"
      _ = pwrite(lock, name, name.utf8.count, 0)
    }
    // Other users must be able to reach the mount point: allow-other is tested through it.
    chmod(path, 0o755)
    CleanupRegistry.shared.add(folder: path)
  }

  /// `path` without symbolic links; nil if there is no such path.
  static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(validatingCString: real)
  }

  deinit { if lock >= 0 { FileLock.release(lock) } }

  /// The path of `name` in the folder.
  package func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Puts `text` into the file `name` for a person to look at; where there is no room for it, what there is room for.
  func put(_ text: ByteText, as name: String) {
    let file = open(self.file(name), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard file >= 0 else { return }
    defer { close(file) }
    var rest = text.bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
      guard count > 0 || errno == EINTR else { return }
      rest = rest.dropFirst(max(0, count))
    }
  }

  /// 1, 2, 3…: the number of an export's run in this folder, for names of logs.
  func nextRun() -> Int {
    runs.withLock { count in
      count += 1
      return count
    }
  }

  /// Removes the folder, and before it what is still mounted in it. Refused (false) where that cannot be taken off:
  /// removing would reach into the mount.
  @discardableResult
  package func remove() -> Bool {
    guard FuseConnection.clear(below: path) else { return false }
    try? FileManager.default.removeItem(atPath: path)
    CleanupRegistry.shared.remove(folder: path)
    return true
  }

  /// Leaves the folder for a person to look at.
  package func keep() {
    // Without a name in it the folder is nobody's leftover.
    if lock >= 0 { ftruncate(lock, 0) }
    CleanupRegistry.shared.remove(folder: path)
  }
}
