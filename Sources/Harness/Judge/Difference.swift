// What differs between a golden text and a transcript.

/// The difference of two texts, line by line.
package struct Difference: Sendable {
  private enum Line {
    case same(String)
    case missing(String)
    case extra(String)
  }
  private let lines: [Line]

  /// The difference between `golden` and `actual`; nil if there is none.
  package init?(golden: String, actual: String) {
    guard golden != actual else { return nil }
    let old = golden.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let new = actual.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let changes = LineChanges(from: old, to: new)
    var result: [Line] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if left < old.count, changes.removed.contains(left) {
        result.append(.missing(old[left]))
        left += 1
      } else if right < new.count, changes.inserted.contains(right) {
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
  package var full: String { lines.map(Self.text).joined(separator: "\n") + "\n" }

  /// The first difference: the two lines before it, then at most `limit` differing lines.
  package func first(_ limit: Int) -> String {
    guard let start = lines.firstIndex(where: Self.differs) else { return "" }
    var shown = lines[..<start].suffix(2).map(Self.text)
    let rest = lines[start...].prefix(while: Self.differs)
    shown += rest.prefix(limit).map(Self.text)
    let more = lines[start...].filter(Self.differs).count - min(limit, rest.count)
    if more > 0 { shown.append("  … and \(more) more that differ") }
    return shown.joined(separator: "\n")
  }

  /// Whether the first difference is about an exit status alone.
  package var isAboutStatus: Bool {
    let changed = lines.drop { !Self.differs($0) }.prefix(while: Self.differs)
    return changed.allSatisfy { line in
      switch line {
      case .same: true
      case .missing(let text), .extra(let text): text.hasPrefix("[exit ") || text.hasPrefix("[signal ")
      }
    }
  }

  private static func differs(_ line: Line) -> Bool {
    if case .same = line { return false }
    return true
  }

  private static func text(_ line: Line) -> String {
    switch line {
    case .same(let text): "  " + text
    case .missing(let text): "- " + text
    case .extra(let text): "+ " + text
    }
  }
}
