// From JSON text to values: once over the bytes, with bounds on depth.

/// Why a text is no JSON that is taken here.
struct JSONError: Error {
  let description: String
}

/// A reader of one JSON value (RFC 8259). Every byte is looked at once, so that time grows with the text only.
///
/// Strings become bytes. A name that is no UTF-8 is written as Python's `os.fsdecode` and `json.dumps` write it: each
/// byte from 80 to FF as the surrogate half `\udc80` to `\udcff`. Any other half is an error, as JSON has it.
struct JSONReader {
  /// Arrays and objects that may stand in one another; qemu's limit (qobject/json-parser.c, MAX_NESTING).
  static let maxDepth = 1024

  private let bytes: [UInt8]
  private var position = 0
  /// On a command line strings may hold bytes that are no UTF-8: paths in old encodings.
  private let takesAnyBytes: Bool

  /// The one value in `bytes`.
  static func value(_ bytes: [UInt8], takesAnyBytes: Bool = false) throws(JSONError) -> OptionValue {
    var reader = JSONReader(bytes: bytes, takesAnyBytes: takesAnyBytes)
    let value = try reader.value(depth: 0)
    reader.skipBlanks()
    guard reader.position == bytes.count else { throw reader.error("something stands behind the value") }
    return value
  }

  private init(bytes: [UInt8], takesAnyBytes: Bool) {
    self.bytes = bytes
    self.takesAnyBytes = takesAnyBytes
  }

  private func error(_ why: String) -> JSONError { JSONError(description: "\(why) (at byte \(position + 1))") }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipBlanks() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d { position += 1 }
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard next == byte else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> OptionValue {
    skipBlanks()
    switch next {
    case UInt8(ascii: "{"):
      guard depth < Self.maxDepth else { throw error("more than \(Self.maxDepth) levels") }
      return try object(depth: depth + 1)
    case UInt8(ascii: "["):
      guard depth < Self.maxDepth else { throw error("more than \(Self.maxDepth) levels") }
      return try list(depth: depth + 1)
    case UInt8(ascii: "\""): return .string(try text())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: StaticString, _ value: OptionValue) throws(JSONError) -> OptionValue {
    let expected = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
    guard bytes[position...].starts(with: expected) else { throw error("an unknown word") }
    position += expected.count
    return value
  }

  private mutating func list(depth: Int) throws(JSONError) -> OptionValue {
    position += 1
    var items: [OptionValue] = []
    if skip(UInt8(ascii: "]")) { return .list(items) }
    repeat { items.append(try value(depth: depth)) } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw error("a list must go on with ',' or end with ']'") }
    return .list(items)
  }

  private mutating func object(depth: Int) throws(JSONError) -> OptionValue {
    position += 1
    var members: [ByteText: OptionValue] = [:]
    if skip(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipBlanks()
      guard next == UInt8(ascii: "\"") else { throw error("a member must begin with its name") }
      let name = try text()
      guard skip(UInt8(ascii: ":")) else { throw error("':' must follow a name") }
      guard members.updateValue(try value(depth: depth), forKey: name) == nil else {
        throw error("'\(name)' stands twice")
      }
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "}")) else { throw error("an object must go on with ',' or end with '}'") }
    return .object(members)
  }

  // MARK: Strings

  private mutating func text() throws(JSONError) -> ByteText {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return ByteText(text)
      case UInt8(ascii: "\\"): try takeEscape(into: &text)
      case 0..<0x20: throw error("a control character must be escaped")
      case 0x20..<0x80:
        text.append(byte)
        position += 1
      default:
        guard let (_, length) = ByteText.scalar(bytes[position...].prefix(4)) else {
          guard takesAnyBytes else { throw error("a byte that is no UTF-8") }
          text.append(byte)
          position += 1
          continue
        }
        text += bytes[position..<(position + length)]
        position += length
      }
    }
    throw error("a string does not end")
  }

  private mutating func takeEscape(into text: inout [UInt8]) throws(JSONError) {
    position += 1
    guard let byte = next else { throw error("a string does not end") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"): try takeCodeUnit(into: &text)
    default: throw error("an unknown escape")
    }
  }

  private mutating func takeCodeUnit(into text: inout [UInt8]) throws(JSONError) {
    let unit = try hexDigits()
    switch unit {
    case 0xdc80...0xdcff: text.append(UInt8(truncatingIfNeeded: unit))
    case 0xd800..<0xdc00:
      guard bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
        throw error("half a surrogate pair")
      }
      position += 2
      let low = try hexDigits()
      guard (0xdc00..<0xe000).contains(low),
        let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
      else { throw error("half a surrogate pair") }
      text += Array(String(Character(scalar)).utf8)
    default:
      guard let scalar = Unicode.Scalar(unit) else { throw error("half a surrogate pair") }
      text += Array(String(Character(scalar)).utf8)
    }
  }

  private mutating func hexDigits() throws(JSONError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw error("\\u needs four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  // MARK: Numbers

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  /// A whole number that 64 bits hold stays exact; anything else is a floating-point number, or too large for one.
  private mutating func number() throws(JSONError) -> OptionValue {
    let start = position
    let isNegative = next == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let whole = position
    let count = digits()
    guard count > 0, count == 1 || bytes[whole] != UInt8(ascii: "0") else {
      position = start
      throw error("no value")
    }
    let wholeEnd = position
    if next == UInt8(ascii: ".") {
      position += 1
      guard digits() > 0 else { throw error("a number without digits behind its point") }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      position += 1
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
      guard digits() > 0 else { throw error("a number without digits in its exponent") }
    }
    if position == wholeEnd, let magnitude = ByteText(bytes[whole..<wholeEnd]).decimal {
      if isNegative {
        if magnitude <= UInt64(Int64.max) { return .integer(-Int64(magnitude)) }
        if magnitude == Int64.min.magnitude { return .integer(.min) }
      } else {
        return Int64(exactly: magnitude).map { .integer($0) } ?? .unsigned(magnitude)
      }
    }
    guard let number = Double(String(decoding: bytes[start..<position], as: UTF8.self)), number.isFinite else {
      throw error("a number that is too large")
    }
    return .number(number)
  }
}
