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

  /// An element of other pieces. Attributes whose value is nil are left out.
  static func tag(_ name: String, _ attributes: [Attribute] = [], of content: [Markup]) -> Markup {
    let words = attributes.compactMap { attribute -> String? in
      attribute.value.map { " \(attribute.name)=\(XMLText.quoted($0))" }
    }
    return Markup(html: "<\(name)\(words.joined())>\(content.map(\.html).joined())</\(name)>")
  }

  /// An element that holds text.
  static func tag(_ name: String, _ attributes: [Attribute] = [], text: String) -> Markup {
    tag(name, attributes, of: [.text(text)])
  }

  /// A list of texts.
  static func list(_ texts: [String], _ attributes: [Attribute] = []) -> Markup {
    tag("ul", attributes, of: texts.map { tag("li", text: $0) })
  }

  /// A paragraph that steps back behind what it explains.
  static func remark(_ text: String) -> Markup { tag("p", [.init("class", "dim")], text: text) }

  /// An attribute; one without a value is left out.
  struct Attribute {
    let name: String
    let value: String?

    init(_ name: String, _ value: String?) {
      self.name = name
      self.value = value
    }
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
    let head = heads.enumerated().map { index, text -> Markup in
      let button = Markup.tag("button", [.init("type", "button")], text: text)
      return .tag("th", [.init("scope", "col"), .init("class", index < names ? "name" : nil)], of: [button])
    }
    let table = Markup.tag(
      "table", [.init("class", "sortable")],
      of: [
        .tag("caption", text: caption), .tag("thead", of: [.tag("tr", of: head)]),
        .tag("tbody", of: [.all(rows.map(row))]),
      ])
    return Self.box(table, label: caption)
  }

  /// `table` in a box that scrolls sideways, which a keyboard can reach too.
  static func box(_ table: Markup, label: String) -> Markup {
    let attributes: [Markup.Attribute] = [
      .init("class", "scroll"), .init("tabindex", "0"), .init("role", "region"), .init("aria-label", label),
    ]
    return .tag("div", attributes, of: [table])
  }

  private func row(_ cells: [Cell]) -> Markup {
    .tag("tr", of: cells.enumerated().map { index, cell in self.cell(cell, index) })
  }

  private func cell(_ cell: Cell, _ index: Int) -> Markup {
    let styles = [index < names ? "name" : nil, cell.style].compactMap(\.self)
    let attributes: [Markup.Attribute] = [
      .init("scope", index == 0 ? "row" : nil),
      .init("class", styles.isEmpty ? nil : styles.joined(separator: " ")),
      .init("data-key", cell.key.map(Figures.general)),
    ]
    return .tag(index == 0 ? "th" : "td", attributes, text: cell.text)
  }
}
