// Lines of text cells set under each other in columns.

/// A grid of text; every column is as wide as its widest cell.
struct TextGrid {
  /// The rows, all of the same number of cells; one of a single cell is a heading, which no column is widened by.
  var rows: [[String]] = []
  /// Blanks between two columns.
  var gap = 2
  /// Columns set flush left; all others are numbers and flush right.
  var leftColumns: Set<Int> = [0]
  /// What a terminal is told about a cell's colour: the padded cell, given its text. Nil leaves all as it is.
  var paint: ((_ text: String, _ padded: String) -> String)?

  /// The width of the widest line.
  var width: Int { widths.reduce(0, +) + gap * max(0, widths.count - 1) }

  /// The lines, without blanks at their ends.
  var lines: [String] {
    let widths = widths
    return rows.map { row in
      if row.count == 1 { return row[0] }
      let cells = row.enumerated().map { index, cell in
        let blanks = String(repeating: " ", count: widths[index] - cell.count)
        let padded = leftColumns.contains(index) ? cell + blanks : blanks + cell
        // The first column is a name, which must not be taken for a verdict.
        return index == 0 ? padded : paint?(cell, padded) ?? padded
      }
      var line = cells.joined(separator: String(repeating: " ", count: gap))
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  // Every sign that reports use (±, ×, µ) is one column wide on a terminal, so characters can be counted.
  private var widths: [Int] {
    let columns = rows.map(\.count).max() ?? 0
    return (0..<columns).map { column in
      rows.filter { $0.count > 1 }.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
  }
}

/// `text` broken at blanks into lines of at most `width` characters; a longer word stays whole.
func wrapped(_ text: String, width: Int, indent: String = "") -> [String] {
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if line.isEmpty {
      line = lines.isEmpty ? String(word) : indent + word
    } else if line.count + 1 + word.count <= width {
      line += " " + word
    } else {
      lines.append(line)
      line = indent + word
    }
  }
  return line.isEmpty ? lines : lines + [line]
}
