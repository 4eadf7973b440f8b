// Where a file is written that the export makes: a folder held open, and a name in it.

import CLinux
import Glibc

/// The place of a file to write, found without following a link that another user has made.
///
/// What runs as root and writes into a folder of others must not be led to a file of its own (a link in the place of
/// the file, of its temporary, or of a folder on the way).
struct OutputPlace: ~Copyable {
  /// The folder, as an O_PATH descriptor.
  let folder: Int32
  let name: ByteText
  /// For messages: the path as it was given.
  private let path: ByteText
  /// What has the name now.
  private let kind: Kind

  private enum Kind {
    case nothing
    case file(mode: mode_t)
    /// Written to, never replaced: a device, a pipe, or what a link of procfs leads to (`/dev/stdout`).
    case stream(follow: Bool)
    case socket
  }

  /// Finds the place of `path`.
  /// - Throws: `SystemError` when there is none, or a link of another user is on the way.
  init(_ path: ByteText) throws {
    var walk = try Walk(path)
    let kind: Kind
    do {
      while try walk.step() {}
      kind = try Self.kind(walk)
    } catch {
      close(walk.folder)
      throw error
    }
    folder = walk.folder
    name = walk.name
    self.path = path
    self.kind = kind
  }

  deinit { close(folder) }

  private static func kind(_ walk: Walk) throws(SystemError) -> Kind {
    guard let mode = walk.found else { return .nothing }
    switch mode & S_IFMT {
    case S_IFREG: return .file(mode: mode & 0o777)
    case S_IFLNK: return .stream(follow: true)
    case S_IFCHR, S_IFBLK, S_IFIFO: return .stream(follow: false)
    case S_IFDIR: throw walk.error(EISDIR)
    default: return .socket
    }
  }

  /// Writes `bytes`: into a device or pipe; else to a new file, which takes the name when it is whole.
  func write(_ bytes: [UInt8]) throws {
    if let stream = try openStream() {
      defer { close(stream) }
      return try Self.write(bytes, to: stream, path)
    }
    let file = try replace(with: bytes) { _ in }
    close(file)
  }

  /// Looks whether `write` can work, and changes nothing: at the start of what is to be told at its end.
  func check() throws(SystemError) {
    switch kind {
    case .socket: _ = try openStream()
    case .stream:
      guard faccessat(folder, name.cString, W_OK, 0) == 0 else {
        throw SystemError("cannot write '\(path)'", code: errno)
      }
    case .nothing, .file:
      // A draft tells more than permissions do: root has them all, also where nothing can be made.
      let (draft, file) = try draft()
      unlinkat(folder, draft.cString, 0)
      close(file)
    }
  }

  /// A new file in the folder, with its name there.
  private func draft() throws(SystemError) -> (ByteText, Int32) {
    var number = 0
    var name = ByteText("")
    var file: Int32
    repeat {
      name = ".fusebench.\(getpid()).\(number)"
      file = clinux_create_new_at(folder, name.cString, 0o644)
      number += 1
    } while file == -EEXIST && number < 100
    return (name, try checked(file, "cannot write '\(path)'"))
  }

  /// The device or pipe that has the name, opened; nil where a file is to be made.
  func openStream() throws(SystemError) -> Int32? {
    if case .socket = kind { throw SystemError("'\(path)' is a socket", code: ENXIO, remedy: "name a file") }
    guard case .stream(let follow) = kind else { return nil }
    let fd = clinux_open_output_at(folder, name.cString, 0, follow ? 1 : 0)
    return try checked(fd, "cannot write '\(path)'", remedy: fd == -ENXIO ? "nobody reads the pipe" : nil)
  }

  /// A new file with `bytes`, in the place of the old one; `prepare` is called with it before it takes the name.
  func replace(with bytes: [UInt8], prepare: (Int32) throws(SystemError) -> Void) throws -> Int32 {
    let (temporary, file) = try draft()
    do {
      if case .file(let mode) = kind { fchmod(file, mode) }
      try prepare(file)
      try Self.write(bytes, to: file, path)
      guard renameat(folder, temporary.cString, folder, name.cString) == 0 else {
        throw SystemError("cannot write '\(path)'", code: errno)
      }
    } catch {
      unlinkat(folder, temporary.cString, 0)
      close(file)
      throw error
    }
    return file
  }

