// Text from outside: bytes that are compared as bytes, and shown so that they harm nobody.

internal import Glibc

/// Text that another program, a file or the kernel wrote.
///
/// A `String` cannot hold it: two of them are equal by Unicode's rules (`é` of one scalar or of two), CR LF is one
/// Character, and bytes that are no UTF-8 become U+FFFD, after which all of them are equal.
package struct ByteText: Codable, Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The bytes, word for word.
  package var bytes: [UInt8]

  /// These bytes.
  package init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

  /// The UTF-8 bytes of `text`.
  package init(_ text: String) { bytes = Array(text.utf8) }

  /// The UTF-8 bytes of a literal.
  package init(stringLiteral text: String) { self.init(text) }

  /// As `shown`.
  package var description: String { shown }

  /// Whether there is no byte.
  package var isEmpty: Bool { bytes.isEmpty }

  /// Whether the last byte ends a line.
  package var endsLine: Bool { bytes.last == Self.lineEnd }

  /// Adds the bytes of `text`.
  package static func += (left: inout ByteText, text: ByteText) { left.bytes += text.bytes }

  /// Adds the UTF-8 bytes of `text`.
  package static func += (left: inout ByteText, text: String) { left.bytes += text.utf8 }

  static let lineEnd = UInt8(ascii: "\n")

  /// The lines without their ends; a line end at the end of the text is followed by an empty line, as in `split`.
  package var lines: [ArraySlice<UInt8>] {
    bytes.split(separator: Self.lineEnd, maxSplits: .max, omittingEmptySubsequences: false)
  }

  /// The first line that is not empty, shown; nil if there is none.
  package var firstLine: String? {
    bytes.split(separator: Self.lineEnd, maxSplits: 1).first.map { ByteText($0).shown(atMost: 500) }
  }

  /// The last line that is not empty, shown; nil if there is none.
  package var lastLine: String? {
    var end = bytes.endIndex
    while end > 0, bytes[end - 1] == Self.lineEnd { end -= 1 }
    guard end > 0 else { return nil }
    let start = bytes[..<end].lastIndex(of: Self.lineEnd).map { $0 + 1 } ?? 0
    return ByteText(bytes[start..<end]).shown(atMost: 500)
  }

  /// The text with every occurrence of `needle` replaced, from the start on. An empty needle occurs nowhere.
  package func replacing(_ needle: ByteText, with text: ByteText) -> ByteText {
    guard let first = needle.bytes.first, bytes.count >= needle.bytes.count else { return self }
    var result: [UInt8] = []
    var copied = 0
    bytes.withUnsafeBytes { hay in
      needle.bytes.withUnsafeBytes { wanted in
        let start = hay.baseAddress!
        var place = 0
        while place + wanted.count <= hay.count,
          let found = memchr(start + place, CInt(first), hay.count - wanted.count - place + 1)
        {
          place = UnsafeRawPointer(found) - start
          if memcmp(start + place, wanted.baseAddress!, wanted.count) == 0 {
            result += hay[copied..<place]
            result += text.bytes
            place += wanted.count
            copied = place
          } else {
            place += 1
          }
        }
        if copied > 0 { result += hay[copied...] }
      }
    }
    return copied > 0 ? ByteText(result) : self
  }

  // MARK: Notation

  /// The text as a golden file has it: bytes that are no UTF-8, and control characters other than tab, CR and line
  /// end, stand as `\xff`; the backslash of text that reads like that stands as `\x5c`. So no two texts are recorded
  /// alike.
  package var recorded: ByteText { ByteText(Self.escaped(bytes, Self.isRecorded, marksBackslash: true)) }

  /// A golden file's bytes in the form of `recorded`: what stands there as it is, by hand, means the same.
  package var asRecorded: ByteText { ByteText(Self.escaped(bytes, Self.isRecorded, marksBackslash: false)) }

  /// The text for a terminal or a report: what is no text, moves the cursor or reorders what is read stands as `\xff`.
  /// Line ends and tabs stay.
  package var shown: String {
    String(decoding: Self.escaped(bytes, Self.isShown, marksBackslash: false), as: UTF8.self)
  }

  /// The same, cut off (and that is said) behind `limit` bytes.
  package func shown(atMost limit: Int) -> String {
    guard bytes.count > limit else { return shown }
    // Not in the middle of a character.
    var end = limit
    while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    return ByteText(bytes[..<end]).shown + "… (\(bytes.count) bytes)"
  }

  /// The bytes as a `String`: only for what was text and has been cut at ASCII, such as the words of a line.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// `text` in one line: as `shown`, with a blank for each line end and tab.
  package static func oneLine(_ text: some StringProtocol) -> String {
    String(decoding: ByteText.shown(text).utf8.map { $0 == 0x0A || $0 == 0x09 ? 0x20 : $0 }, as: UTF8.self)
  }

  /// `text` as `shown` has it: for text that came as a `String`, such as a title of a file.
  package static func shown(_ text: some StringProtocol) -> String { ByteText(text.utf8).shown }

  private static func isRecorded(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x9, 0xA, 0xD: true
    case 0..<0x20, 0x7F..<0xA0: false
    default: true
    }
  }

  private static func isShown(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x9, 0xA: true
    case 0..<0x20, 0x7F..<0xA0: false
    // No width, another direction, other line ends: they make a reader see another text than there is.
    case 0x61C, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFB, 0xE0000...0xE0FFF: false
    default: true
    }
  }

  private static func escaped(
    _ bytes: [UInt8], _ isKept: (UInt32) -> Bool, marksBackslash: Bool
  ) -> [UInt8] {
    bytes.withUnsafeBufferPointer { text in
      var result: [UInt8] = []
      result.reserveCapacity(text.count)
      var place = 0
      while place < text.count {
        let byte = text[place]
        // Most bytes are these.
        if byte >= 0x20, byte < 0x7F, byte != backslash || !marksBackslash {
          result.append(byte)
          place += 1
          continue
        }
        let (scalar, length) = scalar(text, at: place)
        let isNotation = byte == backslash && marksBackslash && looksEscaped(text, place)
        if let scalar, isKept(scalar), !isNotation {
          result += text[place..<place + length]
        } else {
          for byte in text[place..<place + length] { result += notation(byte) }
        }
        place += length
      }
      return result
    }
  }

  private static let backslash = UInt8(ascii: "\\")
  private static let digits = Array("0123456789abcdef".utf8)

  private static func notation(_ byte: UInt8) -> [UInt8] {
    [backslash, UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
  }

  /// Whether a backslash at `place` is followed by what `notation` writes.
  private static func looksEscaped(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Bool {
    place + 3 < text.count && text[place + 1] == UInt8(ascii: "x") && digits.contains(text[place + 2])
      && digits.contains(text[place + 3])
  }

  /// The scalar whose UTF-8 begins at `place`, and its length; nil and 1 where none does (Unicode 15, table 3-7).
  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (UInt32?, Int) {
    let first = UInt32(text[place])
    let (length, bits, least): (Int, UInt32, UInt32) =
      switch first {
      case 0..<0x80: (1, first, 0)
      case 0xC2..<0xE0: (2, first & 0x1F, 0x80)
      case 0xE0..<0xF0: (3, first & 0x0F, 0x800)
      case 0xF0..<0xF5: (4, first & 0x07, 0x10000)
      default: (0, 0, 0)
      }
    guard length > 0, place + length <= text.count else { return (nil, 1) }
    var scalar = bits
    for byte in text[place + 1..<place + length] {
      guard byte & 0xC0 == 0x80 else { return (nil, 1) }
      scalar = scalar << 6 | UInt32(byte & 0x3F)
    }
    guard scalar >= least, scalar <= 0x10FFFF, !(0xD800..<0xE000).contains(scalar) else { return (nil, 1) }
    return (scalar, length)
  }
}
