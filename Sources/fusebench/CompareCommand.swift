// `fusebench compare`: two stored runs, or two programs measured in one run, and a verdict on every row.

import ArgumentParser
import Foundation
import Harness

/// `fusebench compare`.
struct CompareCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Is one faster than the other? Two stored runs, or two programs measured in turns.",
    discussion: """
      compare RUN RUN lays two stored runs beside each other, compare --baseline FILE RUN one beside a file. With \
      two --subject or two --program, both are measured now, in turns, which finds much smaller differences; what \
      comes out slower is measured once more before it is believed. Exit status: 0 same or faster, 1 slower, \
      3 unsure, 2 could not run.
      """)

  @Argument(help: "Stored runs: folders, run.json files, or names in --results; 'last' is the newest.")
  var runs: [String] = []

  @Option(help: "The stored run that is compared with, in place of the first run.")
  var baseline: String?

  @Flag(help: "Compare although the machines or the ways of sampling differ; what differs is said.")
  var force = false

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "Also write the verdicts as JUnit's XML to this file: slower fails, unsure is skipped.")
  var junit: String?

  @OptionGroup var options: HarnessOptions
  @OptionGroup var matrix: MatrixOptions
  @OptionGroup var sampling: SampleOptions

  private var effect: Double { sampling.effect?.value ?? 0.05 }

  func run() async throws {
    try await orCouldNotRun {
      try OutputFile.check(junit)
      let result: GateResult
      if options.subjects.count > 1 || options.programs.count > 1 {
        guard runs.isEmpty, baseline == nil else {
          throw ValidationError("give two runs, or two subjects or programs, not both")
        }
        result = try await measured()
      } else {
        result = try stored()
      }
      if let junit { try OutputFile.write(GateJUnitReport.text(result), to: junit) }
      try failUnlessGood(result.verdict)
    }
  }

  // MARK: stored runs

  private func stored() throws -> GateResult {
    let before: StoredRun
    let after: StoredRun
    switch (baseline, runs.count) {
    case (nil, 2):
      (before, after) = (
        try RunFolder.read(runs[0], in: results).readable, try RunFolder.read(runs[1], in: results).readable
      )
    case (let file?, 0), (let file?, 1):
      before = try RunFolder.read(file, in: results).readable
      after = try RunFolder.read(runs.first ?? "last", in: results).readable
    default:
      throw ValidationError("give two runs, or --baseline FILE and a run, or two of --subject or --program")
    }
    try Admission(before, after).admit(force: force, tell: StandardError.write)
    let result = try BenchGate(baseline: before, limit: effect).judge(after)
    print(ComparisonReport.text(result, heading: "\(after.id) against \(before.id)"), terminator: "")
    return result
  }

  // MARK: two programs

  private func measured() async throws -> GateResult {
    var request = try matrix.request(
      options, subjects: try options.loadSubjects(), results: results,
      command: commandLine())
    sampling.apply(to: &request.sampling)
    // Fewer could not tell anything apart.
    request.sampling.samples = sampling.samples ?? 6
    request.sampling.maxSamples = sampling.maxSamples ?? (sampling.samples == nil ? 16 : nil)
    request.references = .none
    if let fault = Machine.cannotMount { throw fault }
    return try await withPrepared(options) {
      var prepared = try await request.knowingSubjects()
      prepared.selection.modes = options.wantedModes.filter { mode in
        prepared.compared.allSatisfy { $0.modes.contains(mode) }
      }
      let outcomes = try await BenchConsole.run(try Bench(prepared))
      let (result, _) = try await Confirmation(of: prepared).confirmed(
        try result(outcomes), measure: BenchConsole.confirm
      ) { TwoSideComparison.programs($0, effect: effect) }
      let others = outcomes.flatMap { $0.run.columns.filter { $0.role == .compared } }.compactMap(\.program)
      let names = Set(others).count > 1 ? others : outcomes[0].run.columns.compactMap(\.subject)
      let heading = "\(names.last ?? "the second") against \(result.baseline)"
      print(ComparisonReport.text(result, heading: heading), terminator: "")
      for outcome in outcomes { print("Kept in \(outcome.folder.path)") }
      return result
    }
  }

  private func result(_ outcomes: [Bench.Outcome]) throws -> GateResult {
    let rows = outcomes.flatMap { TwoSideComparison.programs($0.run, effect: effect) }
    guard let base = outcomes.first?.run.baseline, !rows.isEmpty else {
      throw BenchError("the two have no mode and row in common; --mode names the modes measured")
    }
    return GateResult(baseline: base.program ?? base.subject ?? base.name, limit: effect, rows: rows)
  }
}

/// Runs `body` in what `HarnessOptions.prepared` prepares, for what it comes to.
func withPrepared<Result>(_ options: HarnessOptions, _ body: () async throws -> Result) async throws -> Result {
  var result: Result?
  try await options.prepared { result = try await body() }
  // Only an interruption ends without a result, and it ends the process too.
  guard let result else { throw ExitCode(2) }
  return result
}
