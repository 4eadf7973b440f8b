// A benchmark before it runs, for people: columns, rows, what is to be known of them, and how long it will take.

/// The text of `fusebench bench --list`.
package enum PlanTable {
  /// What `bench` would measure.
  package static func text(_ bench: Bench) -> String {
    let whole = "all in all about \(bench.estimateWords), the image included"
    return bench.plans.map { text($0) }.joined(separator: "\n") + "\n\(whole)\n"
  }

  static func text(_ plan: BenchPlan) -> String {
    let settings = plan.settings
    var lines = [
      "\(plan.suite): \(plan.title)",
      "  columns: \(plan.columns.map(words).joined(separator: ", "))",
      "  samples: \(samples(settings)) of \(settings.runtime) s per cell, on \(ByteSize.format(settings.size))"
        + (settings.cpuIdle.map { ", \($0.words)" } ?? ""),
      "  \(TextFormat.count(plan.rows.count, "row")), \(TextFormat.count(plan.cellCount, "cell")), about "
        + TimeLeft.words(plan.estimate),
    ]
    if !plan.checkedColumns.isEmpty {
      lines.append("  first the data of \(plan.checkedColumns.map(\.name).joined(separator: ", ")) are checked")
    }
    lines += plan.notes.map { "  note: \($0)" }
    let width = plan.rows.map(\.title.count).max() ?? 0
    for row in plan.rows {
      let title = row.title + String(repeating: " ", count: width - row.title.count)
      lines.append("    \(title)  \(words(row))  \(TimeLeft.words(plan.estimate(of: row)))")
      lines += row.notes.map { "      note: \($0)" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// `3`, or `6, up to 12 while intervals are wider than 5 %`.
  private static func samples(_ settings: BenchSettings) -> String {
    guard settings.maxSamples > settings.samples else { return "\(settings.samples)" }
    return "\(settings.samples), up to \(settings.maxSamples) while intervals are wider than "
      + "\(Figures.general(settings.precision * 100)) %,"
  }

  private static func words(_ column: Column) -> String {
    switch column.role {
    case .compared: column.name
    case .reference, .floor: "\(column.name) (reference)"
    case .control: "\(column.name) (control)"
    }
  }

  private static func words(_ row: Row) -> String {
    let load = row.workload
    guard load.operation.runsFio else { return load.operation.rawValue + words(row.export) }
    var words = "\(load.operation.rawValue) \(load.pattern.rawValue) \(ByteSize.format(Int64(load.block)))"
    words += " \(load.engine.rawValue) depth \(load.depth) × \(load.jobs)"
    return words + load.fioOptions.sorted { $0.key < $1.key }.map { " fio.\($0)=\($1)" }.joined()
      + Self.words(row.export)
  }

  private static func words(_ knobs: ExportKnobs) -> String {
    func word(_ name: String, _ value: (some CustomStringConvertible)?) -> String {
      value.map { " \(name) \($0)" } ?? ""
    }
    return word("threads", knobs.threads) + word("queue-depth", knobs.queueDepth)
      + word("poll-max-ns", knobs.pollLimit) + word("aio-max-batch", knobs.batch)
      + word("growable", knobs.growable.map { $0 ? "on" : "off" })
      + word("direct", knobs.direct.map { $0 ? "on" : "off" })
      + word("aio", knobs.aio?.rawValue) + word("allow-other", knobs.allowOther?.rawValue)
      + word("discard", knobs.discard?.rawValue)
  }
}
