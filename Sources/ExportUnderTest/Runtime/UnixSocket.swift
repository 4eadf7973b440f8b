// Unix sockets by their path: listening, whose file ends with them, and connected.

import CLinux
import Glibc

/// Ways to make a unix socket. They do not wait, and programs that this one starts do not get them.
enum UnixSocket {
  /// Connects to whoever listens at `path`.
  /// - Parameters:
  ///   - kind: SOCK_STREAM or SOCK_SEQPACKET.
  ///   - remedy: what to do where nobody listens.
  static func connect(_ path: ByteText, kind: __socket_type, remedy: String) throws -> Int32 {
    let fd = try make(kind)
    do {
      guard try call(path, { Glibc.connect(fd, $0, $1) }) == 0 else {
        throw SystemError("Failed to connect to '\(path)'", code: errno, remedy: remedy)
      }
    } catch {
      close(fd)
      throw error
    }
    return fd
  }

  fileprivate static func make(_ kind: __socket_type) throws(SystemError) -> Int32 {
    let fd = socket(AF_UNIX, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard fd >= 0 else { throw SystemError("cannot make a socket", code: errno) }
    return fd
  }

  /// Bytes that a socket's path may have, its end not counted.
  fileprivate static let maxPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

  /// Calls `action` with the address of `path`.
  fileprivate static func call(
    _ path: ByteText, _ action: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(StartError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.bytes.count < maxPath, !path.isEmpty else {
      throw StartError(description: "UNIX socket path '\(path)' must have from 1 to \(maxPath - 1) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.bytes) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { action($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }
}

/// A listening socket, and its file as long as nobody has put another there.
final class UnixListener: Sendable {
  let fd: Int32
  private let path: ByteText
  private let device: dev_t
  private let inode: ino_t

  /// Listens at `path`. What a killed process has left there goes; one that is listened to stays.
  init(_ path: ByteText, kind: __socket_type) throws {
    // Through no link of another user, neither on the way nor at its end.
    _ = try UnixSocket.call(path) { _, _ in 0 }
    _ = try OutputPlace(path)
    try Self.clear(path, kind)
    let fd = try UnixSocket.make(kind)
    do {
      try Self.bind(fd, path)
    } catch {
      close(fd)
      throw error
    }
    var status = stat()
    let isThere = lstat(path.cString, &status) == 0
    self.fd = fd
    self.path = path
    (device, inode) = isThere ? (status.st_dev, status.st_ino) : (0, 0)
  }

  deinit {
    close(fd)
    var status = stat()
    if lstat(path.cString, &status) == 0, status.st_dev == device, status.st_ino == inode { unlink(path.cString) }
  }

  /// Makes the socket's file; where the path is short enough under another name, so that whoever finds it can connect.
  private static func bind(_ fd: Int32, _ path: ByteText) throws {
    let folder = path.bytes.lastIndex(of: UInt8(ascii: "/")).map { path.bytes[...$0] } ?? []
    let temporary = ByteText(folder + Array(".fusebench.\(getpid()).\(fd)".utf8))
    let isAuxiliaryPath = temporary.bytes.count < UnixSocket.maxPath
    let first = isAuxiliaryPath ? temporary : path
    guard try UnixSocket.call(first, { Glibc.bind(fd, $0, $1) }) == 0 else {
      throw SystemError("Failed to bind socket to '\(path)'", code: errno)
    }
    guard Glibc.listen(fd, 1) == 0, !isAuxiliaryPath || rename(temporary.cString, path.cString) == 0 else {
      let code = errno
      unlink(first.cString)
      throw SystemError("Failed to bind socket to '\(path)'", code: code)
    }
  }

  private static func clear(_ path: ByteText, _ kind: __socket_type) throws {
    var status = stat()
    guard lstat(path.cString, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw StartError(
        description: "Failed to bind socket to '\(path)': the file is no socket; remove it or choose another path")
    }
    let probe = try UnixSocket.make(kind)
    defer { close(probe) }
    // A socket of the other kind answers EPROTOTYPE.
    guard try UnixSocket.call(path, { Glibc.connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
      throw StartError(description: "Failed to bind socket to '\(path)': another process listens there")
    }
    unlink(path.cString)
  }
}
