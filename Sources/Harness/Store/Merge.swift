// Runs that measured shares of one matrix, put together again.

/// Runs cannot be merged; one line, which names the run at fault and the way out.
package struct MergeError: Error, Equatable, CustomStringConvertible {
  /// Which run, what is wrong with it, and the way out.
  package let description: String
}

/// A run put together from runs of shares.
package struct Merge: Equatable, Sendable {
  /// The whole, as far as there are shares for it.
  package internal(set) var run: StoredRun
  /// The shares that no run measured, ascending.
  package let missing: [Int]

  /// Merges `shares` into a run called `id`, made by `command`.
  ///
  /// - Parameter force: merges runs of machines that differ; a note in the run then says in what.
  /// - Throws: `MergeError` if they are not shares of one matrix with one seed, if two measured the same share, or
  ///   if their machines differ.
  package init(_ shares: [StoredRun], id: String, command: [String], force: Bool) throws(MergeError) {
    let sorted = shares.sorted { ($0.shard?.number ?? 0, $0.id) < ($1.shard?.number ?? 0, $1.id) }
    guard let first = sorted.first else { throw MergeError(description: "no run to merge") }
    let count = try Self.count(first)
    for run in sorted.dropFirst() { try Self.check(run, against: first) }
    for (one, next) in zip(sorted, sorted.dropFirst()) where one.shard == next.shard {
      throw MergeError(
        description: "\(next.id): measured share \(next.shard?.description ?? "") as \(one.id) did; leave one out")
    }
    for run in sorted { try Self.checkCells(run) }
    let differences = sorted.dropFirst().flatMap { run in
      first.machine.differences(from: run.machine).map { "\(first.id) and \(run.id): \($0)" }
    }
    guard differences.isEmpty || force else {
      throw MergeError(
        description: "the machines differ (\(differences.joined(separator: "; "))); --force merges all the same")
    }
    missing = (1...count).filter { number in !sorted.contains { $0.shard?.number == number } }
    run = Self.whole(sorted, first: first, id: id, command: command)
      .noting(differences.map { "merged from machines that differ: \($0)" })
      .noting(missing.map { "share \($0)/\(count) is missing: its rows are empty" })
  }

  /// The number of shares of the matrix that `run` belongs to.
  private static func count(_ run: StoredRun) throws(MergeError) -> Int {
    guard let shard = run.shard else {
      throw MergeError(
        description: run.mergedFrom.isEmpty
          ? "\(run.id): is no share of a matrix; 'bench --shard 1/2' makes one"
          : "\(run.id): is merged already; "
            + "merge the runs it was made of: \(run.mergedFrom.joined(separator: ", "))")
    }
    return shard.of
  }

  /// Refuses what would put figures of different things under one heading.
  private static func check(_ run: StoredRun, against first: StoredRun) throws(MergeError) {
    func refuse(_ what: String) -> MergeError {
      MergeError(description: "\(run.id): \(what) \(first.id); merge shares of one matrix only")
    }
    let count = try count(run)
    if count != (try Self.count(first)) { throw refuse("is one of \(count) shares, another number than") }
    if run.suite != first.suite { throw refuse("measures suite \(run.suite), \(first.suite) is that of") }
    if run.rows != first.rows { throw refuse("has other rows than") }
    if run.columns != first.columns { throw refuse("has other columns (\(columnWords(run, first))) than") }
    if run.build != first.build { throw refuse("comes from a \(run.build.rawValue) build, unlike") }
    var settings = run.settings
    settings.seed = first.settings.seed
    if settings != first.settings { throw refuse("was measured with other settings than") }
    if run.settings != first.settings {
      throw refuse("has seed \(run.settings.seed), \(first.settings.seed) is that of")
    }
  }

  /// The columns that differ, with what can be seen of it.
  private static func columnWords(_ run: StoredRun, _ first: StoredRun) -> String {
    func words(_ column: Column) -> String {
      let facts = [
        column.subject, column.program, column.behind, column.version,
        column.threads.map { $0 == 1 ? "1 thread" : "\($0) threads" },
      ]
      return ([column.name] + facts.compactMap { $0 }).joined(separator: " ")
    }
    let odd = run.columns.filter { !first.columns.contains($0) }
    return odd.isEmpty ? "another number or order" : odd.map(words).joined(separator: ", ")
  }

  /// Refuses a run that holds cells of rows which are not its share's: they would overwrite another's.
  private static func checkCells(_ run: StoredRun) throws(MergeError) {
    guard let shard = run.shard, shard.isValid else {
      throw MergeError(description: "\(run.id): its share is none; the file was changed by hand")
    }
    let rows = run.plan.share(shard).rows
    for cell in run.cells where !rows.contains(where: { $0.node == cell.node && $0.workload.name == cell.workload }) {
      throw MergeError(
        description: "\(run.id): holds '\(cell.title)', a row of another share; "
          + "was it made by another version of fusebench?")
    }
  }

  private static func whole(
    _ shares: [StoredRun], first: StoredRun, id: String, command: [String]
  ) -> StoredRun {
    var run = first
    run.id = id
    run.command = command
    run.shard = nil
    run.mergedFrom = shares.map(\.id)
    run.started = shares.map(\.started).min() ?? first.started
    // ISO 8601 in UTC: the order of the texts is that of time.
    let ends = shares.compactMap(\.finished)
    run.finished = ends.count == shares.count ? ends.max() : nil
    run.cells = run.rows.flatMap { row in
      shares.flatMap(\.cells).filter { $0.node == row.node && $0.workload == row.workload.name }
    }
    run.integrity = run.columns.compactMap { column in
      let checks = shares.flatMap(\.integrity).filter { $0.column == column.name }
      return checks.first { $0.failure != nil } ?? checks.first
    }
    run.notes = []
    for note in shares.flatMap(\.notes) where !run.notes.contains(note) { run.notes.append(note) }
    return run.noting(
      shares.filter { $0.finished == nil }.map { "\($0.id) was interrupted: its share is not complete" })
  }
}

extension StoredRun {
  /// The rows that this run is to measure: those of its share, or all.
  package var ownRows: [Row] {
    guard let shard, shard.isValid else { return rows }
    return plan.share(shard).rows
  }

  /// The plan that this run was measured by.
  package var plan: BenchPlan {
    BenchPlan(suite: suite, title: title, rows: rows, columns: columns, settings: settings)
  }

  fileprivate func noting(_ lines: [String]) -> StoredRun {
    var run = self
    run.notes += lines
    return run
  }
}
