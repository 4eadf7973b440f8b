// What a String's own methods do by Characters, done by bytes: for names, paths and words that came from outside.

/// A String's methods know Characters: `=` before a combining mark is no `=`, a CR before a line end hides it, and the
/// sign of Kelvin is a K. Whatever the kernel, a shell or another program reads by bytes is read so here too.
extension StringProtocol {
  /// Whether the first bytes are those of `text`.
  package func begins(with text: some StringProtocol) -> Bool { utf8.starts(with: text.utf8) }

  /// Whether the last bytes are those of `text`.
  package func ends(with text: some StringProtocol) -> Bool {
    utf8.count >= text.utf8.count && utf8.suffix(text.utf8.count).elementsEqual(text.utf8)
  }

  /// Whether the bytes are those of `text`.
  package func isSame(as text: some StringProtocol) -> Bool { utf8.elementsEqual(text.utf8) }

  /// Whether the ASCII character `sign` is among the bytes.
  package func holds(_ sign: Unicode.Scalar) -> Bool { utf8.contains(UInt8(ascii: sign)) }

  /// What stands between the bytes `separator`, an ASCII character: at most `count` parts, the last one with the rest;
  /// empty ones only if `keepsEmpty`.
  package func fields(
    _ separator: Unicode.Scalar, atMost count: Int = .max, keepsEmpty: Bool = false
  ) -> [Substring] {
    Substring(self).utf8.split(
      separator: UInt8(ascii: separator), maxSplits: count - 1, omittingEmptySubsequences: !keepsEmpty
    ).map { Substring($0) }
  }

  /// What stands before and behind the first byte `separator`; nil if there is none.
  package func cut(at separator: Unicode.Scalar) -> (before: Substring, behind: Substring)? {
    let parts = fields(separator, atMost: 2, keepsEmpty: true)
    return parts.count == 2 ? (parts[0], parts[1]) : nil
  }

  /// Without the blanks, tabs and line ends at both ends.
  package var trimmed: Substring {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    let bytes = Substring(self).utf8
    let begun = bytes.drop(while: isBlank)
    guard let last = begun.lastIndex(where: { !isBlank($0) }) else { return "" }
    return Substring(begun[...last])
  }

  /// With every byte `sign`, an ASCII character, twice.
  package func doubling(_ sign: Unicode.Scalar) -> String {
    String(decoding: utf8.flatMap { $0 == UInt8(ascii: sign) ? [$0, $0] : [$0] }, as: UTF8.self)
  }
}
