// Writes golden files, but only where all modes say the same.

import Foundation

/// What came of recording a scenario.
public enum Recording: Sendable {
  /// The golden file was written; false if it already said so.
  case written(changed: Bool, modes: [Mode])
  /// Modes disagree; the text shows how.
  case disagreement(String)
  /// A run failed for another reason than its output, or could not run.
  case impossible(String)
}

/// Records goldens.
public struct Recorder: Sendable {
  private let check: Check

  /// A recorder on top of a check.
  public init(_ check: Check) { self.check = check }

  /// Runs `scenario` in every one of `modes` and writes its golden file.
  /// - Throws: `FileFault` if it cannot be written; what `Check.judge` throws.
  public func record(_ scenario: Scenario, modes: [Mode]) async throws -> Recording {
    var runs: [(mode: Mode, transcript: String)] = []
    for cell in check.cells([scenario], modes: modes) {
      let judged = try await check.judge(cell)
      if let folder = judged.folder, !check.keepsAll { try? FileManager.default.removeItem(atPath: folder) }
      if let reason = judged.run.skip { return .impossible("\(cell.mode): \(reason)") }
      if let finding = judged.run.findings.first {
        return .impossible("\(cell.mode): \(finding.reason.rawValue): \(finding.detail)")
      }
      runs.append((cell.mode, judged.run.transcript))
    }
    guard let first = runs.first else { return .impossible("no mode was chosen") }
    for other in runs.dropFirst() {
      if let difference = Difference(golden: first.transcript, actual: other.transcript) {
        return .disagreement("- is \(first.mode), + is \(other.mode)\n" + difference.full)
      }
    }
    let path = check.library.goldenPath(scenario)
    let changed = check.library.golden(scenario) != first.transcript
    do {
      try first.transcript.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw FileFault(file: path, message: "cannot be written: \(error.localizedDescription)")
    }
    return .written(changed: changed, modes: runs.map(\.mode))
  }
}
