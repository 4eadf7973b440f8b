// Runs a matrix of cells and judges each: the engine of `check` and `record`.

import Foundation
import Glibc

/// A cell with its verdict.
package struct JudgedCell: Sendable {
  /// What was run.
  package var cell: Cell
  /// What it showed.
  package var run: CellRun
  /// What it comes to.
  package var verdict: Verdict
  /// The number of its round, from 1.
  package var round = 1
  /// The folder that was kept for a person to look at, if it was.
  package var folder: String?
}

/// Runs cells and judges them.
package struct Check: Sendable {
  /// Where scenarios and goldens are.
  package let library: ScenarioLibrary
  /// The program that is checked.
  package var subject: Subject
  /// Whether folders are kept after success too.
  package var keepsAll = false
  /// Whether the first failure ends the check: nothing is started after it.
  package var failsFast = false
  /// The folder of the kernel that the cells run on; nil for the machine's own.
  package var kernel: String?

  /// A check of `subject` by the scenarios of `library`.
  package init(library: ScenarioLibrary, subject: Subject) {
    self.library = library
    self.subject = subject
  }

  /// The matrix, scenario by scenario: each in those of `modes` that it is about.
  package func cells(_ scenarios: [Scenario], modes: [Mode]) -> [Cell] {
    scenarios.flatMap { scenario in
      modes.filter(scenario.modes.contains).map { Cell(scenario: scenario, mode: $0, subject: subject) }
    }
  }

  /// Looks whether each known failure of the subject speaks of a scenario that exists. A folder that has none of those
  /// that are named outright is not the one that the entries were written for, and nothing is looked for.
  /// - Throws: `FileError` that names the entry which speaks of none.
  package func checkExpectedFailures() throws {
    let names = subject.knownFailures.flatMap(\.scenarios)
    func exists(_ name: String) -> Bool { library.scenarios.contains { fnmatch(name, $0.name, 0) == 0 } }
    guard names.contains(where: { !$0.holds("*") && exists($0) }) else { return }
    for name in names where !exists(name) {
      throw FileError(
        file: "\(library.folder)/subjects/\(subject.name).yaml",
        message: "'xfail' names the scenario '\(name)', which does not exist; remove or rename the entry")
    }
  }

  /// Runs and judges all cells of `plan`, at most `jobs` at a time; those that must be alone come last, one by one.
  /// - Parameters:
  ///   - begin: called with a cell's place in the plan when it is started.
  ///   - end: called with each cell as soon as it is judged; what it throws ends the check, and all that still runs.
  /// - Throws: where the harness itself cannot work, `Interrupted`, what `end` throws.
  package func run(
    _ plan: CheckPlan, jobs: Int, begin: (Int) -> Void = { _ in }, end: (JudgedCell) throws -> Void = { _ in }
  ) async throws -> CheckResult {
    let clock = ContinuousClock.now
    var judged: [JudgedCell?] = plan.entries.map { _ in nil }
    var hasToStop = false
    for (places, width) in [(plan.sideBySide, max(1, jobs)), (plan.alone, 1)] {
      try await withThrowingTaskGroup(of: (Int, JudgedCell).self) { group in
        var waiting = places[...]
        var running = 0
        while true {
          while running < width, !hasToStop, let place = waiting.popFirst() {
            begin(place)
            let entry = plan.entries[place]
            group.addTask { (place, try await judge(entry.cell, round: entry.round)) }
            running += 1
          }
          guard let (place, cell) = try await group.next() else { break }
          running -= 1
          judged[place] = cell
          do {
            try end(cell)
          } catch {
            CleanupRegistry.shared.releaseAll()
            throw error
          }
          hasToStop = hasToStop || (failsFast && cell.verdict.failsTheRun)
        }
      }
    }
    let cells = judged.compactMap { $0 }
    var result = CheckResult(
      subject: subject.name, cells: cells, rounds: plan.rounds, seed: plan.seed, seconds: clock.secondsAgo,
      planned: plan.entries.count, stopped: cells.count < plan.entries.count ? .failed : nil)
    result.kernel = SystemFile.word("/proc/sys/kernel/osrelease")
    result.tools = await ToolVersions.known()
    return result
  }

  /// Runs one cell and judges it. The folder is kept if it failed.
  /// - Throws: where the harness itself cannot work, `Interrupted`.
  package func judge(_ cell: Cell, round: Int = 1) async throws -> JudgedCell {
    let workspace: Workspace
    do {
      workspace = try Workspace(label: cell.label)
    } catch {
      var run = CellRun()
      run.isComplete = false
      run.findings = [Finding(.setup, "\(error)")]
      return JudgedCell(
        cell: cell, run: run, verdict: .of(run, golden: nil, scenario: cell.scenario.name), round: round)
    }
    HarnessLog.say("check", "\(cell.label) begins in \(workspace.path)")
    let run: CellRun
    do {
      run = try await CellRunner.run(cell, in: workspace)
      // What an interrupted cell shows is the work of the clean-up, not of the export.
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
    } catch {
      workspace.remove()
      throw error
    }
    return try judged(cell, round: round, run, in: workspace)
  }

  /// Judges `run` of `cell`, which may have run elsewhere. `workspace` is kept if it failed, else removed.
  /// - Throws: `FileError` if the golden file cannot be read.
  package func judged(_ cell: Cell, round: Int, _ run: CellRun, in workspace: Workspace) throws -> JudgedCell {
    let golden = try library.golden(cell.scenario)
    let known = subject.knownFailures.filter { $0.covers(cell.scenario.name, cell.mode, version: subject.version) }
    let verdict = Verdict.of(run, golden: golden, scenario: cell.scenario.name)
      .expecting(known, evidence: Verdict.evidence(run, golden: golden))
    HarnessLog.say("check", "\(cell.label): \(verdict.word) after \(Int(clamping: run.seconds * 1000)) ms")
    var judged = JudgedCell(cell: cell, run: run, verdict: verdict, round: round)
    var keeps = keepsAll && run.skip == nil
    if case .fail = verdict { keeps = true }
    if keeps {
      FailureArtifacts(
        cell: cell, run: run, verdict: verdict, golden: golden, scenarios: library.folder, kernel: kernel
      )
      .keep(in: workspace)
      judged.folder = workspace.path
    } else {
      workspace.remove()
    }
    return judged
  }
}
