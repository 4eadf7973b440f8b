// Takes a line apart into words as a shell does, for options that hold a command's words.

/// A line that is no words; one line with the way out.
package struct ShellWordsError: Error, CustomStringConvertible, Equatable {
  /// What is wrong with the line.
  package let description: String
}

/// Words of a line: what `TextFormat.shellLine` has put together.
package enum ShellWords {
  /// The words of `line`: blanks part them; between quotes, and after a backslash, everything stands for itself (within
  /// `"` the backslash only before `"` and `\`). Nothing is expanded.
  /// - Throws: `ShellWordsError` where a quote is not closed.
  package static func split(_ line: String) throws(ShellWordsError) -> [String] {
    var words: [[UInt8]] = []
    var word: [UInt8]?
    var quote: UInt8?
    var rest = Array(line.utf8)[...]
    while let byte = rest.popFirst() {
      switch (byte, quote) {
      case (UInt8(ascii: "\\"), nil):
        word = (word ?? []) + rest.prefix(1)
        rest = rest.dropFirst()
      case (UInt8(ascii: "\\"), UInt8(ascii: "\"")):
        let isEscape = rest.first == UInt8(ascii: "\"") || rest.first == UInt8(ascii: "\\")
        word = (word ?? []) + (isEscape ? rest.prefix(1) : [byte])
        if isEscape { rest = rest.dropFirst() }
      case (UInt8(ascii: "'"), nil), (UInt8(ascii: "\""), nil):
        quote = byte
        word = word ?? []
      case (_, _) where byte == quote: quote = nil
      case (0x20, nil), (0x09, nil), (0x0A, nil):
        if let word { words.append(word) }
        word = nil
      default: word = (word ?? []) + [byte]
      }
    }
    guard quote == nil else {
      throw ShellWordsError(description: "'\(ByteText.shown(line))' has a quote that is not closed")
    }
    if let word { words.append(word) }
    return words.map { ByteText($0).text }
  }
}
