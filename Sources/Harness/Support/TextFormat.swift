// Small turns of English that messages share.

/// Words for numbers of things, and the word that somebody may have meant.
package enum TextFormat {
  /// `1 cell`, `2 cells`.
  package static func count(_ number: Int, _ thing: String) -> String { "\(number) \(thing)\(number == 1 ? "" : "s")" }

  /// `a, b and c`; nil of nothing.
  package static func list(_ parts: [String]) -> String? {
    guard let last = parts.last else { return nil }
    return parts.count == 1 ? last : parts.dropLast().joined(separator: ", ") + " and " + last
  }

  /// `words` as a line that a shell takes apart into the same words.
  package static func shellLine(_ words: [String]) -> String { words.map(shellWord).joined(separator: " ") }

  /// `text` in one line, with what a terminal would obey or hide made visible: control characters, line ends and
  /// what turns the direction of writing, as `\\u{1b}`.
  package static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      if isHidden(scalar) {
        line += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        line.unicodeScalars.append(scalar)
      }
    }
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    // Joiners are part of emoji and of scripts; what turns or hides text is a format too.
    case .control, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate: true
    case .format: !(0x200c...0x200d).contains(scalar.value)
    default: false
    }
  }

  private static func shellWord(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./=,:+@%".utf8.contains(byte)
      }
    }
    return plain && !word.isEmpty
      ? word
      : "'" + word.escapingScalars { $0 == "'" ? "'\\''" : nil } + "'"
  }

  /// `a, b, c and 5 more`: the first `number` of `names`; all of them where one more would be left.
  package static func first(_ number: Int, of names: [String]) -> String {
    guard names.count > number + 1 else { return names.joined(separator: ", ") }
    return names.prefix(number).joined(separator: ", ") + " and \(names.count - number) more"
  }

  /// The one of `words` that `typed` is most likely a slip of; nil if none is near.
  package static func nearest(to typed: String, of words: [String]) -> String? {
    let near = words.map { (word: $0, slips: slips(typed, $0)) }
      .min { ($0.slips, $0.word) < ($1.slips, $1.word) }
    // A third of a word may be wrong; more is another word.
    guard let near, near.slips <= max(1, near.word.count / 3) else { return nil }
    return near.word
  }

  /// How many letters must be put in, left out, changed or swapped with their neighbour to make `left` into `right`.
  private static func slips(_ left: String, _ right: String) -> Int {
    let (a, b) = (Array(left), Array(right))
    var rows = [Array(0...b.count)]
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        var best = min(rows[i][j] + (a[i] == b[j] ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, rows[i - 1][j - 1] + 1) }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[a.count][b.count]
  }
}
