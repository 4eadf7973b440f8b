// `fusebench bench`: parse, call, print.

public import ArgumentParser
import Foundation
public import Harness

extension Budget: ExpressibleByArgument {}
extension NodeKind: ExpressibleByArgument {}
extension ReportFormat: ExpressibleByArgument {}

/// `fusebench bench`: how fast is each mode?
struct BenchCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure an export in its modes with fio, and keep the results.",
    discussion: """
      Every sample is a fresh start of the export and a fresh fio; modes take turns. Results are kept in \
      results/<run>/ after every sample. Exit status: 0 measured, 1 a cell failed, 2 could not run.
      """)

  @Option(
    name: .customLong("suite"), help: "A suite of scenarios/suites (repeatable; default: transport, mixed).")
  var suites: [String] = []
  @Option(help: "quick: a few rows in some minutes; full: every row, samples long enough to compare.")
  var budget: Budget = .quick
  @Option(
    name: .customLong("mode"), help: "A mode to compare, the first is the 100 % (repeatable; default: all).")
  var modes: [Mode] = []
  @Option(name: .customLong("node"), help: "Measure this node only (repeatable; default: all).")
  var nodes: [NodeKind] = []
  @Option(help: "Samples per cell in place of the budget's.")
  var samples: Int?
  @Option(help: "Measured seconds per sample in place of the budget's.")
  var runtime: Double?
  @Option(help: "The export program, by the name of its file in scenarios/subjects.")
  var subject = "fusebench"
  @Option(help: "The subject's program, in place of the one its file names.")
  var program: String?
  @Option(help: "The folder that holds scenarios, suites and subjects.")
  var scenarios = "scenarios"
  @Option(help: "The folder that runs are kept in.")
  var results = "results"
  @Option(help: "How the results are printed.")
  var format: ReportFormat = .table
  @Flag(inversion: .prefixedNo, help: "Measure the image without FUSE beside the file node.")
  var raw = true
  @Flag(
    inversion: .prefixedNo,
    help: "Switch the kernel's FUSE over io_uring on while it runs (default: if root).")
  var enableUring: Bool = geteuid() == 0

  func validate() throws {
    if let samples, samples < 1 { throw ValidationError("--samples must be at least 1") }
    if let runtime, !(runtime >= 0.1 && runtime <= 3600) {
      throw ValidationError("--runtime must be between 0.1 and 3600 seconds")
    }
  }

  func run() async throws {
    Interrupts.install()
    throw ExitCode(await execute())
  }

  /// Runs the benchmark and prints its reports; the result is the exit status.
  func execute() async -> Int32 {
    do {
      let bench = try Bench(request())
      let uring = try enableUring && needsUring(bench) ? EnableUring() : nil
      defer { uring?.end() }
      let outcomes = try await BenchConsole.run(bench)
      for outcome in outcomes {
        print(format.text(of: outcome.run), terminator: "")
        print("Kept in \(outcome.folder.path)\n")
      }
      return outcomes.allSatisfy { $0.run.failures.isEmpty } ? 0 : 1
    } catch {
      FileHandle.standardError.write(Data("fusebench bench: \(error)\n".utf8))
      return 2
    }
  }

  private func request() throws -> BenchRequest {
    let names = suites.isEmpty ? ["transport", "mixed"] : suites
    var request = BenchRequest(
      suites: try names.map { try Suite.named($0, in: "\(scenarios)/suites") },
      budget: budget,
      subject: try Subject.named(subject, in: "\(scenarios)/subjects", program: program),
      results: results,
      command: ["fusebench"] + CommandLine.arguments.dropFirst())
    if !modes.isEmpty { request.modes = modes }
    if !nodes.isEmpty { request.nodes = nodes }
    request.raw = raw
    request.samples = samples
    request.runtime = runtime
    return request
  }

  private func needsUring(_ bench: Bench) -> Bool {
    bench.plans.contains { $0.columns.contains { $0.mode == .ioUring } }
  }
}
