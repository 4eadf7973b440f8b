// `fusebench bench`: suites × nodes × modes, measured with fio and kept.

public import ArgumentParser
import Harness

extension Budget: ExpressibleByArgument {}
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

  @Option(
    name: .customLong("suite"), help: "A suite of scenarios/suites (repeatable; default: transport, mixed).")
  var suites: [String] = []

  @Option(help: "quick: a few rows, in minutes; full: every row, with samples long enough to compare.")
  var budget: Budget = .quick

  @Option(name: .customLong("node"), help: "Only this node (may be repeated): file, null.")
  var nodes: [NodeKind] = []

  @Option(help: "Samples per cell, in place of the budget's.")
  var samples: Int?

  @Option(help: "Measured seconds per sample, in place of the budget's.")
  var runtime: Double?

  @Flag(inversion: .prefixedNo, help: "Measure the image without FUSE beside the file node.")
  var raw = true

  @Option(help: "What the samples' seeds are derived from (default: chance; for a share, the matrix).")
  var seed: UInt64?

  @Option(help: "Measure share K of N of each suite's rows, as in 2/3; 'fusebench merge' puts shares together.")
  var shard: Shard?

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  @Option(help: "How the results are printed: table, markdown, commit.")
  var format: ReportFormat = .table

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
      if let fault = Machine.cannotMount { throw fault }
      try await options.prepared {
        request.subject = try await CapabilityProbe.complete(request.subject)
        request.modes = options.modes.isEmpty ? request.subject.modes : options.wantedModes
        let outcomes = try await BenchConsole.run(try Bench(request))
        print(format.text(of: outcomes.map(\.run)), terminator: "")
        for outcome in outcomes { print("Kept in \(outcome.folder.path)") }
        if outcomes.contains(where: { !$0.run.failures.isEmpty }) { throw ExitCode(1) }
      }
    }
  }

  private func request() throws -> BenchRequest {
    let names = suites.isEmpty ? BenchRequest.defaultSuites : suites
    var request = BenchRequest(
      suites: try names.map { try Suite.named($0, in: options.folder() + "/suites") }, budget: budget,
      subject: try options.loadSubject(), results: results,
      command: ["fusebench"] + CommandLine.arguments.dropFirst())
    if !nodes.isEmpty { request.nodes = nodes }
    request.raw = raw
    request.samples = samples
    request.seed = seed
    request.shard = shard
    request.runtime = runtime
    return request
  }
}
