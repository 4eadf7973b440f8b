// Runs cells inside another kernel and tells each beginning and end, so that a panic names its cell.

import CLinux
import Foundation
import Glibc

/// The guest's side of a check on another kernel.
package struct GuestWorker {
  private let files: GuestFiles
  private let output: FileHandle

  /// A worker that finds its cells in `folder`.
  /// - Throws: `FileError` if it cannot tell anything there.
  package init(folder: String) throws {
    files = GuestFiles(folder: folder)
    guard let output = FileHandle(forWritingAtPath: files.messages) else {
      throw FileError(file: files.messages, message: "cannot be written")
    }
    self.output = output
    _ = try? output.seekToEnd()
  }

  /// Loads the kernel's modules (init_module(2)); one that is loaded already is well.
  package static func load(modules: [String]) throws {
    for path in modules {
      let file = open(path, O_RDONLY | O_CLOEXEC)
      guard file >= 0 else { throw FileError(file: path, message: "cannot be opened") }
      defer { close(file) }
      let code = clinux_load_module(file)
      guard code >= 0 || code == -EEXIST else {
        throw FileError(file: path, message: "the kernel does not take it: \(String(cString: strerror(-code)))")
      }
    }
  }

  /// Runs the cells of `subject`, one after the other, with the scenarios of `library`.
  package func run(_ subject: Subject, library: ScenarioLibrary) async {
    do {
      let data = FileManager.default.contents(atPath: files.cells) ?? Data()
      let cells = try OutsideJSON.decode([GuestCell].self, from: data)
      let scenarios = library.scenarios.filter { scenario in cells.contains { $0.scenario == scenario.name } }
      if StartCheck.isNeeded(for: subject, scenarios: scenarios) { try await StartCheck.run(subject, isSlow: true) }
      let known = try await CapabilityProbe.complete(subject)
      tell(.ready(kernel: SystemFile.word("/proc/sys/kernel/osrelease") ?? "unknown"))
      for wanted in cells {
        guard let scenario = library.scenarios.first(where: { $0.name == wanted.scenario }) else { continue }
        let cell = Cell(scenario: scenario, mode: wanted.mode, subject: known)
        tell(.began(place: wanted.place))
        let workspace = try Workspace(label: cell.label)
        let run = try await CellRunner.run(cell, in: workspace)
        workspace.remove()
        tell(.ended(place: wanted.place, run: run))
      }
      tell(.finished)
    } catch {
      fail(error)
    }
  }

  /// Tells that nothing can be run.
  package func fail(_ error: any Error) { tell(.failed(reason: "\(error)")) }

  /// One write for each line, and on the other side of the kernel before the next cell begins.
  private func tell(_ message: GuestMessage) {
    guard let line = try? JSONEncoder().encode(message) else { return }
    try? output.write(contentsOf: line + Data("\n".utf8))
    try? output.synchronize()
  }
}
