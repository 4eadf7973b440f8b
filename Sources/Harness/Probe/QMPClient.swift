// The control client of scenarios: sends QMP commands to a unix socket, prints replies and events. It runs in a child
// process, as probes do: it may wait, the harness may not.

package import Foundation
import Glibc

/// The server did not answer as it should.
package struct QMPError: Error, CustomStringConvertible {
  /// What is wrong, in one line.
  package let description: String
}

/// A connection to a control socket.
package struct QMPClient {
  private let descriptor: CInt
  /// How long one reply or event may take, in milliseconds.
  private let patience: Int
  private var unread: [UInt8] = []
  /// Bytes of a message; a server that sends more without a line end is none.
  private static let longest = 4 << 20

  /// Connects to the socket at `path`; `patience` is how many seconds one reply or event may take.
  /// - Throws: `QMPError` if nobody listens there.
  package init(path: String, patience: Double = 10) throws {
    self.patience = Int(patience * 1000)
    descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw QMPError(description: "the path '\(path)' is too long for a socket")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let outcome = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard outcome == 0 else {
      throw QMPError(description: "cannot connect to '\(path)': \(String(cString: strerror(errno)))")
    }
  }

  /// Ends the connection.
  package func end() { close(descriptor) }

  /// Negotiates, then takes `lines` one by one, each after the reply to the one before.
  ///
  /// A line is a command's name with or without its arguments as JSON, a whole command as JSON, or `wait EVENT`.
  /// - Throws: `QMPError` if the server closes early or does not answer in time.
  package mutating func converse(_ lines: [String], _ show: (String) -> Void) throws {
    _ = try message(for: "the greeting")
    try send(#"{"execute": "qmp_capabilities"}"#)
    _ = try message(for: "qmp_capabilities")
    for line in lines {
      if line.begins(with: "wait ") {
        let name = String(line.dropFirst(5))
        while true {
          let next = try message(for: name)
          show(Self.text(next))
          if next["event"] as? String == name { break }
        }
        continue
      }
      try send(Self.command(line))
      while true {
        let next = try message(for: line)
        show(Self.text(next))
        if next["event"] == nil { break }
      }
    }
  }

  /// Sends `bytes` as they are, closes its own half, and shows all that comes until the server closes.
  /// - Throws: `QMPError` if the server does not close in time.
  package mutating func sendRaw(_ bytes: Data, _ show: (String) -> Void) throws {
    var rest = [UInt8](bytes)[...]
    // Both ways at once: a server that waits until its replies are read reads no commands meanwhile.
    while !rest.isEmpty {
      var request = pollfd(fd: descriptor, events: Int16(POLLIN | POLLOUT), revents: 0)
      guard poll(&request, 1, CInt(patience)) > 0 else {
        throw QMPError(description: "nothing was taken within \(patience / 1000) s")
      }
      if request.revents & Int16(POLLIN) != 0, !receive() { break }
      guard request.revents & Int16(POLLOUT) != 0 else { continue }
      let flags = CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT)
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
      guard count > 0 || errno == EAGAIN else { break }
      rest = rest.dropFirst(max(0, count))
    }
    shutdown(descriptor, CInt(SHUT_WR))
    try listen(show)
  }

  /// Sends `bytes` and reads nothing; returns when the server has taken them all.
  /// - Throws: `QMPError` if the server closes before.
  package func sendWithoutReading(_ bytes: Data) throws { try send([UInt8](bytes)) }

  /// Shows the greeting and whatever comes after it, until the server closes.
  /// - Throws: `QMPError` if the server does not close in time.
  package mutating func listen(_ show: (String) -> Void) throws {
    while let next = try nextMessage(for: "the end") { show(Self.text(next)) }
  }

  private static func command(_ line: String) -> String {
    guard !line.begins(with: "{"), !line.begins(with: "[") else { return line }
    let parts = line.fields(" ", atMost: 2)
    let arguments = parts.count > 1 ? #", "arguments": "# + parts[1] : ""
    return #"{"execute": "\#(parts.first ?? "")"\#(arguments)}"#
  }

  /// The message with its keys in order, and without what differs from run to run: times and versions.
  private static func text(_ message: [String: Any]) -> String {
    var message = message
    if message["timestamp"] != nil { message["timestamp"] = "TIME" }
    if var greeting = message["QMP"] as? [String: Any] {
      greeting["version"] = "VERSION"
      message["QMP"] = greeting
    }
    let data = try? JSONSerialization.data(
      withJSONObject: message, options: [.sortedKeys, .withoutEscapingSlashes])
    return data.map { ByteText($0).shown } ?? "\(message)"
  }

  // MARK: Bytes

  private func send(_ line: String) throws { try send([UInt8](line.utf8) + [10]) }

  private func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
      guard count > 0 else { throw QMPError(description: "the server closed the connection") }
      rest = rest.dropFirst(count)
    }
  }

  private mutating func message(for what: String) throws -> [String: Any] {
    guard let found = try nextMessage(for: what) else {
      throw QMPError(description: "the server closed the connection before it answered '\(what)'")
    }
    return found
  }

  /// The next line as JSON; nil at the end of the stream.
  private mutating func nextMessage(for what: String) throws -> [String: Any]? {
    while true {
      if let end = unread.firstIndex(of: 10) {
        let line = Data(unread[..<end])
        unread.removeFirst(end + 1)
        guard let message = try? OutsideJSON.object(in: line) else {
          throw QMPError(description: "no JSON object: \(ByteText(line).shown(atMost: 500))")
        }
        return message
      }
      guard unread.count <= Self.longest else {
        throw QMPError(description: "a message is longer than \(Self.longest) bytes, waiting for '\(what)'")
      }
      var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard poll(&request, 1, CInt(patience)) > 0 else {
        throw QMPError(description: "nothing came within \(patience / 1000) s, waiting for '\(what)'")
      }
      guard receive() else { return nil }
    }
  }

  /// Reads what is there; false at the end of the stream.
  private mutating func receive() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    let count = read(descriptor, &buffer, buffer.count)
    // A server that ends with input unread resets the connection: that is an end too.
    guard count > 0 else { return false }
    unread += buffer[..<count]
    return true
  }
}
