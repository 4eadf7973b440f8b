// Writes golden files, but only where all modes say the same.

import Foundation

/// What running a scenario for its golden file has come to.
package enum Recording: Sendable {
  /// All modes agree, and the golden file says something else (nil: there is none).
  case news(old: ByteText?, new: ByteText, modes: [Mode])
  /// All modes agree with the golden file.
  case unchanged(modes: [Mode])
  /// Modes disagree.
  case disagreement(ModeComparison, folders: [String])
  /// A run failed for another reason than its output, or could not run.
  case impossible(String, folder: String?)
}

/// What has become of a golden file that a check found missing.
package enum MissingGolden: Sendable, Equatable {
  /// It is written, and its cells fail all the same: what nobody has read holds nothing.
  case written(path: String)
  /// It is not, and why.
  case left(scenario: String, why: String)
}

/// Goldens cannot be recorded by what was asked for; one line with the way out.
package struct RecordError: Error, CustomStringConvertible, Equatable {
  /// What stands in the way, and what to do.
  package let description: String
}

/// Records goldens.
package struct Recorder: Sendable {
  private let check: Check

  /// A golden says what is right in every mode, and our own export is the one that is made to agree with it: what
  /// another program shows, or one mode alone, is never recorded.
  /// - Throws: `RecordError` if `subject` is another program, or if `modes` were chosen.
  package static func checkRecords(_ subject: Subject, modes: [Mode]) throws(RecordError) {
    guard Self.isOurs(subject) else {
      throw RecordError(
        description: "goldens are recorded from our own export, not from \(subject.executable() ?? subject.program); "
          + "leave --subject and --program out")
    }
    guard modes.isEmpty else {
      throw RecordError(
        description: "a golden holds for every mode, and is recorded from all of them; leave --mode out")
    }
  }

  private static func isOurs(_ subject: Subject) -> Bool { subject.program == "self" }

  /// A recorder on top of a check.
  package init(_ check: Check) { self.check = check }

  /// Runs `scenario` in every one of `modes`; writes nothing. The folders of a run that cannot be recorded are kept.
  /// - Throws: what `Check.judge` throws.
  package func examine(_ scenario: Scenario, modes: [Mode]) async throws -> Recording {
    var cells: [JudgedCell] = []
    func discard(_ cells: [JudgedCell]) {
      guard !check.keepsAll else { return }
      for folder in cells.compactMap(\.folder) { try? FileManager.default.removeItem(atPath: folder) }
    }
    for cell in check.cells([scenario], modes: modes) {
      let judged = try await check.judge(cell)
      let reason = judged.run.skip ?? judged.run.findings.first.map { "\($0.reason.rawValue): \($0.detail)" }
      if let reason {
        discard(cells)
        return .impossible("\(cell.mode): \(reason)", folder: judged.folder)
      }
      cells.append(judged)
    }
    guard let first = cells.first else { return .impossible("no mode was chosen", folder: nil) }
    if let comparison = ModeComparison(cells) {
      return .disagreement(comparison, folders: cells.compactMap(\.folder))
    }
    discard(cells)
    let old = try check.library.golden(scenario)
    let modes = cells.map(\.cell.mode)
    return old?.asRecorded == first.run.transcript
      ? .unchanged(modes: modes) : .news(old: old, new: first.run.transcript, modes: modes)
  }

  /// Writes `text` as the golden file of `scenario`; returns its path.
  /// - Throws: `FileError` if it cannot be written.
  @discardableResult
  package static func write(_ text: ByteText, as scenario: Scenario, in library: ScenarioLibrary) throws -> String {
    let path = library.goldenPath(scenario)
    try OutputFile.write(text.bytes, to: path)
    return path
  }

  /// Writes the golden file of each scenario of `result` that has none, where our own export showed the same in every
  /// mode that the scenario is about, and had nothing wrong but the missing file.
  /// - Throws: `FileError` if a file cannot be written.
  package static func writeMissing(
    of result: CheckResult, subject: Subject, in library: ScenarioLibrary
  ) throws -> [MissingGolden] {
    var seen: Set<String> = []
    return try result.cells.map(\.cell.scenario).compactMap { scenario in
      guard seen.insert(scenario.name).inserted, try library.golden(scenario) == nil else { return nil }
      let cells = result.cells.filter { $0.cell.scenario.name == scenario.name && $0.run.skip == nil }
      guard !cells.isEmpty else { return nil }
      if let why = reasonAgainst(cells, of: scenario, subject) { return .left(scenario: scenario.name, why: why) }
      return .written(path: try write(cells[0].run.transcript, as: scenario, in: library))
    }
  }

  /// Why `cells`, those of `scenario` that were run, make no golden file; nil if they do.
  private static func reasonAgainst(_ cells: [JudgedCell], of scenario: Scenario, _ subject: Subject) -> String? {
    guard isOurs(subject) else { return "goldens are recorded from our own export only" }
    let missing = scenario.modes.filter { mode in !cells.contains { $0.cell.mode == mode } }
    guard missing.isEmpty else {
      return "it was not run in \(missing.map(\.rawValue).joined(separator: ", ")); a golden holds for every mode"
    }
    if let cell = cells.first(where: { !$0.run.isComplete || !$0.run.findings.isEmpty }) {
      return "\(cell.cell.mode) has more wrong than that"
    }
    let text = cells[0].run.transcript
    return cells.allSatisfy { $0.run.transcript == text } ? nil : "its runs show different things"
  }
}
