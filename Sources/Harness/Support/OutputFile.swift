// The one way by which the harness writes a file that a person or a program names: whole or not at all.

internal import Glibc

/// A file that cannot be written; one line that names it, the reason and the way out.
package struct OutputError: Error, Equatable, CustomStringConvertible {
  /// The file, as it was named.
  package let file: String
  /// Why it cannot be written, and the way out.
  package let message: String

  /// `FILE: message`.
  package var description: String { "\(file): \(message)" }
}

/// Writes files that have a name.
///
/// A regular file is replaced by rename(2), so that its reader finds the old bytes or the new ones. A device node or a
/// FIFO is written to: to replace /dev/null would break the machine. A symbolic link of the caller (or of root) is
/// followed and its target replaced; one of another user could lead anywhere and is refused.
package enum OutputFile {
  /// Links are followed this far, as the kernel does (MAXSYMLINKS in include/linux/namei.h).
  private static let maxLinks = 40
  /// Seconds that a FIFO may be without a reader.
  private static let patience = 10.0

  /// Puts the bytes of `text` into `path`.
  /// - Throws: `OutputError`; the file then holds what it held before, unless it is a device or a FIFO.
  package static func write(_ text: String, to path: String) throws(OutputError) {
    try write(Array(text.utf8), to: path)
  }

  /// Puts `bytes` into `path`.
  /// - Throws: `OutputError`; the file then holds what it held before, unless it is a device or a FIFO.
  package static func write(_ bytes: [UInt8], to path: String) throws(OutputError) {
    switch try place(of: path) {
    case .file(let place, let facts): try replace(place, with: bytes, facts: facts, named: path)
    case .stream(let place): try pour(bytes, into: place, named: path)
    case .descriptor(let number):
      // Where the descriptor stands: opened again, a file that stdout goes to would be written from its start.
      fflush(nil)
      let fault = put(bytes, into: number)
      guard fault == 0 else { throw failure(path, fault) }
    }
  }

  /// Looks whether `path` can be written, and changes nothing: before work whose result is to go there. Nil is no file.
  /// - Throws: `OutputError` as `write` would.
  package static func check(_ path: String?) throws(OutputError) {
    guard let path else { return }
    switch try place(of: path) {
    case .file(let place, _):
      // A draft tells more than permissions do: root has them all, also where nothing can be made.
      let (draft, descriptor) = try self.draft(beside: place, named: path)
      close(descriptor)
      unlink(draft)
    case .stream(let place):
      guard access(place, W_OK) == 0 else { throw failure(path, errno) }
    case .descriptor(let number):
      let flags = fcntl(number, F_GETFL)
      guard flags >= 0, flags & O_ACCMODE != O_RDONLY else { throw failure(path, EBADF) }
    }
  }

  /// Where what is written to a path goes.
  private enum Place {
    /// A regular file, or none yet, at this path; what is there now.
    case file(String, facts: stat?)
    /// A device or a FIFO.
    case stream(String)
    /// What a link of /proc stands for.
    case descriptor(CInt)
  }

  private static func place(of path: String) throws(OutputError) -> Place {
    var place = path
    for _ in 0...maxLinks {
      var facts = stat()
      guard lstat(place, &facts) == 0 else {
        guard errno == ENOENT else { throw failure(path, errno) }
        guard !place.isEmpty, place.utf8.last != UInt8(ascii: "/") else {
          throw OutputError(file: path, message: "is no name of a file; name one")
        }
        return .file(place, facts: nil)
      }
      switch facts.st_mode & S_IFMT {
      case S_IFREG: return .file(place, facts: facts)
      case S_IFCHR, S_IFBLK, S_IFIFO: return .stream(place)
      case S_IFDIR: throw OutputError(file: path, message: "is a folder; name a file")
      case S_IFLNK:
        if isOfProcess(place) {
          guard let number = place.split(separator: "/").last.flatMap({ CInt($0) }) else { throw failure(path, EINVAL) }
          return .descriptor(number)
        }
        guard FileOwner.isTrusted(facts.st_uid) else {
          throw OutputError(
            file: path, message: "is a link of another user (uid \(facts.st_uid)) and not followed; name a file")
        }
        place = try target(of: place, named: path)
      default: throw OutputError(file: path, message: "is a socket; name a file")
      }
    }
    throw failure(path, ELOOP)
  }

  // MARK: Regular files

  /// Writes a draft beside `path` and renames it over it. `facts` are those of the file that is there.
  private static func replace(
    _ path: String, with bytes: [UInt8], facts: stat?, named name: String
  ) throws(OutputError) {
    let (draft, descriptor) = try draft(beside: path, named: name)
    var fault = put(bytes, into: descriptor)
    if fault == 0, let facts { fault = keep(facts, of: descriptor) }
    // Without the flush the rename could reach the disk before the bytes do.
    if fault == 0, fsync(descriptor) != 0 { fault = errno }
    if close(descriptor) != 0, fault == 0 { fault = errno }
    if fault == 0, rename(draft, path) != 0 { fault = errno }
    guard fault == 0 else {
      unlink(draft)
      throw failure(name, fault)
    }
  }

  /// A new file in the folder of `path`, open for writing.
  private static func draft(beside path: String, named name: String) throws(OutputError) -> (String, CInt) {
    let draft = "\(folder(of: path))/.fusebench-\(getpid())-\(UInt64.random(in: 0 ... .max))"
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure(name, errno) }
    return (draft, descriptor)
  }

  /// Gives a draft the mode and, for root, the owner of the file that it replaces; 0, or the errno.
  private static func keep(_ facts: stat, of descriptor: CInt) -> CInt {
    if geteuid() == 0, fchown(descriptor, facts.st_uid, facts.st_gid) != 0 { return errno }
    return fchmod(descriptor, facts.st_mode & 0o7777) == 0 ? 0 : errno
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  // MARK: What is no regular file

  private static func pour(_ bytes: [UInt8], into path: String, named name: String) throws(OutputError) {
    let descriptor = try opened(path, named: name)
    // Without a reader a FIFO cannot be opened without waiting; once open it may wait for room.
    let flags = fcntl(descriptor, F_GETFL)
    if flags >= 0 { _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK) }
    var fault = put(bytes, into: descriptor)
    if close(descriptor) != 0, fault == 0 { fault = errno }
    guard fault == 0 else { throw failure(name, fault) }
  }

  private static func opened(_ path: String, named name: String) throws(OutputError) -> CInt {
    let began = ContinuousClock.now
    while true {
      let descriptor = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
      if descriptor >= 0 { return descriptor }
      guard errno == ENXIO || errno == EINTR else { throw failure(name, errno) }
      guard began.secondsAgo < patience else {
        throw OutputError(file: name, message: "cannot be written: nobody reads from it; start its reader first")
      }
      usleep(20_000)
    }
  }

  /// Whether `path` is a link of /proc that stands for an open descriptor, as /dev/stdout and /dev/fd/63 lead to.
  private static func isOfProcess(_ path: String) -> Bool {
    guard let folder = realpath(folder(of: path), nil) else { return false }
    defer { free(folder) }
    return strncmp(folder, "/proc/", 6) == 0
  }

  private static func target(of link: String, named name: String) throws(OutputError) -> String {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes { readlink(link, $0.baseAddress!, $0.count) }
    guard count >= 0 else { throw failure(name, errno) }
    let target = String(decoding: bytes[..<count], as: UTF8.self)
    return target.utf8.first == UInt8(ascii: "/") ? target : "\(folder(of: link))/\(target)"
  }

  // MARK: Bytes

  /// Writes all of `bytes`; 0, or the errno of what went wrong.
  private static func put(_ bytes: [UInt8], into descriptor: CInt) -> CInt {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count > 0 { written += count } else if count == 0 { return ENOSPC } else if errno != EINTR { return errno }
    }
    return 0
  }

  static func failure(_ path: String, _ fault: CInt) -> OutputError {
    switch fault {
    case ENOSPC, EDQUOT:
      OutputError(file: path, message: "the disk is full; make room, what was written before is whole")
    default: OutputError(file: path, message: "cannot be written: \(String(cString: strerror(fault)))")
    }
  }
}
