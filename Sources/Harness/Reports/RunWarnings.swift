// What the reader of a report must know before believing its figures.

extension RunText {
  /// Failures, missing cells, unproven ones, dropped samples, notes, a debug build.
  static func warnings(_ run: StoredRun) -> [String] {
    var lines = run.integrity.compactMap { check in
      check.failure.map { "not measured: \(check.column) does not keep data as written: \($0)" }
    }
    lines += failures(run)
    let wanted = run.ownRows.reduce(0) { sum, row in
      sum + run.columns.count { $0.hasCell(in: row) }
    }
    let done = run.cells.count { cell in
      let column = run.columns.first { $0.name == cell.column }
      return cell.failure != nil
        || cell.samples.count >= (column.map(run.settings.samples(of:)) ?? run.settings.samples)
    }
    if done < wanted { lines.append("incomplete: \(done) of \(wanted) cells of \(run.suite) were measured") }
    if let shard = run.shard {
      lines.append(
        "share \(shard.number) of \(shard.of): \(run.ownRows.count) of \(TextFormat.count(run.rows.count, "row")), "
          + "the others are in other runs (fusebench merge)")
    }
    let unproven = Set(run.cells.filter { $0.proof == .unproven }.map(\.column))
      .subtracting(run.columns.filter { $0.isReference }.map(\.name)).sorted()
    if !unproven.isEmpty {
      lines.append(
        "?: transport not proven, the subject keeps no statistics (\(unproven.joined(separator: ", ")))")
    }
    lines += dropped(run) + disturbed(run) + run.notes + notes(run)
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
      let more = cells.count > 1 ? " and \(cells.count - 1) more" : ""
      return "failed: \(run.suite), \(cells[0].title)\(more), \(key)"
    }
  }

  /// How many samples were thrown away, and the commonest reason.
  private static func dropped(_ run: StoredRun) -> [String] {
    let reasons = run.cells.flatMap { $0.dropped.map(\.reason) }
    guard let commonest = commonest(reasons) else { return [] }
    let number = reasons.count == 1 ? "1 sample was" : "\(reasons.count) samples were"
    return ["dropped: \(number) taken while the machine was disturbed (\(commonest))"]
  }

  /// How many samples count although the machine was disturbed, and the commonest reason.
  private static func disturbed(_ run: StoredRun) -> [String] {
    let samples = run.cells.filter { $0.failure == nil }.flatMap(\.samples)
    let reasons = samples.compactMap(\.disturbance)
    guard let commonest = commonest(reasons) else { return [] }
    return [
      "disturbed: \(reasons.count) of \(TextFormat.count(samples.count, "sample")) count although the machine was "
        + "disturbed (\(commonest)), because it never became quiet; measure again on a quiet machine"
    ]
  }

  private static func commonest(_ reasons: [String]) -> String? {
    var counts: [String: Int] = [:]
    for reason in reasons { counts[reason, default: 0] += 1 }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
  }
}
