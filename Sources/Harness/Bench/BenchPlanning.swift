// From what is asked for to plans: suites with their axes changed and rows chosen, columns, and what a time buys.

internal import HarnessStatistics

extension BenchRequest {
  /// Samples per cell at most where a budget is a time: the time ends it first.
  static let maxAtOnce = 20

  /// All programs that serve a column; two replacements of one program are two.
  var programs: [Subject] { compared + references.programs }

  /// This request with what the programs that are compared are found to have, and what they say of their versions.
  /// - Throws: what `CapabilityProbe.known` throws.
  package func knowingSubjects() async throws -> BenchRequest {
    var request = self
    for index in compared.indices { request.compared[index] = try await CapabilityProbe.known(compared[index]) }
    return request
  }

  /// One plan per suite that has something to measure, with the rows of all shares.
  /// - Throws: `BenchError` if a subject lacks a mode, a row would not measure what it says, or nothing is left.
  package func plan() throws -> [BenchPlan] {
    let seed = sampling.seed ?? UInt64.random(in: 1...0x7fff_ffff)
    let plans =
      switch source {
      case .suites(let suites, let budget): try plans(suites, budget, seed)
      case .stored(let matrix): [matrix.seeded(seed)]
      }
    return try plans.compactMap { plan in
      var plan = sampling.control ? plan.withControl() : plan
      plan.rows = plan.rows.filter { selection.titles.isEmpty || selection.titles.contains($0.title) }
      plan.countsCosts = sampling.costs
      sampling.apply(to: &plan.settings)
      if let fault = plan.fault { throw BenchError("\(plan.suite): \(fault)") }
      return plan.rows.isEmpty ? nil : plan
    }
  }

  /// The plans of those of `suites` that have something to measure.
  private func plans(_ suites: [Suite], _ budget: BudgetRequest, _ seed: UInt64) throws -> [BenchPlan] {
    let cpus = Suite.ownCPUs
    let table = try ColumnTable(
      subjects: compared, modes: selection.modes, raw: references.raw, blocks: references.blocks, own: references.null,
      floor: references.floor, epoll: selection.epoll,
      cpus: cpus)
    let suites = try suites.map { selection.axes.isEmpty ? $0 : try $0.with(axes: selection.axes) }
    let whole = try suites.map { try plan($0, .full, table, seed, cpus) }
    let busy = zip(suites, whole).filter { !$1.rows.isEmpty }.map(\.0)
    guard !busy.isEmpty, !selection.modes.isEmpty else { throw nothingLeft(selection.filters, of: suites) }
    let idle = selection.filters.filter { filter in !whole.contains { $0.rows.contains(where: filter.matches) } }
    guard idle.isEmpty else { throw nothingLeft(idle, of: suites) }
    let sized = try sized(busy, budget) { try plan($0, $1, table, seed, cpus) }
    return sized.map { plan in
      var plan = plan
      plan.settings.ramp = sampling.ramp ?? plan.settings.ramp
      if case .seconds(let seconds) = budget {
        plan.settings.budgetSeconds = seconds / Double(sized.count)
        plan.settings.maxSamples = Self.maxAtOnce
      }
      plan.notes = table.notes + plan.notes
      // Shares are measured by themselves, yet must see the same offsets. What a machine decides of the settings
      // (idle CPUs) is not in them yet.
      return selection.shard != nil && sampling.seed == nil ? plan.seeded(plan.seedOfMatrix) : plan
    }
  }

  /// The plans of `suites` that the budget asks for. A time is shared by as many of them, from the first, as can have a
  /// row with enough samples for a verdict.
  private func sized(
    _ suites: [Suite], _ budget: BudgetRequest, _ make: (Suite, Budget) throws -> BenchPlan
  ) throws -> [BenchPlan] {
    let (samples, runtime) = (sampling.samples, sampling.runtime)
    guard case .seconds(let seconds) = budget else {
      return try suites.map { try make($0, budget.budget ?? .quick) }
    }
    for count in (1...suites.count).reversed() {
      var plans = try suites.prefix(count).map { suite in
        try BenchPlan.fitting(seconds / Double(count), samples: samples, runtime: runtime) { try make(suite, $0) }
      }
      let isEnough = plans.allSatisfy { $0.settings.samples >= min(RankTest.fewestPairs, samples ?? .max) }
      guard count == 1 || isEnough else { continue }
      let left = suites.dropFirst(count).map(\.name)
      if !left.isEmpty {
        plans[0].notes.append("the budget left out the suites after it: \(left.joined(separator: ", "))")
      }
      return plans
    }
    return []
  }

