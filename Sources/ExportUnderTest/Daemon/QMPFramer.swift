// From a control socket's bytes to commands: where one ends and the next begins.

/// Cuts a stream of bytes into JSON objects.
///
/// A command ends where its brackets balance, as in qemu: several may stand on one line, and one may go over several
/// lines. What cannot begin a command is dropped up to the end of its line, and told as one fault.
struct QMPFramer {
  /// What has been found in the stream.
  enum Piece: Equatable {
    /// The bytes of what should be a JSON object.
    case command([UInt8])
    /// What is wrong with bytes that were dropped.
    case fault(String)
  }

  /// Bytes that one command may have.
  static let limit = 1 << 20

  static let badSyntax = "Invalid JSON syntax: a command is an object such as { \"execute\": \"query-version\" }"
  static let tooDeep =
    "Command too deep: it has more than \(JSONReader.maxDepth) levels; it is ignored, to the end of its line at most"
  static let tooLong = "Command too long: it has more than \(limit) bytes; the rest of its line is ignored"

  private var command: [UInt8] = []
  private var depth = 0
  private var isInText = false
  private var isEscaped = false
  private var skipsLine = false
  /// The command was refused, and is passed over until its brackets balance or its line ends.
  private var skipsCommand = false

  /// The pieces that `bytes` complete.
  mutating func take(_ bytes: some Sequence<UInt8>) -> [Piece] {
    var pieces: [Piece] = []
    for byte in bytes {
      if let piece = take(byte) { pieces.append(piece) }
    }
    return pieces
  }

  private mutating func take(_ byte: UInt8) -> Piece? {
    if skipsLine {
      skipsLine = byte != UInt8(ascii: "\n")
      return nil
    }
    // No UTF-8 text has this byte: clients send it to get rid of half a command.
    if byte == 0xff { return drop(Self.badSyntax) }
    if depth == 0 {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n"): return nil
      case UInt8(ascii: "{"), UInt8(ascii: "["): break
      default:
        skipsLine = true
        return drop(Self.badSyntax)
      }
    }
    if skipsCommand {
      if byte == UInt8(ascii: "\n") { return drop(nil) }
    } else {
      guard command.count < Self.limit else {
        skipsLine = byte != UInt8(ascii: "\n")
        return drop(Self.tooLong)
      }
      command.append(byte)
    }
    if isInText {
      // A text that is still open at the line's end would swallow every command that follows.
      return byte == UInt8(ascii: "\n") ? drop(Self.badSyntax) : takeText(byte)
    }
    switch byte {
    case UInt8(ascii: "\""): isInText = true
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      depth += 1
      if depth == JSONReader.maxDepth + 1, !skipsCommand {
        skipsCommand = true
        command = []
        return .fault(Self.tooDeep)
      }
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      depth -= 1
      if depth == 0 {
        defer {
          command = []
          skipsCommand = false
        }
        return skipsCommand ? nil : .command(command)
      }
    default: break
    }
    return nil
  }

  private mutating func takeText(_ byte: UInt8) -> Piece? {
    if isEscaped {
      isEscaped = false
    } else if byte == UInt8(ascii: "\\") {
      isEscaped = true
    } else if byte == UInt8(ascii: "\"") {
      isInText = false
    }
    return nil
  }

  private mutating func drop(_ fault: String?) -> Piece? {
    command = []
    depth = 0
    isInText = false
    isEscaped = false
    skipsCommand = false
    return fault.map { .fault($0) }
  }
}
