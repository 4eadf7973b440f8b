// `fusebench matrix`: stored checks as one page that shows which program keeps what, on which kernel, in which mode.

import ArgumentParser
import Harness

/// `fusebench matrix`.
struct MatrixCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "matrix",
    abstract: "Lay stored checks beside each other on one page: programs, kernels, modes and scenarios.",
    discussion: """
      Every cell leads to its reason and to where its transcript differs. The page holds everything it needs and works \
      from a file. Where several checks of one program's file have the same cell, the worst counts. What cannot be \
      read is left out, and that is said. Exit status: 0 written, 2 a check could not be read or the page not be \
      written.
      """)

  @Argument(help: "Stored checks: folders, results.json files, or names in --results; none means all in --results.")
  var names: [String] = []

  @Option(help: "The folder that checks are kept in.")
  var results = "results"

  @Option(name: .shortAndLong, help: "The page to write (default: standard output).")
  var output: String?

  func run() async throws {
    try await orCouldNotRun {
      try OutputFile.check(output)
      let places = names.isEmpty ? StoredCheck.foldersOrHalves(in: results) : names
      guard !places.isEmpty else {
        throw FileError(file: results, message: "holds no check; 'fusebench check' makes one")
      }
      var checks: [StoredCheck] = []
      var refused = 0
      for place in places {
        do {
          checks.append(try StoredCheck.named(place, in: results))
        } catch {
          refused += 1
          StandardError.write("fusebench: left out: \(TextFormat.visible("\(error)"))\n")
        }
      }
      guard !checks.isEmpty else { throw ExitCode(2) }
      let page = MatrixPage.text(of: checks)
      if let output { try OutputFile.write(page, to: output) } else { print(page, terminator: "") }
      if refused > 0 { throw ExitCode(2) }
    }
  }
}
