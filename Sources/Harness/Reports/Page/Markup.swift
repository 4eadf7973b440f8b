// HTML as a value: text from files can only get in escaped.

/// A piece of a page.
struct Markup {
  /// The piece as it stands in the page.
  private(set) var html: String

  private init(html: String) { self.html = html }

  /// Text, escaped.
  static func text(_ text: String) -> Markup { Markup(html: XMLText.escaped(text)) }

  /// What this program has written itself: style, script and drawings. Never text from a file.
  static func own(_ html: String) -> Markup { Markup(html: html) }

  /// Pieces one after the other, each on a line of its own.
  static func all(_ pieces: [Markup]) -> Markup { Markup(html: pieces.map(\.html).joined(separator: "\n")) }

  /// An element. Attributes whose value is nil are left out.
  static func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ content: [Markup]) -> Markup {
    let words = attributes.compactMap { key, value in value.map { " \(key)=\(XMLText.quoted($0))" } }.joined()
    return Markup(html: "<\(name)\(words)>\(content.map(\.html).joined())</\(name)>")
  }

  /// An element that holds text.
  static func tag(_ name: String, _ attributes: KeyValuePairs<String, String?> = [:], _ text: String) -> Markup {
    tag(name, attributes, [.text(text)])
  }
}

/// A table of a page that a click on a head sorts.
struct SortedTable {
  /// A cell: what it shows, and the number it is sorted by (its text if nil).
  struct Cell {
    var text: String
    var key: Double?
    var style: String?

    init(_ text: String, key: Double? = nil, style: String? = nil) {
      self.text = text
      self.key = key
      self.style = style
    }

    /// A number that may be missing.
    static func number(_ number: Double?, _ digits: Int) -> Cell {
      Cell(number.map { Figures.fixed($0, digits) } ?? "–", key: number)
    }
  }

  let caption: String
  let heads: [String]
  /// The columns that hold names and stand flush left.
  var names = 1
  var rows: [[Cell]] = []

  init(caption: String, heads: [String], names: Int = 1) {
    self.caption = caption
    self.heads = heads
    self.names = names
  }

  /// The table, in a box that scrolls sideways where it is too wide.
  var markup: Markup {
    let head = heads.enumerated().map { index, text in
      Markup.tag(
        "th", ["scope": "col", "class": index < names ? "name" : nil],
        [.tag("button", ["type": "button"], text)])
    }
    let body = rows.map { row in
      Markup.tag(
        "tr",
        row.enumerated().map { index, cell in
          let style = [index < names ? "name" : nil, cell.style].compactMap(\.self).joined(separator: " ")
          return Markup.tag(
            index == 0 ? "th" : "td",
            [
              "scope": index == 0 ? "row" : nil, "class": style.isEmpty ? nil : style,
              "data-key": cell.key.map(Figures.general),
            ], cell.text)
        })
    }
    return .tag(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption],
      [
        .tag(
          "table", ["class": "sortable"],
          [
            .tag("caption", caption), .tag("thead", [.tag("tr", head)]), .tag("tbody", [.all(body)]),
          ])
      ])
  }
}
