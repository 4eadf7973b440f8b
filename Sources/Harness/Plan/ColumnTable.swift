// The columns of a benchmark: subjects × modes, and the references that they are measured by.

/// The columns of a run, and what had to be left out of them.
package struct ColumnTable: Equatable, Sendable {
  /// The columns, in the order of the table.
  package private(set) var columns: [Column] = []
  /// What was asked for and is not there, one line each.
  package private(set) var notes: [String] = []

  /// The columns for `modes` of each of `subjects`: named by their modes, or `subject mode` where there are several
  /// subjects. The first one is the baseline.
  ///
  /// - Parameters:
  ///   - raw: whether the image without FUSE stands beside them.
  ///   - blocks: what people use in place of FUSE, beside file rows: `loop`, `nbd`.
  ///   - own: this program's export, which serves the null reference; nil leaves that reference out.
  ///   - floor: the least that a server can do, beside null rows in each mode; nil leaves it out.
  ///   - epoll: modes that have a second column, served by the event loop that does without io_uring, as far as the
  ///     subject lets it be chosen (capability `event-loop`). It tells the transport's part from the loop's.
  /// - Throws: `PlanError` if a subject has none of the modes.
  package init(
    subjects: [Subject], modes: [Mode], raw: Bool, blocks: [Column] = [], own: Subject?, floor: Subject? = nil,
    epoll: [Mode] = [],
    cpus: Int
  ) throws(PlanError) {
    let names = Self.names(of: subjects)
    var exports: [Column] = []
    for (subject, name) in zip(subjects, names) {
      let served = modes.filter(subject.modes.contains)
      let missing = modes.filter { !subject.modes.contains($0) }.map(\.rawValue)
      guard !served.isEmpty, missing.isEmpty || subjects.count > 1 else {
        throw PlanError(
          "\(subject.name) has no mode \(missing.joined(separator: ", ")); "
            + "it has: \(subject.modes.map(\.rawValue).joined(separator: ", "))")
      }
      notes += missing.map { "\(name) has no mode \($0), so there is no such column" }
      let unserved = served.filter { !subject.servesNull(in: $0, cpus: cpus) }
      if let mode = unserved.first {
        notes.append("\(name)\(unserved == served ? "" : " \(mode)") serves no null node, so it has no null rows")
      }
      let loops: [(Mode, EventLoop?)] = served.flatMap { mode in
        let hasEpoll = epoll.contains(mode) && mode != .ioUring && subject.capabilities.contains("event-loop")
        return hasEpoll ? [(mode, nil), (mode, EventLoop.epoll)] : [(mode, nil)]
      }
      exports += loops.map { mode, loop in
        var column = Column(
          name: "", kind: .export, mode: mode, eventLoop: loop, threads: mode.threads(cpus: cpus)
        ).served(by: subject)
        if unserved.contains(mode) { column.servesNull = false }
        column.name = subjects.count > 1 ? "\(name) \(column.modeName)" : column.modeName
        return column
      }
    }
    if raw { columns.append(.raw) }
    columns += blocks
    if let own, let mode = exports.first?.mode {
      columns.append(
        Column(
          name: "null", kind: .export, role: .reference, mode: own.modes.contains(mode) ? mode : .legacy,
          threads: mode.threads(cpus: cpus), node: .null
        ).served(by: own))
    }
    if let floor {
      for mode in Mode.allCases where floor.modes.contains(mode) && exports.contains(where: { $0.mode == mode }) {
        columns.append(
          Column(
            name: "\(Column.floorName) \(mode)", kind: .export, role: .floor, mode: mode,
            threads: mode.threads(cpus: cpus), node: .null
          ).served(by: floor))
      }
    }
    columns += exports
  }

  /// A name for each subject; programs of one subject are told apart by a number.
  private static func names(of subjects: [Subject]) -> [String] {
    subjects.indices.map { index in
      let name = subjects[index].name
      guard subjects.filter({ $0.name == name }).count > 1 else { return name }
      return "\(name)#\(subjects[...index].count { $0.name == name })"
    }
  }
}

extension Column {
  /// The mode, and the event loop if it was chosen: `legacy (epoll)`.
  var modeName: String { "\(mode?.rawValue ?? "")\(eventLoop.map { " (\($0.rawValue))" } ?? "")" }

  /// This column with `subject` to serve it.
  func served(by subject: Subject) -> Column {
    var column = self
    column.subject = subject.name
    column.program = subject.replacement
    column.prefix = subject.prefix.isEmpty ? nil : subject.prefix
    column.version = subject.version
    return column
  }

  /// The words before its program, in words: `behind chroot FOLDER`; nil without any.
  var behind: String? { prefix.map { "behind \(TextFormat.shellLine($0))" } }

  /// The one of `subjects` that serves this column; nil for `raw`.
  package func subject(among subjects: [Subject]) -> Subject? {
    let named = subjects.filter { $0.name == subject }
    let ofProgram = named.filter { $0.replacement == program }
    return ofProgram.first { $0.prefix == prefix ?? [] } ?? ofProgram.first ?? named.first
  }
}
