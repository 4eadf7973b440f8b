// `fusebench record`: writes golden files, where all modes agree.

import ArgumentParser
import Harness

/// `fusebench record`.
struct RecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Run scenarios in every mode and write their golden files.",
    discussion: "Refuses when modes disagree, and shows how. Read what it wrote before you commit it.")

  @Argument(help: "Names or globs of scenarios.")
  var patterns: [String]

  @OptionGroup var options: HarnessOptions

  func run() async throws {
    try await orCouldNotRun {
      let library = try options.library()
      let scenarios = try library.select(patterns)
      let recorder = Recorder(Check(library: library, subject: try options.loadSubject()))
      if let fault = Machine.cannotMount { throw fault }
      try await options.prepared {
        var refused = false
        for scenario in scenarios {
          switch try await recorder.record(scenario, modes: options.wantedModes) {
          case .written(let changed, let modes):
            let words = modes.map(\.rawValue).joined(separator: ", ")
            print("\(scenario.name): \(changed ? "written" : "unchanged") (\(words) agree)")
          case .disagreement(let text):
            refused = true
            print("\(scenario.name): refused, the modes disagree\n\(text)")
          case .impossible(let reason):
            refused = true
            print("\(scenario.name): refused, \(reason)")
          }
        }
        if refused { throw ExitCode(1) }
      }
    }
  }
}
