// One client's conversation over a control socket: negotiation, commands, replies. Values in, values out.

/// Why a command was refused, as a reply tells it.
struct QMPError: Error {
  enum Kind: String {
    case generic = "GenericError"
    case commandNotFound = "CommandNotFound"
  }

  let kind: Kind
  let description: String
}

/// The protocol's state with one client.
struct QMPSession {
  typealias Execution = (_ name: ByteText, _ arguments: [ByteText: OptionValue]) throws -> OptionValue

  /// Whether the client has left negotiation; before, it gets no events.
  private(set) var isNegotiated = false

  /// The reply to `piece`; `execute` does what is asked once the client has negotiated.
  mutating func answer(_ piece: QMPFramer.Piece, _ execute: Execution) -> OptionValue {
    var id: OptionValue?
    var reply: [ByteText: OptionValue]
    do {
      let text: [UInt8]
      switch piece {
      case .command(let bytes): text = bytes
      case .fault(let why): throw QMPError(kind: .generic, description: why)
      }
      guard let value = try? JSONReader.value(text) else {
        throw QMPError(kind: .generic, description: QMPFramer.badSyntax)
      }
      guard case .object(var members) = value else {
        throw QMPError(kind: .generic, description: "QMP input must be a JSON object")
      }
      id = members.removeValue(forKey: "id")
      reply = ["return": try run(members, execute)]
    } catch let error as QMPError {
      reply = Self.failure(error.kind, error.description)
    } catch {
      reply = Self.failure(.generic, "\(error)")
    }
    reply["id"] = id
    return .object(reply)
  }

  private mutating func run(_ members: [ByteText: OptionValue], _ execute: Execution) throws -> OptionValue {
    let (name, arguments) = try Self.command(members)
    guard isNegotiated else {
      guard name == "qmp_capabilities" else {
        throw QMPError(
          kind: .commandNotFound, description: "Expecting capabilities negotiation with 'qmp_capabilities'")
      }
      var reader = OptionReader(arguments)
      if case .list(let wanted)? = reader.value("enable"), let first = wanted.first {
        guard case .string(let capability) = first else {
          throw UsageError("Invalid parameter type for 'enable', expected: a list of names")
        }
        throw UsageError("Capability '\(capability)' is not offered")
      }
      try reader.end()
      isNegotiated = true
      return .object([:])
    }
    guard name != "qmp_capabilities" else {
      throw QMPError(
        kind: .commandNotFound, description: "Capabilities negotiation is already complete, command ignored")
    }
    return try execute(name, arguments)
  }

  private static func command(_ members: [ByteText: OptionValue]) throws -> (ByteText, [ByteText: OptionValue]) {
    var members = members
    let name = members.removeValue(forKey: "execute")
    let arguments = members.removeValue(forKey: "arguments")
    if let key = members.keys.min() { throw UsageError("QMP input member '\(key)' is unexpected") }
    guard let name else { throw UsageError("QMP input lacks member 'execute'") }
    guard case .string(let text) = name else { throw UsageError("QMP input member 'execute' must be a string") }
    switch arguments {
    case nil: return (text, [:])
    case .object(let object)?: return (text, object)
    default: throw UsageError("QMP input member 'arguments' must be an object")
    }
  }

  private static func failure(_ kind: QMPError.Kind, _ description: String) -> [ByteText: OptionValue] {
    ["error": .object(["class": .string(ByteText(kind.rawValue)), "desc": .string(ByteText(description))])]
  }
}
