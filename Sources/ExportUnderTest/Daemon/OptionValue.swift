// What a user wrote, as a tree: `key=value,dotted.key=value` or a JSON object.

/// A value of an option.
enum OptionValue: Equatable, Sendable {
  /// From `key=value`: what it is a sign for depends on who reads it.
  case text(ByteText)
  // From JSON.
  case string(ByteText)
  case integer(Int64)
  /// A whole number beyond `Int64`.
  case unsigned(UInt64)
  /// A number that is no 64-bit integer; finite.
  case number(Double)
  case null
  case bool(Bool)
  case list([OptionValue])
  case object([ByteText: OptionValue])
}

/// A user's mistake, in words that name the option and the word at fault.
struct UsageError: Error, CustomStringConvertible, Equatable {
  let description: String
  init(_ description: String) { self.description = description }
}

extension OptionValue {
  /// The value as JSON, keys in order of their bytes; `pretty` over several lines.
  func json(pretty: Bool = false) -> [UInt8] { JSONWriter.text(self, pretty: pretty) }

  /// Reads an option's value; the first part without `=` belongs to `implied`.
  static func parse(_ words: ByteText, implied: ByteText?) throws(UsageError) -> [ByteText: OptionValue] {
    if words.hasPrefix("{") { return try parseJSON(words) }
    var tree = Branch()
    for (number, part) in split(words).enumerated() {
      var key: ByteText
      let value: ByteText
      if let mark = part.bytes.firstIndex(of: UInt8(ascii: "=")) {
        key = ByteText(part.bytes[..<mark])
        value = ByteText(part.bytes[(mark + 1)...])
      } else if number == 0, let implied {
        key = implied
        value = part
      } else {
        throw UsageError("Expected '=' after parameter '\(part)'")
      }
      key = key.trimmed
      guard !key.isEmpty else { throw UsageError("Expected parameter before '=\(value)'") }
      let path = key.split(at: UInt8(ascii: "."))
      guard path.count <= Branch.maxDepth else {
        throw UsageError("Parameter '\(ByteText(key.bytes.prefix(40)))…' has more than \(Branch.maxDepth) parts")
      }
      try tree.insert(value, at: path[...], key: key)
    }
    guard case .object(let object) = tree.value else {
      throw UsageError("Parameters must have names, not only numbers")
    }
    return object
  }

  /// Splits at commas; two of them are one that belongs to the text.
  private static func split(_ words: ByteText) -> [ByteText] {
    let comma = UInt8(ascii: ",")
    var parts: [ByteText] = []
    var current: [UInt8] = []
    var index = 0
    while index < words.bytes.count {
      let byte = words.bytes[index]
      index += 1
      guard byte == comma else {
        current.append(byte)
        continue
      }
      if index < words.bytes.count, words.bytes[index] == comma {
        current.append(comma)
        index += 1
      } else {
        parts.append(ByteText(current))
        current = []
      }
    }
    if !current.isEmpty || parts.isEmpty { parts.append(ByteText(current)) }
    return parts
  }

  private static func parseJSON(_ words: ByteText) throws(UsageError) -> [ByteText: OptionValue] {
    let value: OptionValue
    do throws(JSONError) {
      value = try JSONReader.value(words.bytes, takesAnyBytes: true)
    } catch {
      throw UsageError("Invalid JSON: \(error.description)")
    }
    guard case .object(let object) = value else { throw UsageError("Expected a JSON object") }
    return object
  }
}

/// The tree while dotted keys are put into it.
private indirect enum Branch {
  case leaf(ByteText)
  case fork([ByteText: Branch])

  /// Parts that a dotted key may have: no option needs more than a few.
  static let maxDepth = 64

  init() { self = .fork([:]) }

  mutating func insert(_ value: ByteText, at path: ArraySlice<ByteText>, key: ByteText) throws(UsageError) {
    guard case .fork(var children) = self, let name = path.first else {
      throw UsageError("Parameters '\(key)' and a shorter form of it exclude each other")
    }
    guard !name.isEmpty else { throw UsageError("Invalid parameter '\(key)'") }
    // Let go of, so that the children are changed in place: many keys would else be copied for each of them.
    self = .leaf("")
    defer { self = .fork(children) }
    if path.count == 1 {
      if case .fork? = children[name] {
        throw UsageError("Parameters '\(key)' and '\(key).*' exclude each other")
      }
      // As in qemu, the last of two equal keys counts.
      children[name] = .leaf(value)
    } else {
      var child = children.removeValue(forKey: name) ?? Branch()
      defer { children[name] = child }
      try child.insert(value, at: path.dropFirst(), key: key)
    }
  }

  /// A fork whose keys are 0, 1, 2 … is a list.
  var value: OptionValue {
    switch self {
    case .leaf(let text): return .text(text)
    case .fork(let children):
      let numbered = (0..<children.count).map { children[ByteText("\($0)")] }
      if !children.isEmpty, !numbered.contains(where: { $0 == nil }) {
        return .list(numbered.map { $0!.value })
      }
      return .object(children.mapValues(\.value))
    }
  }
}
