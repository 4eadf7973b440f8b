// Writes golden files, but only where all modes say the same.

import Foundation

/// What running a scenario for its golden file has come to.
public enum Recording: Sendable {
  /// All modes agree, and the golden file says something else (nil: there is none).
  case news(old: String?, new: String, modes: [Mode])
  /// All modes agree with the golden file.
  case unchanged(modes: [Mode])
  /// Modes disagree.
  case disagreement(ModeComparison, folders: [String])
  /// A run failed for another reason than its output, or could not run.
  case impossible(String, folder: String?)
}

/// Records goldens.
public struct Recorder: Sendable {
  private let check: Check

  /// A recorder on top of a check.
  public init(_ check: Check) { self.check = check }

  /// Runs `scenario` in every one of `modes`; writes nothing. The folders of a run that cannot be recorded are kept.
  /// - Throws: what `Check.judge` throws.
  public func examine(_ scenario: Scenario, modes: [Mode]) async throws -> Recording {
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
    let old = check.library.golden(scenario)
    let modes = cells.map(\.cell.mode)
    return old == first.run.transcript
      ? .unchanged(modes: modes) : .news(old: old, new: first.run.transcript, modes: modes)
  }

  /// Writes `text` as the golden file of `scenario`; returns its path.
  /// - Throws: `FileFault` if it cannot be written.
  @discardableResult
  public static func write(_ text: String, as scenario: Scenario, in library: ScenarioLibrary) throws -> String {
    let path = library.goldenPath(scenario)
    do {
      try text.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw FileFault(file: path, message: "cannot be written: \(error.localizedDescription)")
    }
    return path
  }

  /// Writes the golden file of each scenario of `result` that has none, where all its modes
  /// were run agree and had nothing wrong but the missing file. The cells stay failures: what nobody has read
  /// holds nothing. Returns the paths written.
  /// - Throws: `FileFault` if a file cannot be written.
  public static func writeMissing(of result: CheckResult, in library: ScenarioLibrary) throws -> [String] {
    var written: [String] = []
    var seen: Set<String> = []
    for cell in result.cells where cell.round == 1 {
      let scenario = cell.cell.scenario
      guard seen.insert(scenario.name).inserted, library.golden(scenario) == nil else { continue }
      let cells = result.cells.filter { $0.cell.scenario.name == scenario.name && $0.run.skip == nil }
      let sound = cells.allSatisfy { $0.run.isComplete && $0.run.findings.isEmpty }
      guard sound, let text = cells.first?.run.transcript, cells.allSatisfy({ $0.run.transcript == text })
      else { continue }
      written.append(try write(text, as: scenario, in: library))
    }
    return written
  }
}
