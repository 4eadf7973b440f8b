// `fusebench bench`: suites × nodes × modes, measured with fio and kept.

public import ArgumentParser
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
      results/<run>/ after every sample. Exit status: 0 measured, 1 a cell failed, 2 could not run.
      """)

  @OptionGroup var options: HarnessOptions

  @OptionGroup var matrix: MatrixOptions

  @Option(help: "Samples per cell, in place of the budget's.")
  var samples: Int?

  @Option(help: "Measured seconds per sample, in place of the budget's.")
  var runtime: Double?

  @Option(help: "What the samples' seeds are derived from (default: chance; for a share, the matrix).")
  var seed: UInt64?

  @Option(help: "Measure share K of N of each suite's rows, as in 2/3; 'fusebench merge' puts shares together.")
  var shard: Shard?

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "How the results are printed: table, markdown, commit.")
  var format: ReportFormat = .table

  @Flag(help: "List the rows and columns that would be measured, and how long that takes; measure nothing.")
  var list = false

  func validate() throws {
    if let samples, samples < 1 { throw ValidationError("--samples must be at least 1") }
    if let seed, !(1...0x7fff_ffff).contains(seed) {
      throw ValidationError("--seed must be between 1 and \(0x7fff_ffff)")
    }
    if let runtime, !(runtime >= 0.1 && runtime <= 3600) {
      throw ValidationError("--runtime must be between 0.1 and 3600 seconds")
    }
  }

  func run() async throws {
    try await orCouldNotRun {
      var request = try request()
      if list {
        request.modes = modes(of: request)
        return print(PlanTable.text(try Bench(request)), terminator: "")
      }
      if let fault = Machine.cannotMount { throw fault }
      try await options.prepared {
        request.subject = try await known(request.subject)
        for index in request.others.indices { request.others[index] = try await known(request.others[index]) }
        request.modes = modes(of: request)
        let outcomes = try await BenchConsole.run(try Bench(request))
        print(format.text(of: outcomes.map(\.run)), terminator: "")
        for outcome in outcomes { print("Kept in \(outcome.folder.path)") }
        if outcomes.contains(where: { !$0.run.failures.isEmpty }) { throw ExitCode(1) }
      }
    }
  }

  /// `subject` with what it is found to have.
  private func known(_ subject: Subject) async throws -> Subject {
    try await CapabilityProbe.complete(subject).knowingVersion()
  }

  /// The modes asked for, or all that any subject has.
  private func modes(of request: BenchRequest) -> [Mode] {
    guard options.modes.isEmpty else { return options.wantedModes }
    return Mode.allCases.filter { mode in ([request.subject] + request.others).contains { $0.modes.contains(mode) } }
  }

  private func request() throws -> BenchRequest {
    var request = try matrix.request(
      options, subjects: try options.loadSubjects(), results: results,
      command: ["fusebench"] + CommandLine.arguments.dropFirst())
    request.samples = samples
    request.seed = seed
    request.shard = shard
    request.runtime = runtime
    return request
  }
}
