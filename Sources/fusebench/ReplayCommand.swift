// `fusebench replay`: a stored run measured once more, and what has become of its figures.

import ArgumentParser
import Foundation
import Harness

/// `fusebench replay`.
struct ReplayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Measure a stored run once more, the same matrix with the same seed, and compare.",
    discussion: """
      Rows, columns, samples, sizes and seed are the stored run's, and so are the words before its programs; \
      --subject, --program or --prefix puts others in their place, and --mode leaves the other modes out. A run is \
      data: a program, a prefix or a fio option that only the file names is used with --trust alone. What is \
      different from then (machine, versions, build) is said before anything is measured. The new run is kept too; \
      rows that come out slower are measured once \
      more before they count. Exit status: 0 same or faster, 1 slower, 3 unsure, 2 could not run.
      """)

  @Argument(help: "The stored run: its folder, its name in --results, or its run.json; 'last' is the newest.")
  var name: String

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "The smallest difference that matters; what lies within it is the same (default: the run's own).")
  var effect: Share?

  @Option(help: "Also write the verdicts as JUnit's XML to this file: slower fails, unsure is skipped.")
  var junit: String?

  @Flag(help: "List what would be measured, what is different from then, and how long it takes; measure nothing.")
  var list = false

  @Flag(help: "Run the programs, the words before them and the fio options that the stored run names.")
  var trust = false

  @OptionGroup var options: HarnessOptions

  func run() async throws {
    try await orCouldNotRun {
      try OutputFile.check(junit)
      let replay = try Replay(of: try RunFolder.read(name, in: results), modes: options.modes)
      if !trust {
        let named = (!options.subjects.isEmpty, !options.programs.isEmpty, options.prefix != nil)
        try ReplayTrust(replay, subjects: options.folder() + "/subjects", named: named).check(replay.run.id)
      }
      var subjects = try subjects(of: replay)
      let reference = try replay.reference.map {
        try Subject.named($0.subject, in: options.folder() + "/subjects", program: $0.path, prefix: $0.prefix)
      }
      if list {
        for index in subjects.indices { subjects[index] = try await subjects[index].knowingVersion() }
        let request = try request(replay, subjects, reference)
        let bench = try Bench(request)
        Self.tell(try await differences(replay, request))
        let lines = PlanTable.text(bench).split(separator: "\n").map { TextFormat.visible(String($0)) + "\n" }
        return print(lines.joined(), terminator: "")
      }
      if let fault = Machine.cannotMount { throw fault }
      let verdict = try await withPrepared(options) { [subjects] in
        var subjects = subjects
        for index in subjects.indices { subjects[index] = try await CapabilityProbe.known(subjects[index]) }
        return try await measured(replay, try request(replay, subjects, reference))
      }
      try failUnlessGood(verdict)
    }
  }

  /// The verdict on all rows, once everything is measured and told.
  private func measured(_ replay: Replay, _ request: BenchRequest) async throws -> SpeedVerdict {
    let bench = try Bench(request)
    let differences = try await differences(replay, request)
    Self.tell(differences)
    let gate = BenchGate(baseline: replay.run, limit: effect?.value ?? replay.run.settings.smallestEffect)
    let outcomes = try await BenchConsole.run(bench)
    guard let outcome = outcomes.first else { throw BenchError("\(replay.run.id): nothing of it can be measured here") }
    let (result, _) = try await Confirmation(of: request).confirmed(
      try gate.judge(outcome.run), measure: BenchConsole.confirm
    ) { TwoSideComparison.runs(replay.run, $0, effect: gate.limit) }
    let heading = "\(outcome.run.id) against \(replay.run.id)"
    print(ComparisonReport.text(result, heading: heading), terminator: "")
    if !differences.isEmpty {
      print("A change can be that of what is different since then: \(differences.joined(separator: "; ")).")
    }
    print("Kept in \(outcome.folder.path)")
    if let junit { try OutputFile.write(GateJUnitReport.text(result), to: junit) }
    return result.verdict
  }

  private func request(_ replay: Replay, _ subjects: [Subject], _ reference: Subject?) throws -> BenchRequest {
    try replay.request(
      subjects: subjects, reference: reference, floor: replay.hasFloor ? try options.floorSubject() : nil,
      results: results,
      command: commandLine())
  }

  private func differences(_ replay: Replay, _ request: BenchRequest) async throws -> [String] {
    replay.differences(request, on: try await Bench.machine())
  }

  /// What serves in the place of the run's programs: those asked for, or the same.
  private func subjects(of replay: Replay) throws -> [Subject] {
    // Another subject has its own words before its program; a program alone takes the place of a program.
    guard options.subjects.isEmpty else { return try options.loadSubjects() }
    let programs = options.programs.isEmpty ? replay.programs : replay.programs(at: options.programs)
    return try programs.map { try options.load($0.subject, program: $0.path, behind: $0.prefix) }
  }

  private static func tell(_ differences: [String]) {
    guard !differences.isEmpty else { return }
    let lines = ["Different from then (then, now):"] + differences.map { "  " + TextFormat.visible($0) }
    StandardError.write(lines.map { $0 + "\n" }.joined())
  }
}
