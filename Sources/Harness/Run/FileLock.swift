// Locks on files that harnesses share.

import Glibc

/// A lock taken with flock(2).
enum FileLock {
  /// Gives up the lock that is held through `descriptor`, and closes it.
  ///
  /// Closing alone is not enough: a child that another thread is just starting has a copy of the descriptor until it
  /// runs its program, and the lock would last as long.
  static func release(_ descriptor: CInt) {
    _ = flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}
