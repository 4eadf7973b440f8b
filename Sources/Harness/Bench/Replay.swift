// A stored run measured once more: the request that comes to the same matrix, and what is different today.

/// What a stored run was measured with, and how it is asked for again.
package struct Replay: Sendable {
  /// A program that served columns of the run.
  package struct Program: Equatable, Sendable {
    /// The subject's name.
    package let subject: String
    /// The program's path, where it was not the subject's own.
    package let path: String?
    /// The words that stood before it; empty without any.
    package let prefix: [String]
  }

  /// The stored run.
  package let run: StoredRun
  /// The programs that were compared, the baseline's first.
  package let programs: [Program]
  /// The program that served the null reference; nil without one.
  package let reference: Program?
  /// Whether the run was measured by the floor too.
  package let hasFloor: Bool
  /// What is measured: the rows of the run. A merged run whose shares are not all there has those that it holds.
  private let plan: BenchPlan

  /// The replay of `run`, of its columns in `modes` only if there are any. One that was broken off is replayed whole.
  /// - Throws: `BenchError` if it has nothing that could be compared.
  package init(of run: StoredRun, modes: [Mode] = []) throws(BenchError) {
    var run = run
    if !modes.isEmpty {
      let had = Mode.allCases.filter { mode in run.columns.contains { $0.mode == mode } }
      run.columns.removeAll { column in !column.isReference && !(column.mode.map(modes.contains) ?? false) }
      guard run.baseline != nil else {
        throw BenchError(
          "\(run.id): has no column in \(modes.map(\.rawValue).joined(separator: ", ")); its modes are "
            + had.map(\.rawValue).joined(separator: ", "))
      }
    }
    var plan = run.plan
    if !run.mergedFrom.isEmpty {
      plan.rows.removeAll { row in
        !run.cells.contains { $0.node == row.node && $0.workload == row.workload.name }
      }
    }
    var programs: [Program] = []
    for column in plan.columns where column.role == .compared {
      if let program = Program(column), !programs.contains(program) { programs.append(program) }
    }
    guard !programs.isEmpty, !plan.rows.isEmpty, !run.ownRows.isEmpty else {
      throw BenchError("\(run.id): has no row of an export to measure again; replay another run")
    }
    self.run = run
    self.plan = plan
    self.programs = programs
    reference = plan.columns.first { $0.role == .reference && $0.kind == .export }.flatMap(Program.init)
    hasFloor = plan.columns.contains { $0.role == .floor }
  }

  /// The programs of the run with `paths` in the place of theirs, in their order; subjects and prefixes stay.
  package func programs(at paths: [String]) -> [Program] {
    paths.indices.map { index in
      let before = programs[min(index, programs.count - 1)]
      return Program(subject: before.subject, path: paths[index], prefix: before.prefix)
    }
  }

  /// The request that measures the same rows in the same columns, with the same seed and settings; its runs are kept in
  /// `results`, as made by `command`.
  ///
  /// - Parameters:
  ///   - subjects: what serves today in the place of each of `programs`.
  ///   - reference: what serves the null reference; its column is left out without it.
  ///   - floor: what serves the floor; its columns are left out without it.
  /// - Throws: `BenchError` if a subject lacks a mode that the run has.
  package func request(
    subjects: [Subject], reference: Subject?, floor: Subject? = nil, results: String, command: [String]
  ) throws(BenchError) -> BenchRequest {
    guard subjects.count == programs.count, !subjects.isEmpty else {
      throw BenchError(
        "\(run.id): compares \(TextFormat.count(programs.count, "program")), not \(subjects.count); "
          + "give one --subject or --program for each, in their order, or none")
    }
    var plan = plan
    plan.columns = []
    for var column in run.columns {
      if let subject = column.role == .floor ? floor : self.subject(of: column, subjects, reference) {
        if let mode = column.mode, !subject.mayServe(mode) {
          throw BenchError(
            "\(subject.name) has no mode \(mode), which \(run.id) has; "
              + "'fusebench bench --suite \(run.suite)' measures what there is")
        }
        column = column.served(by: subject)
      } else if column.kind == .export {
        continue
      }
      plan.columns.append(column)
    }
    for index in plan.rows.indices {
      plan.rows[index].notes = plan.rows[index].lints(size: plan.settings.size, cpus: Suite.ownCPUs)
    }
    // What was held and cannot be held here is free, and that is named as a difference.
    plan.settings.cpuIdle = plan.settings.cpuIdle == .free ? .free : .possible
    plan.notes = ["a replay of \(run.id), with its seed"]
    var request = BenchRequest(.stored(plan), compared: subjects, results: results, command: command)
    request.references = .none
    request.references.null = reference
    request.references.floor = floor
    request.selection.modes = Mode.allCases.filter { mode in plan.columns.contains { $0.mode == mode } }
    request.selection.shard = run.shard
    request.sampling.seed = plan.settings.seed
    // The columns of the run hold it already, or it had none.
    request.sampling.control = false
    return request
  }

  /// What is different from the stored run when `request` is measured on `machine`, one line each, then and now.
  package func differences(_ request: BenchRequest, on machine: MachineProfile) -> [String] {
    guard case .stored(let matrix) = request.source else { return [] }
    let now = StoredRun(id: "now", plan: matrix, started: "", command: [], machine: machine)
    var lines = run.obstacles(to: now)
    for column in matrix.columns where column.role != .control {
      guard let before = run.columns.first(where: { $0.name == column.name }) else { continue }
      // A version that nobody knew is not known to be another one.
      let knowsVersions = before.version != nil && column.version != nil
      let (left, right) = (before.servedBy(knowsVersions), column.servedBy(knowsVersions))
      if left != right { lines.append("\(column.name): \(left), \(right)") }
    }
    return lines
  }

  /// What serves `column` today.
  private func subject(of column: Column, _ subjects: [Subject], _ reference: Subject?) -> Subject? {
    guard !column.isReference else { return column.kind == .export ? reference : nil }
    return Program(column).flatMap(programs.firstIndex).map { subjects[$0] }
  }
}

extension Replay.Program {
  /// The program of `column`; nil if nothing serves it.
  fileprivate init?(_ column: Column) {
    guard let subject = column.subject else { return nil }
    self.init(subject: subject, path: column.program, prefix: column.prefix ?? [])
  }
}

extension Subject {
  /// Whether it serves `mode`, or nobody has tried yet.
  fileprivate func mayServe(_ mode: Mode) -> Bool {
    modes.contains(mode) || (probed.contains(mode.rawValue) && lacks[mode.rawValue] == nil)
  }
}

extension Column {
  /// Who serves it, in words: subject, program, and `withVersion` what that says of its version, and its prefix.
  fileprivate func servedBy(_ withVersion: Bool) -> String {
    [subject, program, withVersion ? version : nil, behind].compactMap(\.self).joined(separator: " ")
  }
}
