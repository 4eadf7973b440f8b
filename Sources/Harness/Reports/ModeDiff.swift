// Transcripts of several modes in columns, where they disagree.

/// Text of a comparison of modes.
package enum ModeDiff {
  /// Lines of a comparison that are shown; nobody reads more, and the folders of the cells have all.
  static let mostLines = 100
  /// Lines shown before and after each place where modes differ.
  static let context = 2

  /// The places where modes differ, with a little of what is around them, in at most `width` columns. A mark `!`
  /// stands before lines that differ; of these, one too long for its column goes on below.
  package static func text(_ comparison: ModeComparison, width: Int = 100) -> String {
    let columns = comparison.modes.count
    // Two columns for the mark, three for each rule between two modes.
    let column = max(8, (width - 2 - 3 * (columns - 1)) / columns)
    var lines = [
      line(comparison.modes.map(\.rawValue), mark: "  ", width: column),
      "  " + Array(repeating: String(repeating: "-", count: column), count: columns).joined(separator: "-+-"),
    ]
    var last = -1
    for (index, row) in comparison.rows.enumerated() where isNear(index, comparison) {
      guard lines.count < mostLines else {
        let more = comparison.rows[index...].count(where: \.differs)
        return (lines + ["  … and \(more) more lines that differ"]).map { $0 + "\n" }.joined()
      }
      if index > last + 1 { lines.append("  …") }
      lines += self.lines(row, width: column)
      last = index
    }
    if last < comparison.rows.count - 1 { lines.append("  …") }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func isNear(_ index: Int, _ comparison: ModeComparison) -> Bool {
    let rows = comparison.rows
    return rows[max(0, index - context)...min(rows.count - 1, index + context)].contains(where: \.differs)
  }

  private static func lines(_ row: ModeComparison.Row, width: Int) -> [String] {
    let pieces = row.cells.map { cell in
      cell.map { $0.shown(atMost: 1000) }.map { row.differs ? cut($0, width) : [clipped($0, width)] } ?? []
    }
    return (0..<(pieces.map(\.count).max() ?? 0)).map { index in
      line(
        pieces.map { index < $0.count ? $0[index] : "" }, mark: row.differs ? "! " : "  ", width: width)
    }
  }

  private static func clipped(_ text: String, _ width: Int) -> String {
    text.count > width ? text.prefix(width - 1) + "…" : text
  }

  private static func cut(_ text: String, _ width: Int) -> [String] {
    var pieces: [String] = []
    // A tab is as wide as it likes; a blank keeps the columns straight.
    var rest = text.replacing("\t", with: " ")[...]
    repeat {
      pieces.append(String(rest.prefix(width)))
      rest = rest.dropFirst(width)
    } while !rest.isEmpty
    return pieces
  }

  private static func line(_ cells: [String], mark: String, width: Int) -> String {
    var line = mark + cells.map { $0.padded(to: width) }.joined(separator: " | ")
    while line.last == " " { line.removeLast() }
    return line
  }
}
