// Stored checks as one page for a browser: programs, kernels and modes beside each other, scenarios below each other.

/// The page of `fusebench matrix`: its values, for the template `matrix.html`.
package struct MatrixPage {
  /// The page of `checks`, self-contained: it loads nothing.
  package static func text(of checks: [StoredCheck]) -> String {
    PageTemplate.page("matrix", MatrixPage(MatrixTable(checks.map(\.readable))))
  }

  struct Choice {
    let reason: String
    let count: Int
  }
  struct Score {
    let program: String
    let kernel: String
    let mode: String
    let passed: Int
    let failed: Int
    let known: Int
    let skipped: Int
    let notRun: Int
    let all: Int
    let hasReasons: Bool
    let reasons: [Choice]
  }
  struct Head {
    let program: String
    let kernel: String
    let group: Int
    var width: Int
  }
  struct Column {
    let program: String
    let kernel: String
    let mode: String
    let group: Int
  }
  struct Cell {
    let verdict: String
    let word: String
    let label: String
    let detail: Int?
  }
  struct Row {
    let name: String
    let title: String
    let group: String
    let tags: String
    let cells: [Cell]
  }
  struct Line {
    let kind: String
    let text: String
  }
  struct Detail {
    let number: Int
    let isPrinted: Bool
    let scenario: String
    let said: String
    let title: String
    let `where`: String
    let paragraphs: [String]
    let address: String?
    let heading: String?
    let lines: [Line]
  }
  struct Fact {
    let name: String
    let value: String
  }
  struct Run {
    let id: String
    let facts: [Fact]
  }

  let style: String
  let script: String
  let scores: [Score]
  let groups: [String]
  let programs: [String]
  let kernels: [String]
  let modes: [String]
  let shown: String
  let heads: [Head]
  let columns: [Column]
  private(set) var rows: [Row] = []
  private(set) var details: [Detail] = []
  let runs: [Run]

  private init(_ table: MatrixTable) {
    style = PageTemplate.text(PackageResources.page_css) + PageTemplate.text(PackageResources.matrix_css)
    script = PageTemplate.text(PackageResources.matrix_js)
    scores = table.columns.map { Self.score($0, table) }
    groups = Self.distinct(table.rows.map(\.group))
    programs = Self.distinct(table.columns.map(\.program))
    kernels = Self.distinct(table.columns.map(\.kernel))
    modes = Mode.allCases.map(\.rawValue).filter { mode in table.columns.contains { $0.mode.rawValue == mode } }
    let judged = table.columns.filter(\.isJudged)
    shown = "\(TextFormat.count(table.rows.count, "scenario")), \(TextFormat.count(judged.count, "column"))"
    var heads: [Head] = []
    var columns: [Column] = []
    for column in judged {
      if heads.last?.program == column.program, heads.last?.kernel == column.kernel {
        heads[heads.count - 1].width += 1
      } else {
        heads.append(Head(program: column.program, kernel: column.kernel, group: heads.count, width: 1))
      }
      columns.append(
        Column(program: column.program, kernel: column.kernel, mode: column.mode.rawValue, group: heads.count - 1))
    }
    self.heads = heads
    self.columns = columns
    runs = table.checks.map(Self.run)
    for row in table.rows {
      let cells = judged.map { column in cell(row, column, column.cells[row.name]) }
      rows.append(
        Row(name: row.name, title: row.title, group: row.group, tags: row.tags.joined(separator: " "), cells: cells))
    }
  }

  private static func distinct(_ names: [String]) -> [String] { Set(names).sorted() }

  // MARK: Counts

  private static func score(_ column: MatrixTable.Column, _ table: MatrixTable) -> Score {
    let verdicts = column.cells.values.map(\.cell.verdict)
    func count(_ words: StoredCheck.Cell.Verdict...) -> Int { verdicts.count(where: words.contains) }
    var reasons: [String: Int] = [:]
    for entry in column.cells.values where entry.cell.verdict == .skip {
      reasons[entry.cell.reason ?? "no reason given", default: 0] += 1
    }
    let all = table.catalogue(column.mode)
    return Score(
      program: column.program, kernel: column.kernel, mode: column.mode.rawValue, passed: count(.pass),
      failed: count(.fail, .xpass), known: count(.xfail), skipped: count(.skip), notRun: max(0, all - verdicts.count),
      all: all, hasReasons: !reasons.isEmpty,
      reasons: reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { Choice(reason: $0.key, count: $0.value) })
  }

  // MARK: Cells

  private mutating func cell(
    _ row: MatrixTable.Row, _ column: MatrixTable.Column, _ entry: MatrixTable.Entry?
  ) -> Cell {
    guard let entry else { return Cell(verdict: "", word: "–", label: "", detail: nil) }
    let word = Self.word(entry.cell.verdict)
    let label = "\(row.name), \(column.program), \(column.kernel), \(column.mode): \(word)"
    guard entry.cell.verdict != .pass else { return Cell(verdict: "pass", word: word, label: label, detail: nil) }
    details.append(detail(row, column, entry))
    return Cell(verdict: entry.cell.verdict.rawValue, word: word, label: label, detail: details.count)
  }

  private static func word(_ verdict: StoredCheck.Cell.Verdict) -> String {
    switch verdict {
    case .pass: "pass"
    case .fail: "FAIL"
    case .xfail: "known"
    case .xpass: "XPASS"
    case .skip: "skip"
    }
  }

  private func detail(_ row: MatrixTable.Row, _ column: MatrixTable.Column, _ entry: MatrixTable.Entry) -> Detail {
    let cell = entry.cell
    var paragraphs: [String] = []
    if let reason = cell.reason { paragraphs.append("\(cell.verdict == .skip ? "Skipped" : "Failed"): \(reason)") }
    if let known = cell.expected { paragraphs.append("Expected to fail: \(known.why)") }
    let link = cell.expected?.link
    let isAddress = link.map { $0.hasPrefix("https://") || $0.hasPrefix("http://") } ?? false
    if let link, !isAddress { paragraphs.append("Described in \(link)") }
    if let tally = entry.tally { paragraphs.append(tally) }
    paragraphs += cell.transport
    let text = cell.difference ?? (cell.verdict == .skip ? nil : cell.detail)
    let heading = cell.difference == nil ? "What was found" : "Where the transcript (+) differs from the golden one (-)"
    return Detail(
      number: details.count + 1, isPrinted: [.fail, .xpass, .xfail].contains(cell.verdict), scenario: row.name,
      said: Self.word(cell.verdict), title: cell.title,
      where: "\(column.program), Linux \(column.kernel), \(column.mode); \(Figures.fixed(cell.seconds, 2)) s; "
        + "check \(entry.check)",
      paragraphs: paragraphs, address: isAddress ? link : nil, heading: text == nil ? nil : heading,
      lines: text.map(Self.lines) ?? [])
  }

  private static func lines(_ text: String) -> [Line] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let kind = line.hasPrefix("- ") ? "missing" : line.hasPrefix("+ ") ? "extra" : "same"
      return Line(kind: kind, text: String(line))
    }
  }

  // MARK: Runs

  private static func run(_ check: StoredCheck) -> Run {
    var facts = [Fact(name: "program", value: check.program.path ?? check.subject)]
    func add(_ name: String, _ value: String?) { value.map { facts.append(Fact(name: name, value: $0)) } }
    add("before it", check.program.prefix.isEmpty ? nil : TextFormat.shellLine(check.program.prefix))
    add("version", check.program.version)
    add("SHA-256", check.program.digest)
    add("build", check.program.build?.rawValue)
    add("kernel", check.kernel)
    add("tools", check.tools.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; "))
    add("judged by", check.judge.isEmpty ? nil : "fusebench \(check.judge)")
    add("begun, ended", "\(check.started), \(check.finished)")
    add("cells", check.progress + (check.stopped.map { ", broken off: \($0.rawValue)" } ?? ""))
    add("rounds", check.rounds > 1 ? "\(check.rounds)" : nil)
    add("command", TextFormat.shellLine(check.command))
    return Run(id: check.id, facts: facts)
  }
}