  /// Writes all of `bytes`; to a pipe that is full, for at most a second.
  static func write(_ bytes: [UInt8], to fd: Int32, _ path: ByteText) throws(SystemError) {
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(fd, $0.baseAddress, $0.count) }
      if count > 0 {
        done += count
      } else if count == 0 || errno == EAGAIN {
        var request = pollfd(fd: fd, events: Int16(POLLOUT), revents: 0)
        guard poll(&request, 1, 1000) != 0 else { throw SystemError("cannot write '\(path)'", code: EAGAIN) }
      } else if errno != EINTR {
        throw SystemError("cannot write '\(path)'", code: errno)
      }
    }
  }

  /// Removes the file if it is still the one that `fd` belongs to.
  func remove(_ fd: Int32) {
    var mine = stat()
    var there = stat()
    guard fstat(fd, &mine) == 0, fstatat(folder, name.cString, &there, AT_SYMLINK_NOFOLLOW) == 0,
      mine.st_dev == there.st_dev, mine.st_ino == there.st_ino
    else { return }
    unlinkat(folder, name.cString, 0)
  }
}

/// A walk along a path, one name at a time.
private struct Walk {
  let path: ByteText
  private(set) var folder: Int32
  /// The last name, once the walk is over.
  private(set) var name: ByteText = ""
  /// Type and permissions of what has that name; nil where there is nothing.
  private(set) var found: mode_t?
  private var rest: ArraySlice<ByteText>
  private var links = 0

  init(_ path: ByteText) throws(SystemError) {
    self.path = path
    rest = Self.names(path)[...]
    folder = try checked(clinux_open_place_at(-1, path.hasPrefix("/") ? "/" : "."), "cannot write '\(path)'")
  }

  /// A slash at the end leaves an empty name, which is no file's.
  private static func names(_ path: ByteText) -> [ByteText] {
    let parts = path.split(at: UInt8(ascii: "/"))
    return parts.dropLast().filter { !$0.isEmpty && $0 != "." } + parts.suffix(1)
  }

  func error(_ code: Int32, remedy: String? = nil) -> SystemError {
    SystemError("cannot write '\(path)'", code: code, remedy: remedy)
  }

  /// Goes one name further; false when the last one is found.
  mutating func step() throws(SystemError) -> Bool {
    guard let next = rest.popFirst(), !next.isEmpty, next != "." else { throw error(EISDIR) }
    let isLast = rest.isEmpty
    let place = clinux_open_place_at(folder, next.cString)
    if place == -ENOENT, isLast {
      name = next
      return false
    }
    guard place >= 0 else { throw error(-place) }
    var status = stat()
    guard fstat(place, &status) == 0 else {
      let code = errno
      close(place)
      throw error(code)
    }
    switch status.st_mode & S_IFMT {
    case S_IFLNK:
      defer { close(place) }
      return try follow(place, status, next, isLast)
    case S_IFDIR where !isLast:
      close(folder)
      folder = place
      return true
    default:
      close(place)
      guard isLast else { throw error(ENOTDIR) }
      name = next
      found = status.st_mode
      return false
    }
  }

  /// Puts what a link says in its place; false for a link that cannot be read as a path, which is then the last name.
  private mutating func follow(
    _ link: Int32, _ status: stat, _ next: ByteText, _ isLast: Bool
  ) throws(SystemError) -> Bool {
    guard status.st_uid == 0 || status.st_uid == geteuid() else {
      throw error(ELOOP, remedy: "'\(next)' is a link that user \(status.st_uid) has made; name what it leads to")
    }
    links += 1
    guard links <= 40 else { throw error(ELOOP) }
    if isLast, clinux_is_proc(link) != 0 {
      name = next
      found = status.st_mode
      return false
    }
    var target = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let length = target.withUnsafeMutableBytes { readlinkat(link, "", $0.baseAddress!, $0.count) }
    guard length > 0 else { throw error(length < 0 ? errno : ENOENT) }
    let text = ByteText(target[..<length])
    if text.hasPrefix("/") {
      close(folder)
      folder = -1
      folder = try checked(clinux_open_place_at(-1, "/"), "cannot write '\(path)'")
    }
    rest = (Self.names(text) + rest)[...]
    return true
  }
}
