// The pidfile: appears when everything is served, goes when the process ends.

import CLinux
import Glibc

/// A pidfile with this process's number, locked while the process lives.
final class PIDFile {
  private let path: String
  private let fd: Int32

  init(_ path: String) throws(SystemError) {
    fd = try checked(clinux_create(path, 0o644), "Cannot open pid file '\(path)'")
    guard clinux_lock_file(fd) >= 0 else {
      close(fd)
      throw SystemError("Cannot lock pid file '\(path)'", code: EAGAIN, remedy: "another process uses it")
    }
    let line = "\(getpid())\n"
    guard ftruncate(fd, 0) == 0, write(fd, line, line.utf8.count) == line.utf8.count else {
      let code = errno
      unlink(path)
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
