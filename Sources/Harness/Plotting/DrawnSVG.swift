// gnuplot's SVG made fit for a page: no prolog, no names that two drawings share, colours from the page.

/// What gnuplot has drawn, as a part of an HTML page.
enum DrawnSVG {
  /// The drawing `text` of `plot` as an element of a page; nil if it is none. `number` tells the page's drawings
  /// from each other.
  static func inlined(_ text: String, plot: Plot, number: Int) -> String? {
    guard let start = text.firstRange(of: "<g id=\"gnuplot_canvas\">"), let end = text.firstRange(of: "</svg>") else {
      return nil
    }
    var body = String(text[start.lowerBound..<end.lowerBound])
    body = body.replacing(/<title>[^<]*<\/title>|<desc>[^<]*<\/desc>/, with: "")
    body = body.replacing(/<filter[\s\S]*?<\/filter>/, with: "")
    // A dot under each bar's whisker, which nobody sees.
    body = body.replacing(/<use xlink:href='#gpDot'[^>]*\/>/, with: "")
    body = body.replacing(/\sfont-family="[^"]*"/, with: "").replacing(/\scolor="(black|white|gray)"/, with: "")
    body = body.replacing(/rgb\(\s*0,\s*0,\s*(\d+)\)/) { match in "var(--p\(match.output.1))" }
    body = body.replacing(/stroke="black"/, with: "stroke=\"currentColor\"")
    if !body.contains("<use ", after: "</defs>") {
      body = body.replacing(/<defs>[\s\S]*?<\/defs>/, with: "")
    }
    body = body.replacing(/\bgp(Dot|Pt\d+)\b/) { match in "d\(number)\(match.output.1)" }
    body = body.replacing("id=\"gnuplot_canvas\"", with: "").replacing(/\sid="gnuplot_plot_\d+[ab]?"/, with: "")
    // Groups that hold nothing are half of what gnuplot writes; taking some away empties others.
    for _ in 0..<3 { body = body.replacing(/<g [^>]*>\s*<\/g>/, with: "") }
    body = body.replacing(/\n\s+/, with: "\n")
    return "<svg class=\"plot\" viewBox=\"0 0 \(plot.width) \(plot.height)\" role=\"img\" "
      + "style=\"max-width:\(plot.width * 3 / 2)px\" "
      + "aria-label=\(XMLText.quoted(plot.caption))>\n\(body)</svg>"
  }

  /// `inlined`, a part of a page, as a file of its own: with its namespaces, and the page's colours for a light screen.
  static func file(_ inlined: String) -> String {
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" "
      + "color=\"#1b1f24\" font-family=\"sans-serif\" "
    let coloured = inlined.replacing(/var\(--(\w+)\)/) { colour(String($0.output.1)) }
    return coloured.replacing("<svg ", with: head, maxReplacements: 1) + "\n"
  }

  private static let style = String(decoding: PackageResources.page_css, as: UTF8.self)

  /// What the page's style says that `--name` looks like; it names a colour or another name.
  private static func colour(_ name: String) -> String {
    guard let start = style.firstRange(of: "--\(name): ")?.upperBound else { return "currentColor" }
    let value = style[start...].prefix { $0 != ";" }
    guard let inner = value.wholeMatch(of: /var\(--(\w+)\)/) else { return String(value) }
    return colour(String(inner.output.1))
  }
}

extension String {
  fileprivate func contains(_ word: String, after mark: String) -> Bool {
    let start = firstRange(of: mark)?.upperBound ?? startIndex
    return self[start...].contains(word)
  }
}
