// A table of a page that a click on a head sorts: the values for the template `table.html`.

/// A table: its heads and its cells.
struct PageTable {
  struct Head {
    let text: String
    let isName: Bool
  }
  struct Line {
    let cells: [Cell]
  }

  /// A cell: what it shows, and the number it is sorted by (its text if nil).
  struct Cell {
    let text: String
    let sortKey: String?
    /// Its classes.
    let kind: String?
    let isHead: Bool
  }

  let caption: String
  let heads: [Head]
  let lines: [Line]

  /// A cell before it has its place.
  struct Value {
    var text: String
    var key: Double?
    var style: String?

    init(_ text: String, key: Double? = nil, style: String? = nil) {
      self.text = text
      self.key = key
      self.style = style
    }

    /// A number that may be missing.
    static func number(_ number: Double?, _ digits: Int) -> Value {
      Value(number.map { Figures.fixed($0, digits) } ?? "–", key: number)
    }
  }

  /// A table whose first `names` columns hold names and stand flush left.
  init(caption: String, heads: [String], names: Int = 1, rows: [[Value]]) {
    self.caption = caption
    self.heads = heads.enumerated().map { Head(text: $0.element, isName: $0.offset < names) }
    lines = rows.map { row in
      Line(
        cells: row.enumerated().map { index, value in
          let kinds = [index < names ? "name" : nil, value.style].compactMap(\.self)
          return Cell(
            text: value.text, sortKey: value.key.map(Figures.general),
            kind: kinds.isEmpty ? nil : kinds.joined(separator: " "), isHead: index == 0)
        })
    }
  }
}
