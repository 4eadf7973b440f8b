// Byte counts as people write them: 512, 64k, 1M, 4G (powers of 1024).

/// Reads and writes byte counts with the suffixes k, M, G and T (powers of 1024).
package enum ByteSize {
  private static let suffixes: [(letter: String, shift: Int)] = [
    ("k", 10), ("M", 20), ("G", 30), ("T", 40),
  ]

  /// The number of bytes that `text` names, or nil where it names none (or more than an Int64 holds).
  ///
  /// Read byte by byte: by Unicode's rules the sign of Kelvin is a K, and a digit may carry an accent.
  package static func parse(_ text: some StringProtocol) -> Int64? {
    var digits = Array(text.utf8)[...]
    var shift = 0
    if let last = digits.last, let suffix = suffixes.first(where: { $0.letter.utf8.first! | 0x20 == last | 0x20 }) {
      shift = suffix.shift
      digits = digits.dropLast()
    }
    let isNegative = digits.first == UInt8(ascii: "-")
    if isNegative { digits = digits.dropFirst() }
    guard !digits.isEmpty else { return nil }
    var number: Int64 = 0
    for digit in digits {
      guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
      let (tens, isTooLarge) = number.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      guard !isTooLarge, !overflows else { return nil }
      number = sum
    }
    // Counted downwards, since the least Int64 has no positive.
    let (signed, overflows) = isNegative ? (number, false) : number.multipliedReportingOverflow(by: -1)
    let (bytes, isTooLarge) = signed.multipliedReportingOverflow(by: 1 << Int64(shift))
    return overflows || isTooLarge ? nil : bytes
  }

  /// `bytes` in the largest unit that divides it, as `parse` reads it.
  package static func format(_ bytes: Int64) -> String {
    for (letter, shift) in suffixes.reversed() where bytes != 0 && bytes % (1 << Int64(shift)) == 0 {
      return "\(bytes >> Int64(shift))\(letter)"
    }
    return "\(bytes)"
  }
}
