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
  private var server: UnixListener?
  /// The socket that takes clients; -1 where there is none.
  var listener: Int32 { server?.fd ?? -1 }

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
        server = try UnixListener(path, kind: SOCK_STREAM)
        if waits {
          try wait(listener)
          accept()
        }
      } else {
        let fd = try UnixSocket.connect(
          path, kind: SOCK_STREAM, remedy: "server=on makes the socket instead of using it")
        (input, output) = (fd, fd)
      }
    default: throw UsageError("Parameter 'backend' does not accept value '\(backend)'")
    }
  }

  private static func flag(_ value: OptionValue, _ key: ByteText) throws -> Bool {
    var reader = OptionReader([key: value])
    return try reader.bool(key, default: true)
  }

  deinit { hangUp() }

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
