// Runs a matrix of cells and judges each: the engine of `check` and `record`.

import Foundation

/// A cell with its verdict.
public struct JudgedCell: Sendable {
  /// What was run.
  public var cell: Cell
  /// What it showed.
  public var run: CellRun
  /// What it comes to.
  public var verdict: Verdict
  /// The folder that was kept for a person to look at, if it was.
  public var folder: String?
}

/// Runs cells one after the other.
public struct Check: Sendable {
  /// Where scenarios and goldens are.
  public let library: ScenarioLibrary
  /// The program that is checked.
  public var subject: Subject
  /// Whether folders are kept after success too.
  public var keepsAll = false

  /// A check of `subject` by the scenarios of `library`.
  public init(library: ScenarioLibrary, subject: Subject) {
    self.library = library
    self.subject = subject
  }

  /// The matrix, scenario by scenario: each in those of `modes` that it is about.
  public func cells(_ scenarios: [Scenario], modes: [Mode]) -> [Cell] {
    scenarios.flatMap { scenario in
      modes.filter(scenario.modes.contains).map { Cell(scenario: scenario, mode: $0, subject: subject) }
    }
  }

  /// Runs one cell and judges it. The folder is kept if it failed.
  /// - Throws: where the harness itself cannot work, `Interrupted`.
  public func judge(_ cell: Cell) async throws -> JudgedCell {
    let workspace = try Workspace(label: cell.label)
    let run: CellRun
    do {
      run = try await CellRunner.run(cell, in: workspace)
      // What an interrupted cell shows is the work of the clean-up, not of the export.
      if LiveResources.shared.isClosing { throw Interrupted() }
    } catch {
      workspace.remove()
      throw error
    }
    let golden = library.golden(cell.scenario)
    let verdict = Verdict.of(run, golden: golden, scenario: cell.scenario.name)
    var judged = JudgedCell(cell: cell, run: run, verdict: verdict)
    if case .fail = verdict {
      keepEvidence(run, golden: golden, cell: cell, in: workspace)
      judged.folder = workspace.path
    } else if keepsAll, run.skip == nil {
      keepEvidence(run, golden: golden, cell: cell, in: workspace)
      judged.folder = workspace.path
    } else {
      workspace.remove()
    }
    return judged
  }

  /// What a person needs who looks at a failed cell: transcripts, golden text, difference, and how to run it again.
  private func keepEvidence(_ run: CellRun, golden: String?, cell: Cell, in workspace: Workspace) {
    func write(_ name: String, _ text: String) {
      try? text.write(toFile: workspace.file(name), atomically: false, encoding: .utf8)
    }
    write("transcript.raw", run.rawTranscript)
    write("transcript", run.transcript)
    write("golden", golden ?? "")
    write("diff", Difference(golden: golden ?? "", actual: run.transcript)?.full ?? "")
    let again = Command(
      Subject.ownExecutable,
      [
        "check", cell.scenario.name, "--mode", cell.mode.rawValue, "--subject", subject.name, "--program",
        subject.program == "self" ? "self" : subject.executable() ?? subject.program, "--scenarios",
        URL(fileURLWithPath: library.folder).path, "--keep",
      ])
    let starts = run.commandLines.map { "# \($0)\n" }.joined()
    write(
      "repro.sh",
      "#!/bin/sh\n# Runs this cell again. The export was started by:\n\(starts)exec \(again.line)\n")
    workspace.keep()
  }
}
