// Text as Markdown wants it: what it would take for markup stays text.

/// Escaping for GitHub's Markdown, in a line, in a table, and as code.
enum MarkdownText {
  /// `text` as text in one line, in a table too: no tag, link, image, code, emphasis or cell of its own.
  static func escaped(_ text: String) -> String {
    var line = ""
    var before: Unicode.Scalar = " "
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "|", "[", "]", "*", "~": line += "\\\(scalar)"
      // Behind a bracket it would begin a link's address, for readers that look for no backslash.
      case "(" where before == "]": line += "\\("
      case "<": line += "&lt;"
      case ">": line += "&gt;"
      case "&": line += "&amp;"
      case "!" where before != " ": line += "!"
      case "!": line += "\\!"
      // Inside a word an underscore is one; names of figures are full of them.
      case "_" where !before.properties.isAlphabetic && !before.isDigit: line += "\\_"
      // An address alone would become a link, and a name a mention.
      case ":" where line.hasSuffix("http") || line.hasSuffix("https") || line.hasSuffix("ftp"): line += "&#58;"
      case "@": line += "&#64;"
      case "\n", "\r", "\t": line += " "
      default: line.unicodeScalars.append(scalar)
      }
      before = scalar
    }
    return line.replacing("www.", with: "www&#46;")
  }

  private static let tick = UInt8(ascii: "`")

  /// `text` as code in a line, with more backticks around it than it holds.
  static func code(_ text: String) -> String {
    // Readers that know no code would take a tag in it for one.
    // In a table a bar ends the cell, and a backslash before it may be one of the code's own.
    guard !text.unicodeScalars.contains(where: { $0 == "<" || $0 == "|" }), !text.contains("](") else {
      return escaped(text)
    }
    let line = text.escapingScalars { $0 == "\n" || $0 == "\r" ? " " : nil }
    let ticks = String(repeating: "`", count: longestTicks(in: line) + 1)
    let gap = line.utf8.first == tick || line.utf8.last == tick ? " " : ""
    return ticks + gap + line + gap + ticks
  }

  /// The line above and below a block of code that holds `text`: longer than any run of backticks in it.
  static func fence(around text: String) -> String {
    String(repeating: "`", count: max(3, longestTicks(in: text) + 1))
  }

  private static func longestTicks(in text: String) -> Int {
    text.utf8.split { $0 != tick }.map(\.count).max() ?? 0
  }
}

extension Unicode.Scalar {
  fileprivate var isDigit: Bool { properties.numericType != nil }
}
