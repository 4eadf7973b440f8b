// How one process hands a live export to another: a conversation of four messages over a unix socket.
//
//   taker: take      the giver reads no more requests, and answers those that it has
//   giver: fd        the connection's descriptor goes beside it
//   taker: ready     everything but the first read is done; the giver lets go of all that it has
//   giver: go        the taker reads the first request
//
// Whoever sees the other one end before `ready` has changed nothing: the giver serves on. Once the giver has been told
// `ready`, its end means the same as `go`.

import CLinux
import Glibc

/// One end of the conversation. Its messages are a version, a word, and what belongs to the word.
final class HandoverChannel: Sendable {
  private static let version: ByteText = "fusebench-handover-1"
  private let socket: Int32

  /// Takes `socket` over.
  init(_ socket: Int32) { self.socket = socket }

  deinit { close(socket) }

  /// What the other end can say.
  enum Message: Equatable {
    case take
    /// Open files of clients.
    case device(opened: UInt64)
    case ready
    case go
    /// Why it does not happen.
    case refused(ByteText)
    /// The other end is gone, or was silent for too long.
    case end

    fileprivate var text: ByteText {
      switch self {
      case .take: "take"
      case .device(let opened): "fd opened=\(opened)"
      case .ready: "ready"
      case .go: "go"
      case .refused(let reason): ByteText(Array("refused ".utf8) + reason.bytes)
      case .end: ""
      }
    }

    /// Nil when the text is none of ours.
    init?(_ bytes: [UInt8]) {
      let text = ByteText(bytes)
      let prefix = ByteText(HandoverChannel.version.bytes + [UInt8(ascii: " ")])
      guard text.hasPrefix(prefix) else { return nil }
      let rest = ByteText(text.bytes.dropFirst(prefix.bytes.count))
      let opened: ByteText = "fd opened="
      let refused: ByteText = "refused "
      switch rest {
      case "take": self = .take
      case "ready": self = .ready
      case "go": self = .go
      default:
        if rest.hasPrefix(opened), let count = ByteText(rest.bytes.dropFirst(opened.bytes.count)).decimal {
          self = .device(opened: count)
        } else if rest.hasPrefix(refused) {
          self = .refused(ByteText(rest.bytes.dropFirst(refused.bytes.count)))
        } else {
          return nil
        }
      }
    }
  }

  /// Says `message`; false when nobody hears it.
  @discardableResult
  func say(_ message: Message, fd: Int32 = -1) -> Bool {
    let bytes = Self.version.bytes + [UInt8(ascii: " ")] + message.text.bytes
    return clinux_send_message(socket, bytes, UInt32(clamping: bytes.count), fd) == Int32(clamping: bytes.count)
  }

  /// What the other end says next, and the descriptor beside it or -1; waits up to `milliseconds` (-1: for ever).
  func hear(milliseconds: Int32) -> (Message, fd: Int32) {
    var request = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    var count: Int32
    repeat { count = poll(&request, 1, milliseconds) } while count < 0 && errno == EINTR
    guard count > 0 else { return (.end, -1) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    var fd: Int32 = -1
    let length = clinux_receive_message(socket, &bytes, UInt32(bytes.count), &fd)
    guard length > 0 else { return (.end, fd) }
    guard let message = Message(Array(bytes[..<Int(length)])) else {
      return (.refused("it speaks another version of the hand-over"), fd)
    }
    return (message, fd)
  }

  /// Whether the other process may take what this one has: root's and one's own.
  var isTrusted: Bool {
    let user = clinux_peer_user(socket)
    return user == 0 || user == Int64(geteuid())
  }
}

/// What an export is taken over from.
enum AdoptionSource: Equatable, Sendable {
  /// A process that listens at `handover=PATH`.
  case socket(ByteText)
  /// A descriptor of the connection that this process was started with.
  case descriptor(Int32)
}

/// An export's descriptor on its way from another process.
final class Adoption {
  let fd: Int32
  /// Open files of clients; nil where nobody can tell.
  let opened: UInt64?
  /// Nil where the process before is gone.
  private let giver: HandoverChannel?
  private static let patience: Int32 = 30_000

  /// Gets the descriptor. From here to `commit` nobody reads requests.
  /// - Throws: why there is none.
  init(_ source: AdoptionSource) throws {
    switch source {
    case .descriptor(let number):
      guard FuseDevice.isDevice(number) else {
        throw StartError(description: "adopt-fd=\(number): descriptor \(number) is no open /dev/fuse")
      }
      (fd, opened, giver) = (number, nil, nil)
    case .socket(let path):
      let channel = HandoverChannel(
        try UnixSocket.connect(
          path, kind: SOCK_SEQPACKET, remedy: "the process to take over from listens at its handover=PATH"))
      guard channel.isTrusted else {
        throw StartError(description: "adopt=\(path): another user's process listens there")
      }
      channel.say(.take)
      let (message, received) = channel.hear(milliseconds: Self.patience)
      guard case .device(let count) = message, received >= 0, FuseDevice.isDevice(received) else {
        if received >= 0 { close(received) }
        let reason = if case .refused(let why) = message { "\(why)" } else { "it did not hand its export over" }
        throw StartError(description: "adopt=\(path): \(reason)")
      }
      (fd, opened) = (received, count)
      giver = channel
    }
  }

  /// Makes this process the only one that serves, and has the kernel send again what the one before left unanswered.
  ///
  /// After this the giver has let go, whatever becomes of this process.
  func commit() throws {
    switch giver {
    case let channel?:
      guard channel.say(.ready) else {
        throw StartError(description: "the process to take over from ended, or took its export back")
      }
      // No limit: until it says so, or ends, it may still hold the connection.
      _ = channel.hear(milliseconds: -1)
      do {
        try FuseDevice.resend(fd)
      } catch {
        // It has answered all that it had read: there is nothing to be sent again.
        guard error.code == EINVAL else { throw error }
      }
    case nil:
      do {
        try FuseDevice.resend(fd)
      } catch {
        // Linux 7.2 takes no notification before INIT is answered: nobody has served then, and nothing is to be sent
        // again. A kernel that tells a descriptor's connection (6.17) is no old one, which knows no such message.
        guard error.code == EINVAL, FuseDevice.connection(of: fd) != nil else { throw error }
      }
    }
  }
}
