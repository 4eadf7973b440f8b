// `fusebench bench`: suites × nodes × modes, measured with fio and kept.

import ArgumentParser
import Foundation
import Harness

extension NodeKind: ExpressibleByArgument {}
extension Shard: ExpressibleByArgument {
  init?(argument: String) { self.init(argument) }
}
extension ReportFormat: ExpressibleByArgument {}

/// `fusebench bench`.
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure an export in its modes with fio, and keep the results.",
    discussion: """
      Every sample is a fresh start of the export and a fresh fio; modes take turns. Results are kept in \
      results/<run>/ after every sample. With --baseline its rows are measured as they were then, \
      unless options say otherwise; those that come out slower are measured once more before they count. Exit status: \
      0 measured, 1 a cell failed or is slower than --baseline allows, 2 could not run.
      """)

  @OptionGroup var options: HarnessOptions

  @OptionGroup var matrix: MatrixOptions

  @OptionGroup var sampling: SampleOptions

  @Option(help: "What the samples' seeds are derived from (default: chance; for a share, the matrix).")
  var seed: UInt64?

  @Option(help: "Measure share K of N of each suite's rows, as in 2/3; 'fusebench merge' puts shares together.")
  var shard: Shard?

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "How the results are printed: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: ReportFormat = .table

  @Flag(help: "List the rows and columns that would be measured, and how long that takes; measure nothing.")
  var list = false

  @Option(help: "With --baseline: also write the verdicts as JUnit's XML to this file.")
  var junit: String?

  @Option(
    help: "Compare with this stored run (its run.json, folder or name), and fail if anything is slower (see --gate).")
  var baseline: String?

  @Option(help: "How much slower than --baseline a row may be, as 5% or 0.05 (default 5%).")
  var gate: Share?

  @Option(
    help: """
      How much more the kernel may count of each server's system calls, wake-ups and requests per I/O than --baseline \
      holds, as 2% (default: it is not looked at).
      """)
  var gateCost: Share?

  @Flag(help: "Compare with --baseline although the machines or the ways of sampling differ.")
  var force = false

  func validate() throws {
    if let seed, !(1...0x7fff_ffff).contains(seed) {
      throw ValidationError("--seed must be between 1 and \(0x7fff_ffff)")
    }
    guard baseline != nil || gate == nil else { throw ValidationError("--gate needs --baseline FILE") }
    guard baseline != nil || gateCost == nil else { throw ValidationError("--gate-cost needs --baseline FILE") }
    guard gateCost == nil || sampling.costs != false else { throw ValidationError("--gate-cost needs --costs") }
    guard baseline != nil || junit == nil else { throw ValidationError("--junit needs --baseline FILE") }
  }

  func run() async throws {
    try await orCouldNotRun {
      try OutputFile.check(junit)
      let judge = try baseline.map { try BenchGate(named: $0, in: results, limit: gate?.value ?? 0.05) }
      let costs = try judge.flatMap { judge in
        try gateCost.map { try CostGate(baseline: judge.baseline, limit: $0.value) }
      }
      if let judge { try Admission(ofToday: judge.baseline).admit(force: force, tell: StandardError.write) }
      var request = try request(like: judge?.baseline)
      if list {
        request.selection.modes = modes(of: request)
        if let judge { request = try judge.matching(request) }
        return print(PlanTable.text(try Bench(request)), terminator: "")
      }
      if let fault = Machine.cannotMount { throw fault }
      // What the subjects' files say is enough to refuse most of what cannot match, before anything is tried out.
      if let judge, request.compared.allSatisfy(\.knowsModes) {
        request.selection.modes = modes(of: request)
        try Admission(judge, try Bench(judge.matching(request))).admit(force: force) { _ in }
      }
      try await options.prepared {
        request = try await request.knowingSubjects()
        request.selection.modes = modes(of: request)
        if let judge { request = try judge.matching(request) }
        let bench = try Bench(request)
        if let judge { try Admission(judge, bench).admit(force: force, tell: StandardError.write) }
        let outcomes = try await BenchConsole.run(bench)
        let runs = outcomes.map(\.run)
        print(
          format.text(of: runs, options: try await .gathered(for: runs, format, options.folder())), terminator: "")
        for outcome in outcomes { beside("Kept in \(outcome.folder.path)\n") }
        if format == .table {
          print("Latencies, CPU, switches, memory, channels: fusebench report RUN --format markdown (or html)")
        }
        var passes = true
        if let judge { passes = try await self.passes(judge, costs, outcomes, request) }
        if !passes || outcomes.contains(where: { !$0.run.failures.isEmpty }) { throw ExitCode(1) }
      }
    }
  }

  /// Whether nothing that was measured is slower than the gate allows; what seems so is measured again first.
  private func passes(
    _ gate: BenchGate, _ costs: CostGate?, _ outcomes: [Bench.Outcome], _ request: BenchRequest
  ) async throws -> Bool {
    guard let run = outcomes.first(where: { $0.run.suite == gate.baseline.suite })?.run else {
      throw BenchError(
        "\(gate.baseline.id) is of suite \(gate.baseline.suite), which was not measured; add it by --suite")
    }
    try Admission(gate.baseline, run).admit(force: force, tell: StandardError.write)
    let (result, fresh) = try await Confirmation(of: request).confirmed(
      try gate.judge(run), measure: BenchConsole.confirm
    ) { TwoSideComparison.runs(gate.baseline, $0, effect: gate.limit) }
    beside(ComparisonReport.text(result, heading: "\(run.id) against \(gate.baseline.id)"))
    let counted = try await costs?.confirmed(run, of: request, measure: BenchConsole.recount)
    if let counted { beside(CostReport.text(counted)) }
    if let junit { try OutputFile.write(GateJUnitReport.text(result, costs: counted), to: junit) }
    return result.passes && counted?.passes != false && fresh.allSatisfy(\.failures.isEmpty)
  }

  /// Prints what is no part of the report: beside a table it can stand, in a document for a file it cannot.
  private func beside(_ text: String) {
    if format == .table { print(text, terminator: "") } else { StandardError.write(text) }
  }

  /// The modes asked for, or all that any subject has.
  private func modes(of request: BenchRequest) -> [Mode] {
    guard options.modes.isEmpty else { return options.wantedModes }
    return Mode.allCases.filter { mode in request.compared.contains { $0.modes.contains(mode) } }
  }

  /// What is asked for; suite and budget are those of `baseline`, if there is one and nothing else is said.
  private func request(like baseline: StoredRun?) throws -> BenchRequest {
    var matrix = matrix
    if let baseline, matrix.suites.isEmpty { matrix.suites = [baseline.suite] }
    if let baseline, matrix.budget == nil { matrix.budget = baseline.settings.budget == .full ? .full : .quick }
    var request = try matrix.request(
      options, subjects: try options.loadSubjects(), results: results,
      command: commandLine())
    sampling.apply(to: &request.sampling)
    request.sampling.seed = seed
    if gateCost != nil { request.sampling.costs = true }
    request.selection.shard = shard
    return request
  }
}
