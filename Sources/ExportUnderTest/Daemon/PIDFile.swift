// The pidfile: appears when everything is served, goes when the process ends.

import CLinux
import Glibc

/// A pidfile with this process's number, locked while the process lives.
final class PIDFile {
  private let place: OutputPlace
  /// The locked file; -1 for a device or a pipe, which got the number and stays.
  private let fd: Int32

  /// Writes the file, whole or not at all: who waits for it never finds it empty.
  /// - Throws: `SystemError` when it cannot be written, or another process has it.
  init(_ path: ByteText) throws {
    let line = Array("\(getpid())\n".utf8)
    place = try OutputPlace(path)
    if let stream = try place.openStream() {
      defer { close(stream) }
      try OutputPlace.write(line, to: stream, path)
      fd = -1
      return
    }
    let former = clinux_open_output_at(place.folder, place.name.cString, 1, 0)
    if former >= 0 {
      let isFree = clinux_lock_file(former) >= 0
      close(former)
      guard isFree else {
        throw SystemError("Cannot lock pid file '\(path)'", code: EAGAIN, remedy: "another process uses it")
      }
    }
    fd = try place.replace(with: line) { file throws(SystemError) in
      try checked(clinux_lock_file(file), "Cannot lock pid file '\(path)'")
    }
  }

  deinit {
    guard fd >= 0 else { return }
    place.remove(fd)
    close(fd)
  }
}
