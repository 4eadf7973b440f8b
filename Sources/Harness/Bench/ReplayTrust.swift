// What a stored run would have this machine run: a file may name anything, so its reader is asked first.

/// The words of a stored run that would be started or handed to a program by a replay.
package struct ReplayTrust: Equatable, Sendable {
  /// What would be run or passed on, one line each; empty if everything comes from this program and from the user's
  /// own subjects.
  package let lines: [String]

  /// What a replay of `replay` takes from the file, where the subjects are those in `folder`.
  ///
  /// - Parameter named: whether the caller names subjects or programs that take the place of the run's.
  package init(_ replay: Replay, subjects folder: String, named: (subjects: Bool, programs: Bool, prefix: Bool)) {
    var lines: [String] = []
    let compared = named.subjects ? [] : replay.programs
    let programs =
      compared.map { ($0, named.programs ? nil : $0.path) }
      + [replay.reference].compactMap(\.self).map {
        ($0, $0.path)
      }
    for (program, path) in programs {
      let own = try? Subject.named(program.subject, in: folder)
      if let path, own.map({ $0.program != path && $0.executable() != path }) ?? true {
        lines.append("run \(TextFormat.shellLine([path])) as \(program.subject)")
      }
      if !program.prefix.isEmpty, !named.prefix, own?.prefix != program.prefix {
        lines.append("run \(TextFormat.shellLine(program.prefix)) before \(program.subject)")
      }
    }
    for row in replay.run.rows {
      for (option, value) in row.workload.fioOptions.sorted(by: { $0.key < $1.key }) {
        lines.append("give fio \(TextFormat.shellLine(["--\(option)=\(value)"]))")
      }
    }
    var seen: Set<String> = []
    self.lines = lines.map(TextFormat.visible).filter { seen.insert($0).inserted }
  }

  /// Refuses a replay that the caller has not vouched for.
  /// - Throws: `BenchError` that says what the run would have done.
  package func check(_ run: String) throws(BenchError) {
    guard !lines.isEmpty else { return }
    throw BenchError(
      "\(TextFormat.visible(run)): names what a file alone must not decide; it would "
        + TextFormat.first(4, of: lines) + "; --trust does so, --program or --subject take its place")
  }
}
