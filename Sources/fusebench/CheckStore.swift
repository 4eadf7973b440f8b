// Where a check keeps its results: the folder is made before the first cell, so that a place which cannot be written to
// is known before anything is judged.

import Foundation
import Harness

/// The folder of one check, and what its results say beside the cells.
struct CheckStore {
  private let folder: RunFolder
  private let started = RunTime.now()
  private let facts: CheckFacts
  private let library: ScenarioLibrary
  /// Whether the cells run on another kernel than the machine's own.
  private let runsElsewhere: Bool

  /// A new folder in `results` for `check`; asks the program and the tools for their versions.
  /// - Throws: `FileError` if it cannot be made, `Interrupted`.
  init(in results: String, for check: Check) async throws {
    do {
      folder = try RunFolder.create(in: results, suite: "check", at: started, forSamples: false)
    } catch {
      throw FileError(
        file: results, message: "results cannot be kept (\(error)); give --results FOLDER, or --no-results")
    }
    library = check.library
    runsElsewhere = check.kernel != nil
    let subject = check.subject
    let known = try await subject.programIdentity()
    let program = StoredCheck.Program(
      path: known.path, prefix: subject.prefix, version: known.version, digest: known.digest,
      build: subject.program == "self" ? .own : nil)
    facts = CheckFacts(
      command: commandLine(), judge: Fusebench.version, program: program, tools: await Machine.toolVersions(),
      library: check.library)
  }

  /// Writes `result`; the folder's path.
  /// - Throws: `OutputError`.
  func keep(_ result: CheckResult) throws -> String {
    var result = result
    // What was broken off has not said it.
    if !runsElsewhere { result.kernel = result.kernel ?? SystemFile.word("/proc/sys/kernel/osrelease") }
    let check = StoredCheck(result, id: folder.id, started: started, facts: facts) { try? library.golden($0) }
    try check.write(to: folder)
    return folder.path
  }

  /// Removes the folder if nothing was written to it.
  func removeIfEmpty() { rmdir(folder.path) }
}
