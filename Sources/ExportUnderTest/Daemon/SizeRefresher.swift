// What makes the kernel ask for an export's length again after an O_TRUNC that did not empty it.

import CLinux
import Glibc
import Synchronization

/// A thread that watches the length which the kernel remembers, and has it asked for when it is 0.
///
/// After an OPEN with O_TRUNC the kernel takes the file for empty (fs/fuse/file.c, fuse_truncate_update_attr), and
/// asynchronous reads trust that until something asks for the attributes (fuse_direct_IO): an export of fixed size
/// would read as empty for ever to a client that only reads. The kernel forgets the length once the opener has got its
/// answer, and says so to nobody; so it is watched, by statx(2) without a request (AT_STATX_DONT_SYNC), for a while
/// after each such OPEN. A notification cannot do this: FUSE_NOTIFY_INVAL_INODE leaves the length as it is, and
/// FUSE_NOTIFY_STORE raises it, but before the opener sets it to 0.
///
/// The opener sets the length to 0 twice: where it gets its answer, and once more when the VFS truncates what it has
/// opened (fs/fuse/dir.c, fuse_do_setattr with ATTR_OPEN), which makes nobody ask. An answer between the two would be
/// lost, and the 0 believed: so attributes are not to be kept before the watch is over (`ExportedFile.settled`).
final class SizeRefresher: Sendable {
  /// Nanoseconds to watch after an OPEN: far longer than its opener needs to wake.
  private static let duration: UInt64 = 1_000_000_000
  private let isCancelled = Atomic<Bool>(false)
  private let hasEnded = Atomic<Bool>(false)
  private let thread = Mutex<Thread?>(nil)

  /// Begins to watch the export mounted on `path`.
  /// - Parameters:
  ///   - connection: its number; what else may be mounted there by now is left alone.
  ///   - opens: how many OPENs with O_TRUNC there were so far.
  ///   - settle: told how many of them the watch was about, at its end.
  init(
    path: ByteText, connection: UInt32, opens: @escaping @Sendable () -> UInt64,
    settle: @escaping @Sendable (UInt64) -> Void
  ) throws(SystemError) {
    let made = try Thread(name: "size-refresh") { [self] in
      while let seen = watch(path.cString, connection, opens) {
        settle(seen)
        hasEnded.store(true, ordering: .sequentiallyConsistent)
        // An OPEN of the last moment may have found this thread still at work.
        guard opens() != seen, !isCancelled.load(ordering: .relaxed) else { return }
        hasEnded.store(false, ordering: .sequentiallyConsistent)
      }
      hasEnded.store(true, ordering: .sequentiallyConsistent)
    }
    thread.withLock { $0 = made }
  }

  var isOver: Bool { hasEnded.load(ordering: .sequentiallyConsistent) }

  /// Ends the watch. As long as this waits, the export must serve.
  func cancel() {
    isCancelled.store(true, ordering: .relaxed)
    let made = thread.withLock { $0.take() }
    made?.join()
  }

  /// Watches until an OPEN is long ago; how many there were, or nil if the mount has gone.
  private func watch(_ path: [CChar], _ connection: UInt32, _ opens: () -> UInt64) -> UInt64? {
    var seen = opens()
    var end = monotonicNanoseconds() &+ Self.duration
    var pause: UInt32 = 50
    while !isCancelled.load(ordering: .relaxed), monotonicNanoseconds() < end {
      let now = opens()
      if now != seen {
        seen = now
        end = monotonicNanoseconds() &+ Self.duration
        pause = 50
      }
      var status = clinux_status()
      guard clinux_get_status(path, 0, &status) == 0, status.device_minor == connection else { return nil }
      if status.size == 0 { _ = clinux_get_status(path, 1, &status) }
      usleep(pause)
      pause = min(pause * 2, 10_000)
    }
    return seen
  }
}
