// Typed reading of an option's keys; what nobody asked for is an error.

/// Reads keys out of an object, by name and type.
struct OptionReader: ~Copyable {
  private var rest: [ByteText: OptionValue]
  /// How error messages name the object: `cache.` for nested keys.
  private let prefix: String

  init(_ object: [ByteText: OptionValue], prefix: String = "") {
    rest = object
    self.prefix = prefix
  }

  mutating func value(_ key: ByteText) -> OptionValue? { rest.removeValue(forKey: key) }

  /// Any bytes but NUL, which only JSON can bring and no name can hold.
  mutating func text(_ key: ByteText) throws(UsageError) -> ByteText? {
    switch value(key) {
    case nil: return nil
    case .text(let text)?, .string(let text)?:
      guard !text.bytes.contains(0) else { throw UsageError("Parameter '\(prefix)\(key)' must not hold a NUL byte") }
      return text
    default: throw wrong(key, "string")
    }
  }

  mutating func requiredText(_ key: ByteText) throws(UsageError) -> ByteText {
    guard let text = try text(key) else { throw UsageError("Parameter '\(prefix)\(key)' is missing") }
    return text
  }

  mutating func bool(_ key: ByteText, default fallback: Bool) throws(UsageError) -> Bool {
    switch value(key) {
    case nil: return fallback
    case .bool(let value)?: return value
    case .text(let text)?:
      if (["on", "yes", "true", "y"] as [ByteText]).contains(text) { return true }
      if (["off", "no", "false", "n"] as [ByteText]).contains(text) { return false }
      throw UsageError("Parameter '\(prefix)\(key)' expects 'on' or 'off', not '\(text)'")
    default: throw wrong(key, "boolean")
    }
  }

  mutating func choice<T: RawRepresentable<String> & CaseIterable>(
    _ key: ByteText, default fallback: T
  ) throws(UsageError) -> T {
    guard let text = try text(key) else { return fallback }
    guard let value = T(text) else {
      throw UsageError("Parameter '\(prefix)\(key)' does not accept value '\(text)'")
    }
    return value
  }

  /// The largest size that a file can have (loff_t of the kernel).
  private static let maxSize = UInt64(Int64.max)

  /// Bytes, at most 2^63 - 1; text may end in k, M, G or T (powers of 1024).
  mutating func size(_ key: ByteText) throws(UsageError) -> UInt64? {
    let bytes: UInt64
    switch value(key) {
    case nil: return nil
    case .integer(let number)? where number >= 0: bytes = UInt64(number)
    case .unsigned(let number)?: bytes = number
    case .text(let text)?:
      guard let found = parseSize(text) else {
        throw UsageError("Parameter '\(prefix)\(key)' expects a size in bytes (k, M, G, T allowed), not '\(text)'")
      }
      bytes = found
    default: throw wrong(key, "size in bytes")
    }
    guard bytes <= Self.maxSize else {
      throw UsageError("Parameter '\(prefix)\(key)' expects at most \(Self.maxSize) bytes, not \(bytes)")
    }
    return bytes
  }

  mutating func number(_ key: ByteText, in range: ClosedRange<UInt64>) throws(UsageError) -> UInt64? {
    let found: UInt64?
    switch value(key) {
    case nil: return nil
    case .integer(let number)?: found = UInt64(exactly: number)
    case .unsigned(let number)?: found = number
    case .text(let text)?: found = text.decimal
    default: found = nil
    }
    guard let found, range.contains(found) else {
      throw UsageError("Parameter '\(prefix)\(key)' expects a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return found
  }

  mutating func object(_ key: ByteText) throws(UsageError) -> [ByteText: OptionValue] {
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

  private func wrong(_ key: ByteText, _ type: String) -> UsageError {
    UsageError("Invalid parameter type for '\(prefix)\(key)', expected: \(type)")
  }
}

extension CaseIterable where Self: RawRepresentable<String> {
  /// The case whose word has exactly these bytes.
  init?(_ word: ByteText) {
    guard let found = Self.allCases.first(where: { ByteText($0.rawValue) == word }) else { return nil }
    self = found
  }
}

/// Bytes in a text like `64k` or `1G`; nil when it is none, or does not fit 64 bits.
func parseSize(_ text: ByteText) -> UInt64? {
  let shift: UInt64
  switch text.bytes.last {
  case UInt8(ascii: "k"), UInt8(ascii: "K"): shift = 10
  case UInt8(ascii: "m"), UInt8(ascii: "M"): shift = 20
  case UInt8(ascii: "g"), UInt8(ascii: "G"): shift = 30
  case UInt8(ascii: "t"), UInt8(ascii: "T"): shift = 40
  default: return text.decimal
  }
  guard let number = ByteText(text.bytes.dropLast()).decimal, number <= UInt64.max >> shift else { return nil }
  return number << shift
}
