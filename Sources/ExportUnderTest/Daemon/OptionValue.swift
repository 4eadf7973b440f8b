// What a user wrote, as a tree: `key=value,dotted.key=value` or a JSON object.

import FoundationEssentials

/// A value of an option.
enum OptionValue: Equatable, Sendable {
  /// From `key=value`: what it is a sign for depends on who reads it.
  case text(String)
  // From JSON.
  case string(String)
  case integer(Int64)
  /// A number that is no 64-bit integer.
  case number(Double)
  case null
  case bool(Bool)
  case list([OptionValue])
  case object([String: OptionValue])
}

/// A user's mistake, in words that name the option and the word at fault.
struct UsageError: Error, CustomStringConvertible, Equatable {
  let description: String
  init(_ description: String) { self.description = description }
}

extension OptionValue {
  /// Reads an option's value; the first part without `=` belongs to `implied`.
  static func parse(_ words: String, implied: String?) throws(UsageError) -> [String: OptionValue] {
    if words.hasPrefix("{") { return try parseJSON(words) }
    var tree = Branch()
    for (number, part) in split(words).enumerated() {
      var key: String
      let value: String
      if let mark = part.firstIndex(of: "=") {
        key = String(part[..<mark])
        value = String(part[part.index(after: mark)...])
      } else if number == 0, let implied {
        key = implied
        value = part
      } else {
        throw UsageError("Expected '=' after parameter '\(part)'")
      }
      key = key.trimmed
      guard !key.isEmpty else { throw UsageError("Expected parameter before '=\(value)'") }
      try tree.insert(value, at: key.split(separator: ".", omittingEmptySubsequences: false).map(String.init), key: key)
    }
    guard case .object(let object) = tree.value else {
      throw UsageError("Parameters must have names, not only numbers")
    }
    return object
  }

  /// Splits at commas; two of them are one that belongs to the text.
  private static func split(_ words: String) -> [String] {
    var parts: [String] = []
    var current = ""
    var rest = words[...]
    while let character = rest.popFirst() {
      if character == "," {
        if rest.first == "," {
          current.append(rest.removeFirst())
        } else {
          parts.append(current)
          current = ""
        }
      } else {
        current.append(character)
      }
    }
    if !current.isEmpty || parts.isEmpty { parts.append(current) }
    return parts
  }

  private static func parseJSON(_ words: String) throws(UsageError) -> [String: OptionValue] {
    let value: OptionValue
    do {
      value = try JSONDecoder().decode(OptionValue.self, from: Data(words.utf8))
    } catch {
      throw UsageError("Invalid JSON")
    }
    guard case .object(let object) = value else { throw UsageError("Expected a JSON object") }
    return object
  }
}

/// The tree while dotted keys are put into it.
private indirect enum Branch {
  case leaf(String)
  case fork([String: Branch])

  init() { self = .fork([:]) }

  mutating func insert(_ value: String, at path: [String], key: String) throws(UsageError) {
    guard case .fork(var children) = self else {
      throw UsageError("Parameters '\(key)' and a shorter form of it exclude each other")
    }
    let name = path[0]
    guard !name.isEmpty else { throw UsageError("Invalid parameter '\(key)'") }
    if path.count == 1 {
      if case .fork? = children[name] {
        throw UsageError("Parameters '\(key)' and '\(key).*' exclude each other")
      }
      // As in qemu, the last of two equal keys counts.
      children[name] = .leaf(value)
    } else {
      var child = children[name] ?? Branch()
      try child.insert(value, at: Array(path.dropFirst()), key: key)
      children[name] = child
    }
    self = .fork(children)
  }

  /// A fork whose keys are 0, 1, 2 … is a list.
  var value: OptionValue {
    switch self {
    case .leaf(let text): return .text(text)
    case .fork(let children):
      let numbered = (0..<children.count).map { children[String($0)] }
      if !children.isEmpty, !numbered.contains(where: { $0 == nil }) {
        return .list(numbered.map { $0!.value })
      }
      return .object(children.mapValues(\.value))
    }
  }
}

extension OptionValue: Decodable {
  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(value)
    } else if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([OptionValue].self) {
      self = .list(value)
    } else {
      self = .object(try container.decode([String: OptionValue].self))
    }
  }
}

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.first == " " { text.removeFirst() }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
