// Text as XML and HTML want it.

/// Escaping for XML 1.0, and for HTML.
enum XMLText {
  /// `text` as the value of an attribute, with its quotes.
  static func quoted(_ text: String) -> String {
    "\""
      + escaped(text).replacing("\"", with: "&quot;").replacing("\n", with: "&#10;")
      .replacing("\t", with: "&#9;").replacing("\r", with: "&#13;") + "\""
  }

  /// `text` between two tags. XML 1.0 has no way to write most control characters; what an export printed may hold any.
  static func escaped(_ text: some StringProtocol) -> String {
    let allowed = text.unicodeScalars.map { scalar -> Character in
      switch scalar.value {
      case 0x9, 0xA, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...: Character(scalar)
      default: "\u{FFFD}"
      }
    }
    return String(allowed).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
      .replacing(">", with: "&gt;")
  }
}
