// The sentences about a run that all reports share: how, what, where, and what to know before believing it.

internal import HarnessStatistics

/// Sentences about a run that every report uses.
enum RunText {
  /// How samples were taken: `2 samples × 0.5 s (+ 0.2 s ramp), idle CPUs held awake`.
  static func sampling(_ run: StoredRun) -> String {
    let settings = run.settings
    // References may have fewer: they stand beside the others as a measure.
    let references = Set(run.columns.filter { $0.isReference }.map(\.name))
    let counts = run.cells.filter { $0.failure == nil && !references.contains($0.column) }.map(\.samples.count)
    let (least, most) = (counts.min() ?? settings.samples, counts.max() ?? settings.samples)
    let number = least == most || least < settings.samples ? "\(max(most, settings.samples))" : "\(least)…\(most)"
    let words = "\(number) \(number == "1" ? "sample" : "samples")"
    let idle = settings.cpuIdle.map { ", \($0.words)" } ?? ""
    // Where nothing is loaded for a while, the measured time means nothing.
    guard run.rows.contains(where: { [.rate, .latency].contains($0.workload.metric) }) else { return words + idle }
    return words + " × "
      + "\(Figures.seconds(settings.runtime)) (+ \(Figures.seconds(settings.ramp)) ramp)" + idle
  }

  /// What was compared: references, each program with its version and its modes, and what changes are against.
  static func compared(_ run: StoredRun) -> String {
    // The floors of all modes are one thing.
    let floor = run.columns.first { $0.role == .floor }
    var parts = run.columns.filter { $0.isReference && ($0.role != .floor || $0 == floor) }.map(column)
    var sides: [String] = []
    for column in run.columns where column.role == .compared && !sides.contains(column.side) {
      sides.append(column.side)
      parts.append(program(of: column, run))
    }
    parts += run.columns.filter { $0.role == .control }.map(column)
    if let against = changesAreAgainst(run) { parts.append("changes are \(against)") }
    return parts.joined(separator: "; ")
  }

  /// A compared program and its columns: `qemu-storage-daemon#2 (11.1.3) in legacy and multithread (2 iothreads)`.
  private static func program(of first: Column, _ run: StoredRun) -> String {
    let modes = run.columns.filter { $0.role == .compared && $0.side == first.side }.map(column)
    let subject = first.subject ?? ""
    let version = first.version.map(shortVersion).map { version in
      version.utf8.starts(with: "\(subject) ".utf8) ? String(version.dropFirst(subject.count + 1)) : version
    }
    let name = first.side.isEmpty ? subject : first.side
    let what = [name, version.map { "(\($0))" }, first.behind].compactMap(\.self).filter { !$0.isEmpty }
    let list = TextFormat.list(modes) ?? ""
    return what.isEmpty ? list : what.joined(separator: " ") + " in " + list
  }

  /// A version without what stands in brackets, such as the package's, and without the word itself: it stands
  /// where there is little room, and the run or check holds what the program said.
  static func shortVersion(_ version: String) -> String {
    var depth = 0
    var kept: [UInt8] = []
    for byte in version.utf8 {
      if byte == UInt8(ascii: "(") { depth += 1 }
      if depth == 0 { kept.append(byte) }
      if byte == UInt8(ascii: ")") { depth = max(0, depth - 1) }
    }
    let words = ByteText(kept).text.fields(" ").filter { $0 != "version" }.joined(separator: " ")
    return words.isEmpty ? version : words.replacing(" ,", with: ",")
  }

  /// A column and what it is.
  static func column(_ column: Column) -> String {
    switch column.kind {
    case .raw: return "\(column.name) (the image without FUSE)"
    case .loop: return "\(column.name) (the image as a loop device)"
    case .nbd: return "\(column.name) (the image over NBD)"
    case .export: break
    }
    let threads = column.threads.map { $0 > 1 ? " (\($0) iothreads)" : "" } ?? ""
    switch column.role {
    case .reference: return "\(column.name) (an export of nothing)"
    case .floor: return "the floor of each mode (the least a server can do)"
    case .control: return "\(column.name) (the control)"
    case .compared: return column.modeName + threads
    }
  }

  /// What changes are against, if there is anything to compare.
  private static func changesAreAgainst(_ run: StoredRun) -> String? {
    guard run.columns.count(where: { !$0.isReference }) > 1, run.baseline != nil else { return nil }
    let words = against(run)
    return words.prefix(1).lowercased() + words.dropFirst()
  }

  /// What the changes of a run are against: `Against legacy`, or how programs are compared mode by mode.
  static func against(_ run: StoredRun) -> String {
    guard run.comparesPrograms, let baseline = run.baseline else {
      return "Against \(run.baseline?.name ?? "the first")"
    }
    let hasModes = run.columns.count { $0.role == .compared && $0.side == baseline.side } > 1
    return "Against \(baseline.side) in the same mode" + (hasModes ? ", its own modes against \(baseline.name)" : "")
  }

