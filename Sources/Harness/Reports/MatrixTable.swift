// Several stored checks as one table: which columns and rows there are, and which result counts in a cell.

/// Checks laid beside each other: a column is a program's file on a kernel in a mode, a row a scenario.
struct MatrixTable {
  /// The result that counts in a cell.
  struct Entry {
    /// The worst of the cell's results.
    var cell: StoredCheck.Cell
    /// The check that it is from.
    var check: String
    /// How often each verdict came out, where the cell has several results.
    var verdicts: [StoredCheck.Cell.Verdict: Int]

    /// How often each verdict came out, in words; nil after one result.
    var tally: String? {
      let count = verdicts.values.reduce(0, +)
      guard count > 1 else { return nil }
      let words = StoredCheck.Cell.Verdict.allCases.compactMap { verdict in
        verdicts[verdict].map { "\($0) × \(verdict.rawValue)" }
      }
      return "Of \(count) results the worst is shown: \(words.joined(separator: ", "))"
    }
  }

  /// A program on a kernel in a mode.
  struct Column {
    let program: String
    let kernel: String
    let mode: Mode
    var cells: [String: Entry] = [:]
    /// Whether any of its cells could be run.
    var isJudged: Bool { cells.values.contains { $0.cell.verdict != .skip } }
  }

  /// A scenario.
  struct Row {
    let name: String
    let title: String
    let tags: [String]
    /// The first word of its name.
    var group: String { String(name.prefix { $0 != "-" }) }
  }

  let checks: [StoredCheck]
  private(set) var columns: [Column] = []
  private(set) var rows: [Row] = []

  /// The table of `checks`, in whatever order they come.
  init(_ checks: [StoredCheck]) {
    self.checks = checks.sorted { ($0.subject, $0.kernel, $0.started) < ($1.subject, $1.kernel, $1.started) }
    let names = Self.names(self.checks)
    var places: [String: Int] = [:]
    var titles: [String: Row] = [:]
    for (check, name) in zip(self.checks, names) {
      for cell in check.cells {
        let key = [name, check.kernel, cell.mode.rawValue].map { "\($0.utf8.count) \($0)" }.joined(separator: " ")
        let place = places[key] ?? columns.count
        if place == columns.count {
          places[key] = place
          columns.append(Column(program: name, kernel: check.kernel, mode: cell.mode))
        }
        columns[place].cells[cell.scenario] = Self.entry(cell, check, beside: columns[place].cells[cell.scenario])
        titles[cell.scenario] = Row(name: cell.scenario, title: cell.title, tags: cell.tags)
      }
    }
    rows = titles.values.sorted { $0.name < $1.name }
    let order = Mode.allCases
    columns.sort {
      ($0.program, $0.kernel, order.firstIndex(of: $0.mode)!) < ($1.program, $1.kernel, order.firstIndex(of: $1.mode)!)
    }
  }

  /// How many scenarios the catalogue has for `mode`: as the checks say, and no fewer than they have run.
  func catalogue(_ mode: Mode) -> Int {
    let said = checks.compactMap { $0.catalogue[mode.rawValue] }.max() ?? 0
    let run = columns.filter { $0.mode == mode }.reduce(into: Set<String>()) { $0.formUnion($1.cells.keys) }
    return max(said, run.count)
  }

  /// From the worst on: a result that was once bad does not get better by being had again.
  private static let worst: [StoredCheck.Cell.Verdict] = [.fail, .xpass, .xfail, .pass, .skip]

  private static func entry(_ cell: StoredCheck.Cell, _ check: StoredCheck, beside known: Entry?) -> Entry {
    guard var entry = known else { return Entry(cell: cell, check: check.id, verdicts: [cell.verdict: 1]) }
    entry.verdicts[cell.verdict, default: 0] += 1
    if worst.firstIndex(of: cell.verdict)! < worst.firstIndex(of: entry.cell.verdict)! {
      (entry.cell, entry.check) = (cell, check.id)
    }
    return entry
  }

  /// What the program of each check is called: by subject and version, and by its file's first digits where two files
  /// of one subject would be called alike.
  private static func names(_ checks: [StoredCheck]) -> [String] {
    func name(_ check: StoredCheck) -> String {
      guard let said = check.program.version, said != check.subject else { return check.subject }
      let version = RunText.shortVersion(said)
      return version.hasPrefix(check.subject) ? version : "\(check.subject): \(version)"
    }
    var files: [String: Set<String>] = [:]
    for check in checks { files[name(check), default: []].insert(check.program.digest ?? "") }
    return checks.map { check in
      guard files[name(check)]!.count > 1 else { return name(check) }
      return "\(name(check)) (\(check.program.digest.map { String($0.prefix(8)) } ?? "file not known"))"
    }
  }
}
