// What a terminal can show: its escapes are for those that know them.

internal import Glibc

/// The terminal of a stream.
package enum Terminal {
  /// Whether `descriptor` is a terminal that moves its cursor as it is told: TERM names none that cannot (`dumb`), and
  /// is not empty.
  package static func draws(_ descriptor: CInt) -> Bool {
    guard isatty(descriptor) == 1, let type = getenv("TERM") else { return false }
    return strcmp(type, "") != 0 && strcmp(type, "dumb") != 0 && strcmp(type, "unknown") != 0
  }

  /// Whether colours are wanted on `descriptor`: it can show them, and NO_COLOR is not set (https://no-color.org).
  package static func wantsColours(_ descriptor: CInt) -> Bool {
    guard draws(descriptor) else { return false }
    guard let refusal = getenv("NO_COLOR") else { return true }
    return refusal.pointee == 0
  }

  /// The columns that lines on standard output may have: what COLUMNS says, else the terminal's own; nil where the
  /// output is no terminal, and a line's length is its reader's business.
  package static var columns: Int? {
    if let set = getenv("COLUMNS").flatMap({ Int(String(cString: $0)) }), (20...10_000).contains(set) { return set }
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col >= 20 else {
      return nil
    }
    return Int(size.ws_col)
  }

  /// `text` with its lines fitted to `columns`: a table's line that is too long loses the blanks that set its columns
  /// under each other, and is broken at blanks if that is not enough. Without `columns` it stays as it is.
  package static func fitted(_ text: String, to columns: Int? = columns) -> String {
    guard let columns else { return text }
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      width(line) <= columns ? String(line) : broken(closed(line), columns)
    }.joined(separator: "\n")
  }

  /// How many columns `line` takes: escapes of colours take none.
  private static func width(_ line: some StringProtocol) -> Int {
    var (count, isEscape) = (0, false)
    for character in line {
      if character == "\u{1B}" { isEscape = true } else if !isEscape { count += 1 }
      if isEscape, character == "m" { isEscape = false }
    }
    return count
  }

  /// `line` with two blanks for each longer run of them behind its first word.
  private static func closed(_ line: Substring) -> String {
    var result = String(line.prefix { $0 == " " })
    var blanks = 0
    for character in line.drop(while: { $0 == " " }) {
      blanks = character == " " ? blanks + 1 : 0
      if blanks <= 2 { result.append(character) }
    }
    return result
  }

  private static func broken(_ line: String, _ columns: Int) -> String {
    let indent = String(repeating: " ", count: line.prefix { $0 == " " }.count + 4)
    var lines: [String] = []
    var current = ""
    // Runs of blanks are kept inside a line, and go where it is broken.
    for (place, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
      let longer = place == 0 ? String(word) : current + " " + word
      if width(longer) > columns, !current.allSatisfy({ $0 == " " }), !word.isEmpty {
        while current.last == " " { current.removeLast() }
        lines.append(current)
        current = indent + word
      } else {
        current = longer
      }
    }
    return (lines + [current]).joined(separator: "\n")
  }
}
