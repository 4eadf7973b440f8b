// Text as XML and HTML want it.

/// Escaping for XML 1.0, and for HTML.
enum XMLText {
  /// `text` as the value of an attribute, with its quotes.
  static func quoted(_ text: String) -> String {
    let inside = text.escapingScalars { scalar in
      switch scalar {
      case "\"": "&quot;"
      case "\n": "&#10;"
      case "\t": "&#9;"
      case "\r": "&#13;"
      default: escape(scalar)
      }
    }
    return "\"\(inside)\""
  }

  /// `text` between two tags.
  static func escaped(_ text: some StringProtocol) -> String { String(text).escapingScalars(escape) }

  /// `text` for a page: in an element and in an attribute, whichever quotes it has.
  static func page(_ text: String) -> String {
    text.escapingScalars { scalar in
      switch scalar {
      case "\"": "&quot;"
      case "'": "&#39;"
      default: escape(scalar)
      }
    }
  }

  /// XML 1.0 has no way to write most control characters; what an export printed may hold any.
  private static func escape(_ scalar: Unicode.Scalar) -> String? {
    switch scalar {
    case "&": return "&amp;"
    case "<": return "&lt;"
    case ">": return "&gt;"
    default: break
    }
    switch scalar.value {
    case 0x9, 0xA, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFFFD, 0x10000...: return nil
    default: return "\u{FFFD}"
    }
  }
}