  /// What a node is, in a heading.
  static func node(_ node: NodeKind, _ run: StoredRun) -> String {
    switch node {
    case .file: "file node (\(Figures.size(run.settings.size)))"
    case .null: "null node (\(Figures.size(run.settings.size)), nothing behind it)"
    }
  }

  /// What a table shows: the node, and the unit where the run has several.
  static func section(_ section: RunFigures.Section, _ run: StoredRun, always: Bool = false) -> String {
    let isMixed = Set(run.ownRows.map(\.workload.metric)).count > 1
    return node(section.node, run) + (isMixed || always ? ", " + MetricFormat(section.metric).heading : "")
  }

  /// What the kernel counted of each compared column's server, in the median of the rows; nil where nothing was.
  static func costs(_ figures: RunFigures) -> String? {
    var columns: [(name: String, costs: [KernelCosts])] = []
    for section in figures.sections {
      for (index, column) in section.columns.enumerated() {
        let costs = section.rows.compactMap { $0.figures[index].costs }
        if let place = columns.firstIndex(where: { $0.name == column.name }) {
          columns[place].costs += costs
        } else if !costs.isEmpty {
          columns.append((column.name, costs))
        }
      }
    }
    guard !columns.isEmpty else { return nil }
    func median(_ values: [Double]) -> String { Figures.optional(Statistics.median(values), 2) }
    let words = columns.map { name, costs in
      "\(name) \(median(costs.map(\.systemCalls))) and \(median(costs.map(\.wakeups)))"
    }
    return "System calls and wake-ups of the server per I/O, as the kernel counted them (median of the rows): "
      + words.joined(separator: ", ") + "."
  }

  /// How verdicts came about.
  static func judged(_ run: StoredRun) -> String {
    let effect = Figures.general(run.settings.smallestEffect * 100)
    return "Changes: trimmed mean of paired ratios and its 95 % interval; same: surely inside ±\(effect)%. "
      + "All rows of a run are judged together (Benjamini-Hochberg)."
  }

  /// What became of the control; nil if the run has none that was measured.
  static func control(_ figures: RunFigures) -> String? {
    guard let base = figures.baseline else { return nil }
    var name: String?
    var ratios: [Double] = []
    for section in figures.sections {
      for row in section.rows {
        for (column, figure) in zip(section.columns, row.figures) where column.role == .control {
          guard let comparison = figure.comparison else { continue }
          name = column.name
          ratios.append(comparison.ratio)
        }
      }
    }
    guard let name, let least = ratios.min(), let most = ratios.max() else { return nil }
    let range =
      ratios.count == 1
      ? Figures.percent(least - 1) : "\(Figures.percent(least - 1)) to \(Figures.percent(most - 1))"
    let differs = figures.comparisons.controlDiffers
    let rows = ratios.count == 1 ? "1 row" : "\(ratios.count) rows"
    return "Control: \(name) against \(base.name) (the same twice): \(range) in \(rows); "
      + (differs.isEmpty
        ? "no row differs."
        : "it differs in \(differs.joined(separator: ", ")): nothing can be said there.")
  }

  /// The geometric means of the ratios, a sentence per section that has more than one row.
  static func means(_ run: StoredRun, _ figures: RunFigures) -> [String] {
    figures.sections.compactMap { section in
      let parts = section.columns.enumerated().compactMap { index, column -> String? in
        let mean = figures.comparisons.geometricMean.first {
          ($0.node, $0.metric, $0.column) == (section.node, section.metric, column.name)
        }
        guard let mean, mean.rows > 1 else { return nil }
        return "\(column.name) ×\(Figures.fixed(mean.ratio, 2)) (\(verdicts(section, index)))"
      }
      guard !parts.isEmpty else { return nil }
      let what = section.metric == .rate ? "" : " \(section.metric.rawValue)"
      return "\(run.suite), \(section.node.rawValue)\(what): geometric mean of the rows: "
        + parts.joined(separator: ", ") + "."
    }
  }

  /// How often a column got each verdict: `faster 3, same 1`.
  static func verdicts(_ section: RunFigures.Section, _ index: Int) -> String {
    let all = section.rows.compactMap { $0.figures[index].comparison?.verdict }
    return SpeedVerdict.allCases.compactMap { verdict in
      let count = all.count { $0 == verdict }
      return count == 0 ? nil : "\(MetricFormat(section.metric).verdict(verdict)) \(count)"
    }.joined(separator: ", ")
  }

  /// Why verdicts are unsure: the reasons with their numbers, the commonest first; nil if none is.
  static func doubts(_ figures: RunFigures) -> String? {
    var counts: [String: Int] = [:]
    for figure in figures.sections.flatMap(\.rows).flatMap(\.figures) {
      guard let comparison = figure.comparison, comparison.verdict == .unsure else { continue }
      counts[comparison.reason ?? "the samples do not tell", default: 0] += 1
    }
    guard !counts.isEmpty else { return nil }
    let reasons = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = reasons.prefix(3).map { "\($0.key) (\($0.value) ×)" }
    return "Unsure: " + shown.joined(separator: "; ")
      + (reasons.count > 3 ? "; and \(reasons.count - 3) other reasons." : ".")
  }
}
