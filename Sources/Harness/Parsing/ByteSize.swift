// Byte counts as people write them: 512, 64k, 1M, 4G (powers of 1024).

/// Reads and writes byte counts with the suffixes k, M, G and T (powers of 1024).
package enum ByteSize {
  private static let suffixes: [(letter: Character, shift: Int)] = [
    ("k", 10), ("M", 20), ("G", 30), ("T", 40),
  ]

  /// The number of bytes that `text` names, or nil where it names none (or more than an Int64 holds).
  package static func parse(_ text: some StringProtocol) -> Int64? {
    var digits = text[...]
    var shift = 0
    if let last = text.last,
      let suffix = suffixes.first(where: { $0.letter.uppercased() == last.uppercased() })
    {
      shift = suffix.shift
      digits = digits.dropLast()
    }
    guard let number = Int64(digits), digits.first != "+" else { return nil }
    let (bytes, overflow) = number.multipliedReportingOverflow(by: 1 << Int64(shift))
    return overflow ? nil : bytes
  }

  /// `bytes` in the largest unit that divides it, as `parse` reads it.
  package static func format(_ bytes: Int64) -> String {
    for (letter, shift) in suffixes.reversed() where bytes != 0 && bytes % (1 << Int64(shift)) == 0 {
      return "\(bytes >> Int64(shift))\(letter)"
    }
    return "\(bytes)"
  }
}