  private func plan(
    _ suite: Suite, _ budget: Budget, _ table: ColumnTable, _ seed: UInt64, _ cpus: Int
  ) throws -> BenchPlan {
    var settings = BenchSettings(budget: budget, size: suite.size(for: budget), seed: seed)
    settings.samples = sampling.samples ?? settings.samples
    settings.maxSamples = max(settings.maxSamples, settings.samples)
    settings.runtime = sampling.runtime ?? settings.runtime
    // A row that is named, or that an axis of the command line makes, is wanted whatever the budget.
    var suite = suite
    if selection.namesRows {
      for index in suite.rows.indices {
        suite.rows[index].workload.quick = true
        suite.rows[index].quickNodes = nil
      }
    }
    var plan = BenchPlan(
      suite: suite, nodes: selection.nodes, columns: table.columns, settings: settings, cpus: cpus)
    // Here already: what a time buys depends on them.
    plan.countsCosts = sampling.costs
    if sampling.control { plan = plan.withControl() }
    let compared = plan.columns.filter { $0.role == .compared }
    plan.rows = plan.rows.filter { row in selection.contains(row) && compared.contains { $0.hasCell(in: row) } }
    leaveOutImpossible(of: &plan)
    let rows = plan.rows
    plan.columns = plan.columns.filter { column in rows.contains { column.hasCell(in: $0) } }
    return plan
  }

  /// Takes out the rows that axes of the command line have made impossible, such as a sync engine's with a depth. A
  /// value that no row can have stays, and is refused: it is a mistake.
  private func leaveOutImpossible(of plan: inout BenchPlan) {
    let labels = selection.axes.flatMap(\.labels)
    guard !labels.isEmpty else { return }
    func has(_ row: Row, _ label: String) -> Bool { " \(row.workload.name) ".contains(" \(label) ") }
    let size = plan.settings.size
    let sound = plan.rows.filter { $0.fault(size: size) == nil }
    let hopeless = labels.filter { label in !sound.contains { has($0, label) } }
    let out = plan.rows.filter { row in
      row.fault(size: size) != nil && !hopeless.contains { has(row, $0) }
    }
    guard let first = out.first, let fault = first.fault(size: size) else { return }
    plan.rows.removeAll(where: out.contains)
    plan.notes.append(
      "left out, because they cannot be so: \(TextFormat.first(2, of: out.map(\.title))) (\(fault))")
  }

  /// Why nothing is left to be measured of what `filters` mean, and the way out.
  private func nothingLeft(_ filters: [RowFilter], of suites: [Suite]) -> BenchError {
    guard !filters.isEmpty else {
      return BenchError("nothing to measure: no suite asked for has a node that is asked for and that a subject serves")
    }
    let words = filters.map { "'\($0.pattern)'" }.joined(separator: ", ")
    return BenchError(
      "--filter \(words) leaves no row of \(suites.map(\.name).joined(separator: ", ")); "
        + "'fusebench bench --list' shows the rows there are")
  }
}

extension BenchPlan {
  /// This plan with `seed`.
  fileprivate func seeded(_ seed: UInt64) -> BenchPlan {
    var plan = self
    plan.settings.seed = seed
    return plan
  }

  /// The seconds that its samples may take altogether, being a share of `matrix` or all of it; nil unless the budget
  /// was a time. A share has its part of that time, so that a row is sampled no longer for being measured elsewhere.
  func timeLimit(asPartOf matrix: BenchPlan) -> Double? {
    settings.budgetSeconds.map { matrix.estimate > 0 ? $0 * estimate / matrix.estimate : $0 }
  }
}
