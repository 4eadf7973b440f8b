// What differs between a golden text and a transcript.

/// The difference of two texts, line by line.
package struct Difference: Sendable {
  private enum Line {
    case same(ArraySlice<UInt8>)
    case missing(ArraySlice<UInt8>)
    case extra(ArraySlice<UInt8>)
  }
  private let lines: [Line]
  /// Whether the texts have so little in common that equal lines may be among those that differ.
  package let isCoarse: Bool

  /// The difference between `golden` and `actual`, both as they are recorded; nil if they have the same bytes.
  package init?(golden: ByteText, actual: ByteText) {
    guard golden != actual else { return nil }
    let (old, new) = (golden.lines, actual.lines)
    let changes = LineChanges(from: old, to: new)
    isCoarse = changes.isCoarse
    var result: [Line] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if left < old.count, changes.removed[left] {
        result.append(.missing(old[left]))
        left += 1
      } else if right < new.count, changes.inserted[right] {
        result.append(.extra(new[right]))
        right += 1
      } else {
        result.append(.same(new[right]))
        left += 1
        right += 1
      }
    }
    lines = result
  }

  /// All lines: `-` expected but missing, `+` there but not expected, blank the same.
  package var full: ByteText {
    var text: [UInt8] = []
    for line in lines {
      text += Self.mark(line)
      text += Self.bytes(line)
      text.append(ByteText.lineEnd)
    }
    return ByteText(text)
  }

  /// The first difference: the two lines before it, then at most `limit` differing lines, each cut behind 300 bytes.
  package func first(_ limit: Int) -> String {
    guard let start = lines.firstIndex(where: Self.differs) else { return "" }
    var shown = lines[..<start].suffix(2).map(Self.text)
    let rest = lines[start...].prefix(while: Self.differs)
    if isCoarse {
      // All that is missing stands before all that is extra: some of each says more.
      let missing = rest.filter { if case .missing = $0 { true } else { false } }
      let extra = rest.filter { if case .extra = $0 { true } else { false } }
      let half = max(1, limit / 2)
      shown += (missing.prefix(max(half, limit - extra.count)) + extra.prefix(max(half, limit - missing.count)))
        .prefix(limit).map(Self.text)
    } else {
      shown += rest.prefix(limit).map(Self.text)
    }
    let more = lines[start...].count(where: Self.differs) - min(limit, rest.count)
    if more > 0 {
      shown.append(
        "  … and \(more) more that differ" + (isCoarse ? " (too many to look for equal ones among them)" : ""))
    }
    return shown.joined(separator: "\n")
  }

  /// All places that differ, each with the two lines before and behind it, `  …` between them: at most `limit` lines,
  /// each cut behind 300 bytes.
  package func places(atMost limit: Int) -> String {
    var shown: [String] = []
    var last = -1
    let changed = lines.indices.filter { Self.differs(lines[$0]) }
    let near = changed.flatMap { max(0, $0 - 2)...min(lines.count - 1, $0 + 2) }.reduce(into: [Int]()) {
      if $1 > $0.last ?? -1 { $0.append($1) }
    }
    for place in near {
      guard shown.count < limit else {
        let more = lines[place...].count(where: Self.differs)
        return (shown + ["  … and \(more) more that differ"]).joined(separator: "\n")
      }
      if place > last + 1 { shown.append("  …") }
      shown.append(Self.text(lines[place]))
      last = place
    }
    if last < lines.count - 1 { shown.append("  …") }
    return shown.joined(separator: "\n")
  }

  /// The lines that are extra, and of places that have none of these the missing ones, each with its sign, cut behind
  /// 300 bytes.
  var evidence: [String] {
    var shown: [String] = []
    for place in lines.split(whereSeparator: { !Self.differs($0) }) {
      let extra = place.filter { if case .extra = $0 { true } else { false } }
      shown += (extra.isEmpty ? Array(place) : extra).map(Self.text)
    }
    return shown
  }

  /// Whether the first difference is about an exit status alone.
  package var isAboutStatus: Bool {
    let changed = lines.drop { !Self.differs($0) }.prefix(while: Self.differs)
    return changed.allSatisfy { line in
      switch line {
      case .same: true
      case .missing(let text), .extra(let text):
        text.starts(with: "[exit ".utf8) || text.starts(with: "[signal ".utf8)
      }
    }
  }

  private static func differs(_ line: Line) -> Bool {
    if case .same = line { return false }
    return true
  }

  private static func bytes(_ line: Line) -> ArraySlice<UInt8> {
    switch line {
    case .same(let text), .missing(let text), .extra(let text): text
    }
  }

  private static func mark(_ line: Line) -> String.UTF8View {
    switch line {
    case .same: "  ".utf8
    case .missing: "- ".utf8
    case .extra: "+ ".utf8
    }
  }

  private static func text(_ line: Line) -> String {
    String(mark(line)) + ByteText(bytes(line)).shown(atMost: 300)
  }
}
