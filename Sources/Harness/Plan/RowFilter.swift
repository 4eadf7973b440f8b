// Which rows a word of the command line means: their name, their node and name, or some of their labels.

internal import Glibc

/// A glob that chooses rows.
package struct RowFilter: Equatable, Sendable {
  let pattern: String

  /// The glob `pattern`: `read rand*`, `null *`, `×4`, `depth 16`.
  package init(_ pattern: String) { self.pattern = pattern }

  /// Whether it means `row`: its whole name, with or without the node before it, or words of it that stand together.
  package func matches(_ row: Row) -> Bool {
    let name = row.workload.name
    if [name, row.title].contains(where: matches) { return true }
    let words = name.fields(" ")
    let count = max(1, pattern.fields(" ").count)
    return words.indices.contains { start in
      start + count <= words.count && matches(words[start..<(start + count)].joined(separator: " "))
    }
  }

  private func matches(_ text: String) -> Bool { fnmatch(pattern, text, 0) == 0 }
}
