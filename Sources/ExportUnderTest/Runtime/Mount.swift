// The FUSE mount: made by libfuse, ended by us.

import CLibFUSE
import CLinux
import Glibc

/// Whether users other than the server's may use the mount.
enum AllowOther: String {
  case on, off
  /// Try with, and without when that is not permitted.
  case auto
}

/// A mount, its /dev/fuse fd, and its connection's control files.
///
/// Unchecked: used by the daemon's thread only; serving threads get the bare fds.
final class Mount: @unchecked Sendable {
  /// Absolute, without links.
  let path: String
  let fd: Int32
  let allowsOthers: Bool
  /// The connection's number in /sys/fs/fuse/connections.
  let connection: UInt32
  /// The connection's folder in the control file system; -1 where that is not to be had.
  let fusectlDirectory: Int32
  private var session: OpaquePointer?

  /// Checks `path` before anything is mounted; the result is its absolute form.
  static func check(_ path: String) throws -> String {
    let absolute = resolvingLinks(path)
    // Looking at a dead or hung mount would fail or hang: the kernel's list tells first.
    if MountTable.entry(on: absolute)?.isFUSE == true {
      throw StartFailure(
        description: "'\(path)' is a FUSE mount already; if its server was killed, the mount is dead (ENOTCONN): "
          + "clear it with 'umount \(path)' and start again")
    }
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw StartFailure(description: "Failed to stat '\(path)': \(errnoText(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StartFailure(description: "'\(path)' is not a regular file")
    }
    return absolute
  }

  /// The path with every link resolved, found without looking at what may be mounted there.
  static func resolvingLinks(_ path: String, depth: Int = 8) -> String {
    let cut = path.lastIndex(of: "/")
    let parent = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = cut.map { String(path[path.index(after: $0)...]) } ?? path
    guard let found = realpath(parent, nil) else { return path }
    defer { free(found) }
    let directory = String(cString: found)
    let absolute = directory == "/" ? "/" + name : directory + "/" + name
    // Asks nothing of a mount: readlink finds no link there and returns.
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = target.withUnsafeMutableBytes { readlink(absolute, $0.baseAddress!, $0.count) }
    guard length > 0, depth > 0 else { return absolute }
    let link = String(decoding: target[..<length], as: UTF8.self)
    return resolvingLinks(link.hasPrefix("/") ? link : directory + "/" + link, depth: depth - 1)
  }

  /// Mounts on `path`, which `check` returned.
  init(on path: String, writable: Bool, allowOther: AllowOther, maxRead: Int) throws {
    let common = "\(writable ? "rw" : "ro"),nosuid,nodev,noatime,max_read=\(maxRead),default_permissions"
    let attempts: [(String, Bool)] =
      switch allowOther {
      case .on: [(common + ",allow_other", true)]
      case .off: [(common, false)]
      case .auto: [(common + ",allow_other", true), (common, false)]
      }
    var reason = ""
    for (options, others) in attempts {
      var text = [CChar](repeating: 0, count: 1024)
      guard let session = clibfuse_mount(path, options, &text, UInt32(text.count)) else {
        let end = text.firstIndex(of: 0) ?? text.endIndex
        reason = String(decoding: text[..<end].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        continue
      }
      self.path = path
      self.session = session
      fd = clibfuse_fd(session)
      allowsOthers = others
      connection = MountTable.entry(on: path)?.minor ?? 0
      fusectlDirectory = FuseControlFS.open(connection)
      clinux_set_nonblocking(fd)
      return
    }
    let first = reason.split(separator: "\n").first.map(String.init) ?? "see dmesg"
    // What fusermount3 says for itself needs no hint that it is missing.
    let isHeard = getuid() == 0 || first.hasPrefix("fusermount3")
    let hint = isHeard ? "" : "; without root, fusermount3 (package fuse3) must be installed and setuid"
    throw StartFailure(description: "Failed to mount on '\(path)': \(first)\(hint)")
  }

  /// Ends mount and connection. From a thread without a ring only: the kernel waits for the ring threads here.
  func end() {
    if MountTable.entry(on: path)?.minor == connection {
      if clinux_unmount(path, []) != 0 {
        // In use: its requests fail now, and the name is free again.
        if clinux_unmount(path, .force) == -EPERM { runFusermount() } else { clinux_unmount(path, .detach) }
      }
    }
    // Detached from outside, or seen by another mount namespace: the connection may still live.
    var request = pollfd(fd: fd, events: 0, revents: 0)
    if poll(&request, 1, 0) == 0 { abortConnection() }
  }

  /// Closes the fds. No thread uses them any more.
  func close() {
    if fusectlDirectory >= 0 { Glibc.close(fusectlDirectory) }
    if let session { clibfuse_destroy(session) }
    session = nil
  }

  private func abortConnection() {
    guard fusectlDirectory >= 0 else { return }
    let switchOff = clinux_open_at(fusectlDirectory, "abort", .writable)
    guard switchOff >= 0 else { return }
    _ = write(switchOff, "1", 1)
    Glibc.close(switchOff)
  }

  /// Who may not call umount2 unmounts the way libfuse mounted: by its setuid helper.
  private func runFusermount() {
    var pid = pid_t()
    let words = ["fusermount3", "-u", "-q", "-z", "--", path]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    guard posix_spawnp(&pid, words[0], nil, nil, arguments, environ) == 0 else { return }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  }
}
