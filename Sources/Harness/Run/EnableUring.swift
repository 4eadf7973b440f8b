// The kernel's switch for FUSE over io_uring: on while any harness runs, then what it was.

import Foundation
import Glibc

/// Switches the fuse module's parameter `enable_uring` on, and back.
///
/// The parameter is the whole machine's. Harnesses that run at the same time share a lock file, which says that one of
/// them switched it on: the last to end puts it back, and none takes it from under another.
package struct EnableUring: Sendable {
  /// Where the kernel keeps it.
  package static let parameter = "/sys/module/fuse/parameters/enable_uring"
  /// The file that harnesses share; of root's, who alone can switch.
  static let lockFile = "/run/fusebench-enable-uring"

  private let restoreNumber: Int
  private let restore: @Sendable () -> Void

  /// What the parameter says: true (on), false (off), nil (the kernel has none, or the module is not loaded).
  package static var state: Bool? { state(of: parameter) }

  private static func state(of path: String) -> Bool? {
    guard let text = SystemFile.text(path) else { return nil }
    return text.begins(with: "Y") || text.begins(with: "1")
  }

  /// Switches it on, if it is off. Registered to be put back, whatever ends the harness.
  /// - Throws: `FileError` if the kernel has no such parameter or it cannot be written.
  package init() throws { try self.init(path: Self.parameter, lockFile: Self.lockFile) }

  /// The same for the parameter in the file at `path`.
  init(path: String, lockFile: String) throws {
    guard Self.state(of: path) != nil else {
      throw FileError(
        file: path, message: "does not exist: load the fuse module, or use a kernel of 6.14 or newer")
    }
    let lock = open(lockFile, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard lock >= 0 else {
      throw FileError(file: lockFile, message: "cannot be opened: run as root, or with --no-enable-uring")
    }
    // Waits only while another harness, which was the last, puts the parameter back.
    _ = flock(lock, LOCK_SH)
    do {
      if Self.state(of: path) == false {
        // Noted before it is done: a harness that is killed leaves the note to the next one.
        _ = pwrite(lock, "N", 1, 0)
        try Self.put("Y\n", path)
      }
    } catch {
      FileLock.release(lock)
      throw error
    }
    restore = { Self.putBack(path, lock) }
    restoreNumber = CleanupRegistry.shared.add(restore: restore)
  }

  /// Puts back what it was, unless another harness still needs it.
  package func end() {
    restore()
    CleanupRegistry.shared.withdraw(restore: restoreNumber)
  }

  /// The last to end gets the lock for itself; who does not get it gives its share up, so that another is the last.
  private static func putBack(_ path: String, _ lock: CInt) {
    defer { FileLock.release(lock) }
    var note: UInt8 = 0
    guard flock(lock, LOCK_EX | LOCK_NB) == 0, pread(lock, &note, 1, 0) == 1 else { return }
    try? put("N\n", path)
    ftruncate(lock, 0)
  }

  private static func put(_ text: String, _ path: String) throws {
    guard let handle = FileHandle(forWritingAtPath: path) else {
      throw FileError(file: path, message: "cannot be written: run as root, or switch it on yourself")
    }
    defer { try? handle.close() }
    try handle.write(contentsOf: Data(text.utf8))
  }
}
