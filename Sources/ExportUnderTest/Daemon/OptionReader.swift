// Typed reading of an option's keys; what nobody asked for is an error.

/// Reads keys out of an object, by name and type.
struct OptionReader: ~Copyable {
  private var rest: [String: OptionValue]
  /// How error messages name the object: `cache.` for nested keys.
  private let prefix: String

  init(_ object: [String: OptionValue], prefix: String = "") {
    rest = object
    self.prefix = prefix
  }

  mutating func value(_ key: String) -> OptionValue? { rest.removeValue(forKey: key) }

  mutating func text(_ key: String) throws(UsageError) -> String? {
    switch value(key) {
    case nil: return nil
    case .text(let text)?, .string(let text)?: return text
    default: throw wrong(key, "string")
    }
  }

  mutating func requiredText(_ key: String) throws(UsageError) -> String {
    guard let text = try text(key) else { throw UsageError("Parameter '\(prefix)\(key)' is missing") }
    return text
  }

  mutating func bool(_ key: String, default fallback: Bool) throws(UsageError) -> Bool {
    switch value(key) {
    case nil: return fallback
    case .bool(let value)?: return value
    case .text(let text)?:
      switch text {
      case "on", "yes", "true", "y": return true
      case "off", "no", "false", "n": return false
      default: throw UsageError("Parameter '\(prefix)\(key)' expects 'on' or 'off', not '\(text)'")
      }
    default: throw wrong(key, "boolean")
    }
  }

  mutating func choice<T: RawRepresentable<String>>(_ key: String, default fallback: T) throws(UsageError) -> T {
    guard let text = try text(key) else { return fallback }
    guard let value = T(rawValue: text) else {
      throw UsageError("Parameter '\(prefix)\(key)' does not accept value '\(text)'")
    }
    return value
  }

  /// Bytes; text may end in k, M, G or T (powers of 1024).
  mutating func size(_ key: String) throws(UsageError) -> UInt64? {
    switch value(key) {
    case nil: return nil
    case .integer(let number)? where number >= 0: return UInt64(number)
    case .text(let text)?:
      if let bytes = parseSize(text) { return bytes }
      throw UsageError("Parameter '\(prefix)\(key)' expects a size in bytes (k, M, G, T allowed), not '\(text)'")
    default: throw wrong(key, "size in bytes")
    }
  }

  mutating func number(_ key: String, in range: ClosedRange<UInt64>) throws(UsageError) -> UInt64? {
    let found: UInt64?
    switch value(key) {
    case nil: return nil
    case .integer(let number)?: found = UInt64(exactly: number)
    case .text(let text)?: found = UInt64(text)
    default: found = nil
    }
    guard let found, range.contains(found) else {
      throw UsageError("Parameter '\(prefix)\(key)' expects a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  mutating func object(_ key: String) throws(UsageError) -> [String: OptionValue] {
    switch value(key) {
    case nil: return [:]
    case .object(let object)?: return object
    default: throw wrong(key, "object")
    }
  }

  /// What is left is a mistake.
  consuming func end() throws(UsageError) {
    if let key = rest.keys.min() { throw UsageError("Parameter '\(prefix)\(key)' is unexpected") }
  }

  private func wrong(_ key: String, _ type: String) -> UsageError {
    UsageError("Invalid parameter type for '\(prefix)\(key)', expected: \(type)")
  }
}

/// Bytes in a text like `64k` or `1G`.
func parseSize(_ text: String) -> UInt64? {
  let shifts: [Character: UInt64] = ["k": 10, "K": 10, "m": 20, "M": 20, "g": 30, "G": 30, "t": 40, "T": 40]
  guard let last = text.last, let shift = shifts[last] else { return UInt64(text) }
  guard let number = UInt64(text.dropLast()), number <= UInt64.max >> shift else { return nil }
  return number << shift
}
