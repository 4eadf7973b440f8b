// The export programs that can be checked, as a table.

/// The table of `fusebench subjects`.
package enum SubjectTable {
  /// A line for each of `subjects`: its name, whether its programs are here, and what it is or how to get it.
  package static func text(_ subjects: [Subject]) -> String {
    var grid = TextGrid(
      rows: [["subject", "state", "what it is", "version, or how to get it"]], leftColumns: [0, 1, 2, 3])
    grid.rows += subjects.map { subject in
      let missing = subject.missingPrograms
      guard !missing.isEmpty else { return [subject.name, "found", subject.title, subject.version ?? ""] }
      let way = subject.packages.isEmpty ? subject.get : "fusebench subjects --install \(subject.name)"
      return [subject.name, "no \(missing.joined(separator: ", "))", subject.title, way ?? ""]
    }
    return grid.lines.map { $0 + "\n" }.joined()
  }
}
