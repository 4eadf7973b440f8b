// From values to JSON text, which is valid whatever bytes the values hold.

/// A writer of one JSON value.
struct JSONWriter {
  private let isPretty: Bool
  private var text: [UInt8] = []

  private init(isPretty: Bool) { self.isPretty = isPretty }

  /// `value` as JSON, keys in order of their bytes.
  /// - Parameter pretty: over several lines, as qemu's `pretty=on`.
  static func text(_ value: OptionValue, pretty: Bool) -> [UInt8] {
    var writer = JSONWriter(isPretty: pretty)
    writer.write(value, level: 0)
    return writer.text
  }

  private mutating func write(_ value: OptionValue, level: Int) {
    switch value {
    case .text(let bytes), .string(let bytes): write(bytes)
    case .integer(let number): text += Array("\(number)".utf8)
    case .unsigned(let number): text += Array("\(number)".utf8)
    // Only finite ones are read, and none is made here.
    case .number(let number): text += Array("\(number)".utf8)
    case .bool(let flag): text += Array(flag ? "true".utf8 : "false".utf8)
    case .null: text += Array("null".utf8)
    case .list(let items):
      text.append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        separate(index, level: level + 1)
        write(item, level: level + 1)
      }
      close(items.isEmpty, level: level, UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        separate(index, level: level + 1)
        write(member.key)
        text += Array(isPretty ? ": ".utf8 : ":".utf8)
        write(member.value, level: level + 1)
      }
      close(members.isEmpty, level: level, UInt8(ascii: "}"))
    }
  }

  private mutating func separate(_ index: Int, level: Int) {
    if index > 0 { text.append(UInt8(ascii: ",")) }
    breakLine(level)
  }

  private mutating func close(_ isEmpty: Bool, level: Int, _ bracket: UInt8) {
    if !isEmpty { breakLine(level) }
    text.append(bracket)
  }

  private mutating func breakLine(_ level: Int) {
    guard isPretty else { return }
    text.append(UInt8(ascii: "\n"))
    text += [UInt8](repeating: UInt8(ascii: " "), count: 4 * level)
  }

  /// Bytes that are no UTF-8 leave as `JSONReader` takes them: `\udc80` to `\udcff`.
  private mutating func write(_ string: ByteText) {
    text.append(UInt8(ascii: "\""))
    var rest = string.bytes[...]
    while let byte = rest.first {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): text += [UInt8(ascii: "\\"), byte]
      case 0x0a: text += Array("\\n".utf8)
      case 0x0d: text += Array("\\r".utf8)
      case 0x09: text += Array("\\t".utf8)
      case 0..<0x20, 0x7f: escape(UInt32(byte))
      case 0x20..<0x7f: text.append(byte)
      default:
        guard let (_, length) = ByteText.scalar(rest.prefix(4)) else {
          escape(0xdc00 + UInt32(byte))
          break
        }
        text += rest.prefix(length)
        rest = rest.dropFirst(length - 1)
      }
      rest = rest.dropFirst()
    }
    text.append(UInt8(ascii: "\""))
  }

  private mutating func escape(_ unit: UInt32) {
    let digits = String(unit, radix: 16)
    text += Array(("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8)
  }
}
