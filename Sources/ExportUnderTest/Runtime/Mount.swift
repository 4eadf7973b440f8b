// The FUSE mount: made by libfuse, ended by us.

import CLibFUSE
import CLinux
import Glibc

/// Whether users other than the server's may use the mount.
enum AllowOther: String, CaseIterable {
  case on, off
  /// Try with, and without when that is not permitted.
  case auto
}

/// A mount, its /dev/fuse fd, and its connection's control files.
///
/// Unchecked: used by the daemon's thread only; serving threads get the bare fds.
final class Mount: @unchecked Sendable {
  /// Absolute, without links.
  let path: ByteText
  let fd: Int32
  let allowsOthers: Bool
  /// The connection's number in /sys/fs/fuse/connections.
  let connection: UInt32
  /// The connection's folder in the control file system; -1 where that is not to be had.
  let fusectlDirectory: Int32
  /// Nil of a mount that was taken over.
  private var session: OpaquePointer?
  private var hasUnmounted = false

  /// The source that mount tables show. Never libfuse's own, `/dev/fuse`: to systemd that is a device with a unit of
  /// its own, and it has unmounted such mounts.
  static let source = "fusebench"

  /// Mounts on `path`, which `MountPoint.check` returned.
  init(on path: ByteText, writable: Bool, allowOther: AllowOther, maxRead: Int) throws {
    let common =
      "\(writable ? "rw" : "ro"),nosuid,nodev,noatime,fsname=\(Self.source),max_read=\(maxRead),default_permissions"
    let attempts: [(String, Bool)] =
      switch allowOther {
      case .on: [(common + ",allow_other", true)]
      case .off: [(common, false)]
      case .auto: [(common + ",allow_other", true), (common, false)]
      }
    var reason: [UInt8] = []
    for (options, others) in attempts {
      var text = [CChar](repeating: 0, count: 1024)
      guard let session = clibfuse_mount(path.cString, options, &text, UInt32(text.count)) else {
        let end = text.firstIndex(of: 0) ?? text.endIndex
        reason = text[..<end].map { UInt8(bitPattern: $0) }
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
    let first = reason.split(separator: UInt8(ascii: "\n")).first.map { ByteText($0) } ?? "see dmesg"
    // What fusermount3 says for itself needs no hint that it is missing; without libfuse nobody asked for it.
    let isHeard = getuid() == 0 || first.hasPrefix("fusermount3") || first.hasPrefix("libfuse3")
    var hint = isHeard ? "" : "; without root, fusermount3 (package fuse3) must be installed and setuid"
    if "\(first)".contains(errnoText(EMFILE)) { hint = " (\(OpenFileLimit.remedy))" }
    throw StartError(description: "Failed to mount on '\(path)': \(first)\(hint)")
  }

  /// Takes over a mount that another process made and has served.
  /// - Parameters:
  ///   - path: where it is to be seen, with links resolved.
  ///   - fd: a descriptor of its connection, which this object then owns.
  /// - Throws: `StartError`; `fd` is left as it is then.
  init(on path: ByteText, adopting fd: Int32, writable: Bool) throws {
    guard let entry = MountTable.entry(on: path), entry.isFUSE else {
      throw StartError(description: "'\(path)' is no FUSE mount: there is nothing to take over")
    }
    if let connection = FuseDevice.connection(of: fd), connection != entry.minor {
      throw StartError(
        description: "the mount on '\(path)' is FUSE connection \(entry.minor), and the descriptor to take over "
          + "belongs to connection \(connection)")
    }
    guard entry.isReadOnly == !writable else {
      throw StartError(
        description: "the mount on '\(path)' is \(writable ? "read-only" : "writable"): "
          + "it can be taken over with writable=\(writable ? "off" : "on") only")
    }
    self.path = path
    self.fd = fd
    session = nil
    allowsOthers = entry.options.contains("allow_other")
    connection = entry.minor
    fusectlDirectory = FuseControlFS.open(connection)
    clinux_set_nonblocking(fd)
    clinux_set_close_on_exec(fd)
  }

  /// What clients' requests are bounded by, as the mount says; nil where it does not.
  var maxRead: UInt64? {
    MountTable.entry(on: path)?.options.lazy.compactMap { option in
      option.hasPrefix("max_read=") ? ByteText(option.bytes.dropFirst(9)).decimal : nil
    }.first
  }

  /// Ends mount and connection; false when a mount of it is left, which is reported. From a thread without a ring
  /// only: the kernel waits for the ring threads here.
  func end() -> Bool {
    var isGone = true
    // Whoever moves the mount meanwhile moves it away from where the list said that it was.
    for _ in 0..<3 {
      let places = mountedOn()
      if places.isEmpty { break }
      for place in places.reversed() { unmount(place) }
    }
    for place in mountedOn() {
      report("the mount on '\(place)' is left: 'umount -l' it where it can be reached")
      isGone = false
    }
    // Detached from outside, or seen by another mount namespace: the connection may still live.
    var request = pollfd(fd: fd, events: 0, revents: 0)
    if poll(&request, 1, 0) == 0 { abortConnection() }
    return isGone
  }

  /// Where the mount is to be seen now: its folder may have been renamed, or the mount moved or bound elsewhere.
  ///
  /// The connection's number finds it, as long as the connection is there: a later mount of another server may get the
  /// number of one that is gone (fs/super.c, set_anon_super).
  private func mountedOn() -> [ByteText] {
    // Without the list there is only the path, and umount2 itself says whether something is mounted there.
    guard let entries = MountTable.entries() else { return hasUnmounted ? [] : [path] }
    guard connection != 0 else { return entries.last { $0.path == path }?.isFUSE == true ? [path] : [] }
    if fusectlDirectory >= 0 {
      let sign = clinux_open_at(fusectlDirectory, "waiting", [])
      guard sign >= 0 else { return [] }
      Glibc.close(sign)
      return entries.filter { $0.minor == connection && $0.isFUSE }.map(\.path)
    }
    return entries.last { $0.path == path }.flatMap { $0.minor == connection ? [path] : nil } ?? []
  }

  private func unmount(_ place: ByteText) {
    hasUnmounted = true
    // What somebody has mounted over it is not ours to unmount.
    if connection != 0, let entry = MountTable.entry(on: place), entry.minor != connection { return }
    guard clinux_unmount(place.cString, []) != 0 else { return }
    // In use: its requests fail now, and the name is free again.
    if clinux_unmount(place.cString, .force) == -EPERM {
      runFusermount(place)
    } else {
      clinux_unmount(place.cString, .detach)
    }
  }

  /// Closes the fds, once. No thread uses them any more. The connection lives on where another process has it too.
  func close() {
    if fusectlDirectory >= 0 { Glibc.close(fusectlDirectory) }
    if let session { clibfuse_destroy(session) } else { Glibc.close(fd) }
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
  private func runFusermount(_ place: ByteText) {
    var pid = pid_t()
    let words: [ByteText] = ["fusermount3", "-u", "-q", "-z", "--", place]
    let arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0.cString) } + [nil]
    defer { arguments.forEach { free($0) } }
    guard posix_spawnp(&pid, "fusermount3", nil, nil, arguments, environ) == 0 else { return }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  }
}
