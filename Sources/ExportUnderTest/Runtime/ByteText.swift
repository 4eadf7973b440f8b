// Text from outside: bytes that stay what they are, whether they are UTF-8 or not.

/// Bytes of a name, a path or an option's word, as the kernel and the user know them.
///
/// Swift's String compares by Unicode equivalence, takes CR LF for one character, and turns what is no UTF-8 into
/// U+FFFD: two paths could then count as one, or a file could not be named at all. Here two texts are one only if
/// their bytes are.
struct ByteText: Hashable, Comparable, Sendable {
  /// The bytes, without a NUL behind them.
  var bytes: [UInt8]

  init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }
  init(_ text: String) { bytes = Array(text.utf8) }

  /// The bytes up to the NUL at the end of `pointer`.
  init(cString pointer: UnsafePointer<CChar>) {
    bytes = UnsafeBufferPointer(start: pointer, count: Self.length(pointer)).map { UInt8(bitPattern: $0) }
  }

  private static func length(_ pointer: UnsafePointer<CChar>) -> Int {
    var count = 0
    while pointer[count] != 0 { count += 1 }
    return count
  }

  static func < (left: ByteText, right: ByteText) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

  var isEmpty: Bool { bytes.isEmpty }

  /// For system calls: the bytes with a NUL behind them. A text that holds a NUL is cut there, and is therefore
  /// refused where options are read.
  var cString: [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

  func hasPrefix(_ prefix: ByteText) -> Bool { bytes.starts(with: prefix.bytes) }
}

extension ByteText: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
  init(stringLiteral text: String) { self.init(text) }
}

extension ByteText: CustomStringConvertible {
  /// The text as one line that a terminal can show: what is no UTF-8, and control characters, as `\xNN`.
  var description: String {
    var shown = ""
    var rest = bytes[...]
    while let byte = rest.first {
      if let (scalar, length) = Self.scalar(rest), !Self.isControl(scalar) {
        shown.unicodeScalars.append(scalar)
        rest = rest.dropFirst(length)
      } else {
        let digits = String(byte, radix: 16)
        shown += "\\x" + (digits.utf8.count < 2 ? "0" : "") + digits
        rest = rest.dropFirst()
      }
    }
    return shown
  }

  /// The control characters of ASCII and Latin-1, and those that break a line or turn its direction.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
    default: false
    }
  }

  /// The UTF-8 scalar that `bytes` begin with, and how many bytes it has; nil where there is none.
  static func scalar(_ bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
    guard let first = bytes.first else { return nil }
    let length: Int
    switch first {
    case 0..<0x80: length = 1
    case 0xc2..<0xe0: length = 2
    case 0xe0..<0xf0: length = 3
    case 0xf0..<0xf5: length = 4
    default: return nil
    }
    var value = length == 1 ? UInt32(first) : UInt32(first) & (0xff >> (UInt32(length) + 1))
    for byte in bytes.dropFirst().prefix(length - 1) {
      guard byte & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3f)
    }
    // Too few bytes, a longer form than needed, a surrogate half, or beyond Unicode.
    guard bytes.count >= length, value >= [0, 0x80, 0x800, 0x10000][length - 1] else { return nil }
    return Unicode.Scalar(value).map { ($0, length) }
  }
}

extension ByteText {
  /// The parts between the bytes `separator`, empty ones too.
  func split(at separator: UInt8) -> [ByteText] {
    bytes.split(separator: separator, omittingEmptySubsequences: false).map { ByteText($0) }
  }

  /// Without blanks at both ends.
  var trimmed: ByteText {
    let blank = UInt8(ascii: " ")
    guard let first = bytes.firstIndex(where: { $0 != blank }), let last = bytes.lastIndex(where: { $0 != blank })
    else { return "" }
    return ByteText(bytes[first...last])
  }

  /// A decimal number; nil when it is none, or does not fit.
  var decimal: UInt64? {
    guard !bytes.isEmpty else { return nil }
    var value: UInt64 = 0
    for byte in bytes {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
      let (tenfold, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, isStillTooLarge) = tenfold.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
      guard !isTooLarge, !isStillTooLarge else { return nil }
      value = sum
    }
    return value
  }
}
