// From what is asked for to plans: suites with their axes changed and rows chosen, columns, and what a time buys.

extension BenchRequest {
  /// All programs that serve a column; two replacements of one program are two.
  var subjects: [Subject] { compared + (reference.map { [$0] } ?? []) }

  /// The programs that are compared, the baseline's first.
  private var compared: [Subject] { [subject] + others }

  /// This request with what the programs that are compared are found to have, and what they say of their versions.
  /// - Throws: what `CapabilityProbe.known` throws.
  public func knowingSubjects() async throws -> BenchRequest {
    var request = self
    request.subject = try await CapabilityProbe.known(subject)
    for index in others.indices { request.others[index] = try await CapabilityProbe.known(others[index]) }
    return request
  }

  /// One plan per suite that has something to measure, with the rows of all shares.
  /// - Throws: `BenchFault` if a subject lacks a mode, a row would not measure what it says, or nothing is left.
  func matrices() throws -> [BenchPlan] {
    let seed = seed ?? UInt64.random(in: 1...0x7fff_ffff)
    if var matrix {
      if let fault = matrix.fault { throw BenchFault(description: "\(matrix.suite): \(fault)") }
      matrix.settings.seed = seed
      return [matrix]
    }
    let cpus = Suite.ownCPUs
    let table = try ColumnTable(subjects: compared, modes: modes, raw: raw, own: reference, cpus: cpus)
    let suites = try suites.map { axes.isEmpty ? $0 : try $0.with(axes: axes) }
    // A time is shared by the suites that have something to do.
    let busy = try suites.filter { try !plan($0, .full, table, seed, cpus).rows.isEmpty }
    guard !busy.isEmpty, !modes.isEmpty else { throw BenchFault(description: nothingLeft) }
    return try busy.map { suite in
      var plan =
        switch budget {
        case .quick: try plan(suite, .quick, table, seed, cpus)
        case .full: try plan(suite, .full, table, seed, cpus)
        case .seconds(let seconds):
          try BenchPlan.fitting(seconds / Double(busy.count)) { try self.plan(suite, $0, table, seed, cpus) }
        }
      // What is asked for by name holds, whatever the time.
      plan.settings.samples = samples ?? plan.settings.samples
      plan.settings.runtime = runtime ?? plan.settings.runtime
      if case .seconds(let seconds) = budget {
        plan.settings.budgetSeconds = seconds / Double(busy.count)
        plan.settings.mostSamples = Self.mostInATime
      }
      if let fault = plan.fault { throw BenchFault(description: "\(suite.name): \(fault)") }
      plan.notes = table.notes + plan.notes
      // Shares are measured by themselves, yet must see the same offsets.
      if shard != nil, self.seed == nil { plan.settings.seed = plan.seedOfMatrix }
      return plan
    }
  }

  private func plan(
    _ suite: Suite, _ budget: Budget, _ table: ColumnTable, _ seed: UInt64, _ cpus: Int
  ) throws -> BenchPlan {
    var settings = BenchSettings(budget: budget, size: suite.size(for: budget), seed: seed)
    settings.samples = samples ?? settings.samples
    settings.mostSamples = max(settings.mostSamples, settings.samples)
    settings.runtime = runtime ?? settings.runtime
    // A row that is named, or that an axis of the command line makes, is wanted whatever the budget.
    var suite = suite
    if !filters.isEmpty || axes.contains(where: \.makesRows) {
      for index in suite.rows.indices { suite.rows[index].workload.quick = true }
    }
    var plan = BenchPlan(suite: suite, nodes: nodes, columns: table.columns, settings: settings, cpus: cpus)
    // Here already: what a time buys depends on it.
    if control { plan = plan.withControl() }
    guard !filters.isEmpty else { return plan }
    plan.rows = plan.rows.filter { row in filters.contains { $0.matches(row) } }
    let rows = plan.rows
    plan.columns = plan.columns.filter { column in rows.contains { column.measures($0) } }
    return plan
  }

  /// Why nothing is left to be measured, and the way out.
  private var nothingLeft: String {
    guard !filters.isEmpty else { return "nothing to measure: no suite asked for has a node asked for" }
    let words = filters.map { "'\($0.pattern)'" }.joined(separator: ", ")
    return "--filter \(words) leaves no row of \(suites.map(\.name).joined(separator: ", ")); "
      + "'fusebench bench --list' shows the rows there are"
  }
}
