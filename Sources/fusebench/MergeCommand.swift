// `fusebench merge`: runs of shares, put together into one run.

import ArgumentParser
import Harness

/// `fusebench merge`.
struct MergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put the runs of 'bench --shard' together into one.",
    discussion: """
      Refuses runs that are not shares of one matrix, measured with one seed on machines alike. Exit status: 0 the \
      whole is there, 1 a share is missing or incomplete or a cell failed, 2 refused.
      """)

  @Argument(help: "The runs: their folders, or their names in --results.")
  var names: [String]

  @Option(name: .shortAndLong, help: "The folder of the merged run (default: a new one in --results).")
  var output: String?

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Flag(help: "Merge runs of machines that differ; the merged run says in what.")
  var force = false

  func run() async throws {
    try await orCouldNotRun {
      let merged = try MergedFolder.make(
        of: try names.map { try RunFolder.find($0, in: results) }, at: output, in: results,
        command: commandLine(), force: force)
      for note in merged.merge.run.notes { print(TextFormat.visible(note)) }
      let failures = merged.merge.run.failures.count
      if failures > 0 { print("\(TextFormat.count(failures, "cell")) failed") }
      print("Kept in \(merged.folder.path)")
      if failures > 0 || merged.merge.run.finished == nil || !merged.merge.missing.isEmpty { throw ExitCode(1) }
    }
  }
}
