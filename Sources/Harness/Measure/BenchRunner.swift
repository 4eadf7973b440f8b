// Takes all samples of a plan, row by row, in an order that treats every column alike, until they say enough.

/// What a benchmark tells while it runs.
package enum BenchEvent: Sendable {
  /// Sample number `sample` (from 1) of `column` in `row` is about to be taken, or passed over because its cell has
  /// failed. `soFar` is what the column has come to against the baseline.
  case sampling(row: Row, column: Column, sample: Int, soFar: Comparison?)
  /// The machine was disturbed while the columns of `row` took a sample. It is taken again, or counts because too many
  /// have been dropped already.
  case disturbed(row: Row, reason: String, isRetaken: Bool)
  /// From `row` on idle CPUs are no longer held awake, for this reason; the run goes on without.
  case cpusFree(row: Row, reason: String)
  /// A cell has all its samples, or has failed.
  case finished(BenchCell)
}

/// Runs a plan. Knows nothing of disks or tables: whoever calls it keeps the cells.
package struct BenchRunner: Sendable {
  /// What is measured.
  package let plan: BenchPlan
  /// Seconds from the start after which no sample is taken that the plan does not ask for; nil for as long as it takes.
  package var timeLimit: Double?
  private let subjects: [Subject]
  private let integrity: [String: String]
  private let image: String
  private let folder: String

  /// A runner of `plan`, whose columns are served by `subjects`.
  /// - Parameters:
  ///   - integrity: what is wrong with the data of columns, by name; their cells fail with it, unmeasured.
  ///   - image: the prepared image of the file node.
  ///   - folder: the run's folder; fio's JSON goes below it.
  package init(
    plan: BenchPlan, subjects: [Subject], integrity: [String: String] = [:], image: String, folder: String
  ) {
    self.plan = plan
    self.subjects = subjects
    self.integrity = integrity
    self.image = image
    self.folder = folder
  }

  /// Takes the samples. `keep` is given a cell after each of its samples, `tell` what happens.
  /// - Throws: `Interrupted` if the harness is ending; what `keep` throws; what keeps every sample from
  ///   being taken. A sample that does not count fails its cell and nothing else.
  package func run(
    keep: (BenchCell) throws -> Void, tell: (BenchEvent) -> Void
  ) async throws {
    let began = ContinuousClock.now
    var hold = CPUHold(plan.settings.cpuIdle)
    for (place, row) in plan.rows.enumerated() {
      // Rows to come must have their time too.
      let rest = plan.rows[(place + 1)...].reduce(0) { $0 + plan.estimate(of: $1) }
      // So must the block that is asked about.
      let block = plan.estimate(of: row) / Double(max(1, plan.settings.samples)) * 2
      let limit = timeLimit.map { $0 - rest - block } ?? .infinity
      try await measure(row, &hold, keep: keep, tell: tell) { began.secondsAgo < limit }
    }
  }

  private func measure(
    _ row: Row, _ hold: inout CPUHold, keep: (BenchCell) throws -> Void, tell: (BenchEvent) -> Void,
    hasTime: () -> Bool
  ) async throws {
    let (settings, columns) = (plan.settings, plan.columns(of: row))
    var work = RowSampling(row, columns: columns, cells: columns.map { cell(row, $0) }, settings: settings)
    for cell in work.cells where cell.failure != nil {
      try keep(cell)
      tell(.finished(cell))
    }
    // On a machine that is never quiet a row takes twice its time, not for ever.
    var retakes = settings.samples
    var index = 0
    while index < settings.samples || wantsMore(work, index, hasTime) {
      let before = MachineSnapshot.now()
      if let reason = hold.take() { tell(.cpusFree(row: row, reason: reason)) }
      try await sampleAll(index, of: &work, keep: keep, tell: tell)
      let lost = hold.fault
      let disturbance = before.flatMap { before in
        MachineSnapshot.now().flatMap { MachineSnapshot.disturbance(from: before, to: $0) }
      }
      if let reason = lost ?? disturbance {
        tell(.disturbed(row: row, reason: reason, isRetaken: retakes > 0))
        if retakes > 0 {
          retakes -= 1
          for place in work.drop(index, for: reason) { try keep(work.cells[place]) }
          continue
        }
        for place in work.note(index, disturbed: reason) { try keep(work.cells[place]) }
      }
      index += 1
    }
    try await count(of: &work, keep: keep)
    hold.release()
    for cell in work.cells where cell.failure == nil { tell(.finished(cell)) }
  }

  /// Has the kernel count what the servers of `work` spend, now that nothing is timed any more.
  private func count(of work: inout RowSampling, keep: (BenchCell) throws -> Void) async throws {
    guard plan.countsCosts else { return }
    for (place, column) in work.columns.enumerated() where work.cells[place].failure == nil {
      guard column.hasCosts(in: work.row) else { continue }
      do {
        work.put(try await runner(of: work.row, column, index: 0).costs(), at: place)
      } catch let fault as SampleError {
        work.note(place, "costs were not counted: \(fault.reason)")
      }
      try keep(work.cells[place])
    }
  }

  private func runner(of row: Row, _ column: Column, index: Int) -> SampleRunner {
    SampleRunner(
      context: .init(subjects: subjects, image: image, settings: plan.settings, folder: folder), row: row,
      column: column, index: index)
  }

  /// Whether a row with `count` samples wants another: always the second half of a block, and another block while the
  /// comparisons are not as precise as asked for.
  private func wantsMore(_ work: RowSampling, _ count: Int, _ hasTime: () -> Bool) -> Bool {
    guard count < plan.settings.maxSamples else { return false }
    return !count.isMultiple(of: 2) || (hasTime() && !work.isPrecise)
  }

  /// Takes sample `index` of all columns.
  private func sampleAll(
    _ index: Int, of work: inout RowSampling, keep: (BenchCell) throws -> Void, tell: (BenchEvent) -> Void
  ) async throws {
    let order = SampleBlocks.order(
      columns: work.columns.count, sample: index, row: work.row.title,
      seed: plan.settings.seed)
    for place in order {
      let column = work.columns[place]
      guard plan.settings.takes(index, of: column) else { continue }
      tell(.sampling(row: work.row, column: column, sample: index + 1, soFar: work.comparison(of: place)))
      guard work.cells[place].failure == nil else { continue }
      do {
        work.add(try await runner(of: work.row, column, index: index).take(), at: place)
      } catch let fault as SampleError {
        work.fail(place, "sample \(index + 1): \(fault.reason)")
      }
      try keep(work.cells[place])
      if work.cells[place].failure != nil { tell(.finished(work.cells[place])) }
    }
  }

  /// The cell of `column` in `row` before its first sample, with what is known of it already.
  private func cell(_ row: Row, _ column: Column) -> BenchCell {
    var cell = BenchCell(node: row.node, workload: row.workload.name, column: column.name)
    cell.notes =
      column.subject(among: subjects)?.notes(
        row: row, column: column, size: plan.settings.size, cpus: Suite.ownCPUs) ?? []
    // The baseline once more is the baseline.
    let checked = column.role == .control ? plan.columns.first { $0.role == .compared }?.name : column.name
    cell.failure = checked.flatMap { integrity[$0] }.map { "integrity: \($0)" }
    return cell
  }
}
