// The forms in which a stored run can be shown, and the sentences that all of them share.

/// A form of report; each is a pure function from a stored run to text.
public enum ReportFormat: String, CaseIterable, Sendable {
  /// For a terminal of 100 columns.
  case table
  /// For a web page or a mail.
  case markdown
  /// For a commit message of 72 columns.
  case commit

  /// `runs`, which were measured together, in this form; with a line feed at its end.
  public func text(of runs: [StoredRun]) -> String {
    let lines =
      switch self {
      case .table: TableReport.lines(of: runs)
      case .markdown: Array(runs.map(MarkdownReport.lines).joined(separator: [""]))
      case .commit: Array(runs.map(CommitReport.lines).joined(separator: [""]))
      }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Sentences about a run that every report uses.
enum RunWords {
  /// How samples were taken: `2 samples × 0.5 s (+ 0.2 s ramp) per cell`.
  static func sampling(_ run: StoredRun) -> String {
    let settings = run.settings
    return "\(settings.samples) \(settings.samples == 1 ? "sample" : "samples") × "
      + "\(Figures.seconds(settings.runtime)) (+ \(Figures.seconds(settings.ramp)) ramp)"
  }

  /// What was compared: the subject, the modes and what changes are against.
  static func compared(_ run: StoredRun) -> String {
    var parts = run.columns.map { column in
      switch column.kind {
      case .raw: "raw (the image without FUSE)"
      case .export:
        column.name + (column.threads.map { $0 > 1 ? " (\($0) iothreads)" : "" } ?? "")
      }
    }
    let last = parts.popLast() ?? "nothing"
    let list = parts.isEmpty ? last : parts.joined(separator: ", ") + " and " + last
    let subjects = Set(run.columns.compactMap(\.subject)).sorted().joined(separator: ", ")
    return list + (subjects.isEmpty ? "" : " of \(subjects)")
      + (comparison(run).map { ", % against \($0.name)" } ?? "")
  }

  /// The column that changes are against, if there is one to compare with it.
  private static func comparison(_ run: StoredRun) -> Column? {
    run.columns.count { $0.role == .compared } > 1 ? run.baseline : nil
  }

  /// What a node is, in a heading.
  static func node(_ node: NodeKind, _ run: StoredRun) -> String {
    switch node {
    case .file: "file node (\(Figures.size(run.settings.size)))"
    case .null: "null node (\(Figures.size(run.settings.size)), nothing behind it)"
    }
  }

  /// What the reader must know before believing the figures: failures, missing cells, unproven ones.
  static func warnings(_ run: StoredRun) -> [String] {
    var lines = failures(run)
    let wanted = run.rows.reduce(0) { sum, row in
      sum + run.columns.count { $0.measures(row) }
    }
    let done = run.cells.count { $0.failure != nil || $0.samples.count >= run.settings.samples }
    if done < wanted { lines.append("incomplete: \(done) of \(wanted) cells of \(run.suite) were measured") }
    let unproven = Set(run.cells.filter { $0.proof == .unproven }.map(\.column)).sorted()
    if !unproven.isEmpty {
      lines.append(
        "?: transport not proven, the subject keeps no statistics (\(unproven.joined(separator: ", ")))")
    }
    if run.build == .debug {
      lines.append("debug build: these figures are not those of a release build (swift build -c release)")
    }
    return lines
  }

  /// The failed cells; those that failed alike in one column share a line.
  private static func failures(_ run: StoredRun) -> [String] {
    var alike: [(key: String, cells: [BenchCell])] = []
    for cell in run.failures {
      let key = "\(cell.column): \(cell.failure ?? "")"
      if let place = alike.firstIndex(where: { $0.key == key }) {
        alike[place].cells.append(cell)
      } else {
        alike.append((key, [cell]))
      }
    }
    return alike.map { key, cells in
      let name = "\(cells[0].node.rawValue) \(cells[0].workload)"
      let more = cells.count > 1 ? " and \(cells.count - 1) more" : ""
      return "failed: \(run.suite), \(name)\(more), \(key)"
    }
  }
}
