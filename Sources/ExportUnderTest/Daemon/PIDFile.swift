// The pidfile: appears when everything is served, goes when the process ends.

import CLinux
import Glibc

/// A pidfile with this process's number, locked while the process lives.
final class PIDFile {
  private let path: String
  private let fd: Int32

  init(_ path: String) throws(SystemError) {
    let former = open(path, O_RDWR | O_CLOEXEC)
    if former >= 0 {
      let isFree = clinux_lock_file(former) >= 0
      close(former)
      guard isFree else {
        throw SystemError("Cannot lock pid file '\(path)'", code: EAGAIN, remedy: "another process uses it")
      }
    }
    // Written aside and renamed: who waits for the file never finds it empty.
    let partial = "\(path).\(getpid())"
    fd = try checked(clinux_create(partial, 0o644), "Cannot open pid file '\(path)'")
    let line = "\(getpid())\n"
    guard clinux_lock_file(fd) >= 0, ftruncate(fd, 0) == 0, write(fd, line, line.utf8.count) == line.utf8.count,
      rename(partial, path) == 0
    else {
      let code = errno
      unlink(partial)
      close(fd)
      throw SystemError("Cannot write pid file '\(path)'", code: code)
    }
    // Last: from here on `deinit` runs, which must not remove another process's file.
    self.path = path
  }

  deinit {
    unlink(path)
    close(fd)
  }
}
