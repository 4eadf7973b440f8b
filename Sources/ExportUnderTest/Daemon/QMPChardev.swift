// Where a control socket's bytes come from and go to: what `--chardev` makes.

import CLinux
import Glibc

/// A unix socket, listening or connected, or this process's standard input and output.
final class QMPChardev {
  let id: ByteText
  /// Whether another client may come after this one.
  var listens: Bool { listener >= 0 }
  let isStandardIO: Bool
  /// Where a client's bytes come from; -1 without a client.
  private(set) var input: Int32 = -1
  /// Where a client's bytes go; -1 without a client.
  private(set) var output: Int32 = -1
  /// The socket that takes clients; -1 where there is none.
  private(set) var listener: Int32 = -1
  /// The listener's file, and which file it was: a later server may have put its own there.
  private var file: (path: ByteText, device: dev_t, inode: ino_t)?

  /// Opens what `options` say.
  /// - Parameter wait: called with the listener when `wait=on`; returns when it has a client, or throws.
  init(_ options: [ByteText: OptionValue], wait: (Int32) throws -> Void) throws {
    var reader = OptionReader(options)
    let backend = try reader.requiredText("backend")
    id = try reader.requiredText("id")
    guard Identifier.isWellFormed(id) else { throw UsageError("Parameter 'id' expects an identifier, not '\(id)'") }
    isStandardIO = backend == "stdio"
    switch backend {
    case "stdio":
      try reader.end()
      (input, output) = (0, 1)
    case "socket":
      let path = try reader.requiredText("path")
      let isServer = try reader.bool("server", default: false)
      let waitWord = reader.value("wait")
      let waits = try waitWord.map { try Self.flag($0, "wait") } ?? true
      try reader.end()
      guard isServer || waitWord == nil else {
        throw UsageError("'wait' option is incompatible with socket in client connect mode")
      }
      if isServer {
        try listen(path)
        if waits {
          try wait(listener)
          accept()
        }
      } else {
        try connect(path)
      }
    default: throw UsageError("Parameter 'backend' does not accept value '\(backend)'")
    }
  }

  private static func flag(_ value: OptionValue, _ key: ByteText) throws -> Bool {
    var reader = OptionReader([key: value])
    return try reader.bool(key, default: true)
  }

  deinit {
    hangUp()
    if listener >= 0 { close(listener) }
    guard let file else { return }
    var status = stat()
    if lstat(file.path.cString, &status) == 0, status.st_dev == file.device, status.st_ino == file.inode {
      unlink(file.path.cString)
    }
  }

  // MARK: Making sockets

  private func listen(_ path: ByteText) throws {
    // Through no link of another user, neither on the way nor at its end.
    _ = try Self.call(path) { _, _ in 0 }
    _ = try OutputPlace(path)
    try Self.clear(path)
    let fd = try Self.socket()
    do {
      try Self.bind(fd, path)
    } catch {
      close(fd)
      throw error
    }
    listener = fd
    var status = stat()
    if lstat(path.cString, &status) == 0 { file = (path, status.st_dev, status.st_ino) }
  }

  /// Makes the socket's file; where the path is short enough under another name, so that whoever finds it can connect.
  private static func bind(_ fd: Int32, _ path: ByteText) throws {
    let folder = path.bytes.lastIndex(of: UInt8(ascii: "/")).map { path.bytes[...$0] } ?? []
    let temporary = ByteText(folder + Array(".fusebench.\(getpid()).\(fd)".utf8))
    let isAuxiliaryPath = temporary.bytes.count < maxPath
    let first = isAuxiliaryPath ? temporary : path
    guard try call(first, { Glibc.bind(fd, $0, $1) }) == 0 else {
      throw SystemError("Failed to bind socket to '\(path)'", code: errno)
    }
    guard Glibc.listen(fd, 1) == 0, !isAuxiliaryPath || rename(temporary.cString, path.cString) == 0 else {
      let code = errno
      unlink(first.cString)
      throw SystemError("Failed to bind socket to '\(path)'", code: code)
    }
  }

  /// Removes the socket that a killed process has left at `path`; one that is listened to stays.
  private static func clear(_ path: ByteText) throws {
    var status = stat()
    guard lstat(path.cString, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw UsageError("Failed to bind socket to '\(path)': the file is no socket; remove it or choose another path")
    }
    let probe = try socket()
    defer { close(probe) }
    guard try call(path, { Glibc.connect(probe, $0, $1) }) != 0, errno == ECONNREFUSED else {
      throw UsageError("Failed to bind socket to '\(path)': another process listens there")
    }
    unlink(path.cString)
  }

  private func connect(_ path: ByteText) throws {
    let fd = try Self.socket()
    do {
      guard try Self.call(path, { Glibc.connect(fd, $0, $1) }) == 0 else {
        throw SystemError(
          "Failed to connect to '\(path)'", code: errno, remedy: "server=on makes the socket instead of using it")
      }
    } catch {
      close(fd)
      throw error
    }
    (input, output) = (fd, fd)
  }

  private static func socket() throws(SystemError) -> Int32 {
    let fd = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard fd >= 0 else { throw SystemError("cannot make a socket", code: errno) }
    return fd
  }

  /// Bytes that a socket's path may have, its end not counted.
  private static let maxPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

  /// Calls `action` with the address of `path`.
  private static func call(
    _ path: ByteText, _ action: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(UsageError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.bytes.count < maxPath, !path.isEmpty else {
      throw UsageError("UNIX socket path '\(path)' must have from 1 to \(maxPath - 1) bytes")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.bytes) }
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { action($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
    }
  }

  // MARK: A client

  /// Takes the client that waits; false when there is none.
  @discardableResult
  func accept() -> Bool {
    let fd = clinux_accept(listener)
    guard fd >= 0 else { return false }
    (input, output) = (fd, fd)
    return true
  }

  /// Forgets the client.
  func hangUp() {
    // Standard input and output stay the process's own: their numbers must not go to other files.
    if input >= 0 && !isStandardIO { close(input) }
    (input, output) = (-1, -1)
  }

  /// What can be read or written without waiting.
  enum Transfer {
    case bytes(Int)
    case nothingNow
    case ended
  }

  /// Reads what is there; call it only when poll(2) says that something is.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    Self.transfer(Glibc.read(input, buffer.baseAddress, buffer.count))
  }

  /// Writes what goes out without waiting.
  func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    guard isStandardIO else { return Self.transfer(Glibc.write(output, bytes.baseAddress, bytes.count)) }
    // Standard output may be shared with other processes, so that it is not set non-blocking: a pipe that poll(2)
    // calls writable takes this much.
    var request = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    guard poll(&request, 1, 0) > 0 else { return .nothingNow }
    return Self.transfer(Glibc.write(output, bytes.baseAddress, min(bytes.count, 4096)))
  }

  private static func transfer(_ count: Int) -> Transfer {
    if count > 0 { return .bytes(count) }
    if count < 0 && (errno == EAGAIN || errno == EINTR) { return .nothingNow }
    return .ended
  }
}
