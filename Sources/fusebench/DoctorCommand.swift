// `fusebench doctor`: is this machine able to run everything, and if not, what is to be done.

import ArgumentParser
import Harness

/// `fusebench doctor`.
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look at kernel, devices, programs and limits; each with its state and remedy.",
    discussion: "Exit status: 0 everything required is there, 2 something required is missing.")

  @Flag(help: "Remove the folders that failed cells and killed runs have left; those in use stay.")
  var clean = false

  func run() async throws {
    if clean {
      try await orCouldNotRun {
        if let fault = try await BaseFolder.objection() { throw fault }
        try removeKept()
      }
      return
    }
    let facts = await Machine.facts()
    print(Terminal.fitted(DoctorReport(colours: Progress.wantsColours).text(facts)), terminator: "")
    if facts.contains(where: { $0.state == .missing }) { throw ExitCode(2) }
  }

  private func removeKept() throws {
    removeLeftovers()
    let kept = PreservedWorkspaces()
    let left = kept.remove()
    print("kept folders: \(kept.words)" + (kept.paths.isEmpty ? "" : "; removed"))
    for path in left { print("cannot be removed: \(path)") }
    if !left.isEmpty { throw ExitCode(2) }
  }
}
