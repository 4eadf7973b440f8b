// `fusebench record`: writes golden files, where all modes agree and a person says yes.

import ArgumentParser
import Glibc
import Harness

/// `fusebench record`.
struct RecordCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record", abstract: "Run scenarios in every mode and write their golden files.",
    discussion: """
      Shows what would change and asks. Refuses when modes disagree, and shows how. Only our own export in every \
      mode is recorded: --mode, --program and other subjects are refused. Exit status: 0 every golden file says \
      what the export shows, 1 something was refused or declined, 2 it could not run.
      """)

  @Argument(help: "Names or globs of scenarios.")
  var patterns: [String] = []

  @OptionGroup var options: HarnessOptions

  @Option(name: .customLong("tag"), help: "Only scenarios with this tag (may be repeated: with any of them).")
  var tags: [String] = []

  @Flag(help: "Write without asking.")
  var yes = false

  func validate() throws {
    guard !patterns.isEmpty || !tags.isEmpty else {
      throw ValidationError("say which scenarios: names, globs ('*' for all) or --tag")
    }
  }

  func run() async throws {
    try await orCouldNotRun {
      let library = try options.library()
      let scenarios = try library.select(patterns, tags: tags)
      let asFiled = try options.loadSubject()
      try Recorder.checkRecords(asFiled, modes: options.modes)
      if let fault = Machine.cannotMount { throw fault }
      try await options.prepared {
        if StartCheck.isNeeded(for: asFiled, scenarios: scenarios) { try await StartCheck.run(asFiled) }
        let recorder = Recorder(Check(library: library, subject: try await CapabilityProbe.complete(asFiled)))
        var recorded: [String] = []
        var failed = false
        for scenario in scenarios {
          switch try await recorder.examine(scenario, modes: options.wantedModes) {
          case .unchanged(let modes):
            print("unchanged  \(scenario.name)  (\(words(modes)) agree)")
          case .news(let old, let new, let modes):
            show(old, new)
            guard yes || agrees(scenario.name, isNew: old == nil) else {
              failed = true
              print("declined   \(scenario.name)")
              continue
            }
            try Recorder.write(new, as: scenario, in: library)
            recorded.append(scenario.name)
            print("recorded   \(scenario.name)  (\(old == nil ? "new, " : "")\(words(modes)) agree)")
          case .disagreement(let comparison, let folders):
            failed = true
            print("refused    \(scenario.name)  the modes disagree\n\(ModeDiff.text(comparison))", terminator: "")
            for folder in folders { print("kept: \(folder)") }
          case .impossible(let reason, let folder):
            failed = true
            print("refused    \(scenario.name)  \(reason)")
            if let folder { print("kept: \(folder)") }
          }
          fflush(nil)
        }
        if !recorded.isEmpty { print("\(recorded.count) recorded: \(recorded.joined(separator: ", "))") }
        if failed { throw ExitCode(1) }
      }
    }
  }

  private func words(_ modes: [Mode]) -> String { modes.map(\.rawValue).joined(separator: ", ") }

  private func show(_ old: ByteText?, _ new: ByteText) {
    print(Difference(golden: (old ?? "").asRecorded, actual: new)?.full.shown ?? "", terminator: "")
  }

  /// Asks a person; where nobody answers, that is a no.
  private func agrees(_ name: String, isNew: Bool) -> Bool {
    print(isNew ? "Record \(name)? [y/N] " : "Record \(name) anew? [y/N] ", terminator: "")
    fflush(nil)
    guard let answer = readLine() else {
      print("nobody answers; --yes records without asking")
      return false
    }
    return ["y", "yes"].contains(answer.lowercased())
  }
}
