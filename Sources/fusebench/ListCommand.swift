// `fusebench list`: the scenarios, as a table of contents.

import ArgumentParser
import Harness

/// `fusebench list`.
struct ListCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the scenarios: name, tags, title.")

  @Argument(help: "Names or globs of scenarios (default: all).")
  var patterns: [String] = []

  @Option(name: .customLong("tag"), help: "Only scenarios with this tag (may be repeated: with any of them).")
  var tags: [String] = []

  @Option(help: "The folder with scenarios (default: the nearest folder 'scenarios').")
  var scenarios: String?

  func run() async throws {
    try await orCouldNotRun {
      let library = try ScenarioLibrary(folder: scenariosFolder(scenarios))
      print(Terminal.fitted(ScenarioTable.text(try library.select(patterns, tags: tags))), terminator: "")
    }
  }
}
