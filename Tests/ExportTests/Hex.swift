// Bytes written down as a person reads them: hex digits, a comment per field.

/// The bytes of `text`: hex digits; blanks are nothing, `#` begins a comment that ends with its line.
func hex(_ text: String) -> [UInt8] {
  let digits = text.split(separator: "\n").flatMap { line in
    line.prefix { $0 != "#" }.filter { !$0.isWhitespace }
  }
  precondition(digits.count % 2 == 0, "an odd number of hex digits")
  return stride(from: 0, to: digits.count, by: 2).map { index in
    guard let byte = UInt8(String(digits[index...index + 1]), radix: 16) else {
      preconditionFailure("not hex: \(digits[index...index + 1])")
    }
    return byte
  }
}

/// `count` zero bytes.
func zeroes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

/// The bytes that `write` leaves in a body of 256 bytes full of 0xEE; it returns their number.
func body(_ write: (UnsafeMutableRawPointer) -> Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0xEE, count: 256)
  let count = bytes.withUnsafeMutableBytes { write($0.baseAddress!) }
  return Array(bytes[..<count])
}
