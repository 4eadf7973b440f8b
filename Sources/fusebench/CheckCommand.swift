// `fusebench check`: scenarios × modes, a line each, and a summary.

import ArgumentParser
import Foundation
import Harness

/// `fusebench check`.
struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Run scenarios against an export and compare with their golden files.",
    discussion: """
      A failed cell keeps its folder: transcript, golden text, diff, logs, the connection's state, and repro.sh, \
      which runs it again. Exit status: 0 all passed, were skipped or failed as the subject's file expects; \
      1 something failed, or passed although it is expected to fail; 2 it could not run: the export does not start, \
      every cell was skipped, or what is printed or kept cannot be written; 130 it was interrupted \
      (then what was judged so far is told, kept, and written to --junit). 'fusebench report last-check' shows what \
      was kept, 'fusebench matrix' lays checks beside each other.
      """)

  @Argument(help: "Names or globs of scenarios (default: all).")
  var patterns: [String] = []

  @OptionGroup var options: HarnessOptions

  @Option(name: .customLong("tag"), help: "Only scenarios with this tag (may be repeated: with any of them).")
  var tags: [String] = []

  @Option(help: "What is printed: pretty, tap, junit, json.")
  var format: CheckFormat = .pretty

  @Option(help: "Write JUnit's XML to this file too.")
  var junit: String?

  @Option(name: .customLong("repeat"), help: "Run every cell this many times, and tell how often each failed.")
  var rounds = 1

  @Flag(help: "Run the cells in an order drawn by chance; its seed is printed.")
  var shuffle = false

  @Option(help: "Run the cells in the order drawn from this seed.")
  var seed: UInt64?

  @Option(help: "Cells at a time (default: one per CPU); scenarios that say 'alone: on' run by themselves.")
  var jobs: Int?

  @Flag(help: "Keep the folder of every cell, not only of failed ones.")
  var keep = false

  @Flag(help: "Start no more cells after the first failure.")
  var failFast = false

  @Flag(help: "A skip is a failure too.")
  var failOnSkip = false

  @Option(
    name: .customLong("kernel"),
    help: ArgumentHelp(
      "Run the cells on the kernel in this folder, booted beside the machine's own; 'host' is the machine's own "
        + "(may be repeated: then what differs is shown). scenarios/kernels/ has scripts that make such folders.",
      valueName: "folder"))
  var kernels: [String] = []

  @Option(help: "The folder that results are kept in, one folder for each check.")
  var results = "results"

  @Flag(name: .customLong("no-results"), help: "Keep no results.")
  var keepsNoResults = false

  @Flag(help: "List the cells that would be run, and what would be skipped.")
  var list = false

  func validate() throws {
    guard (1...100_000).contains(rounds) else {
      throw ValidationError("--repeat must be from 1 to 100000, not \(rounds)")
    }
    guard jobs.map({ (1...4096).contains($0) }) ?? true else {
      throw ValidationError("--jobs must be from 1 to 4096, not \(jobs!)")
    }
    guard kernels.count < 2 || (format == .pretty && junit == nil) else {
      throw ValidationError("several kernels are compared in the pretty format only")
    }
  }

  func run() async throws {
    try await orCouldNotRun {
      try OutputFile.check(junit)
      let library = try options.library()
      let scenarios = try library.select(patterns, tags: tags)
      var check = Check(library: library, subject: try await options.loadSubject().knowingVersionOfFailures())
      check.keepsAll = keep
      check.failsFast = failFast
      try check.checkExpectedFailures()
      guard !check.cells(scenarios, modes: options.wantedModes).isEmpty else {
        throw FileError(
          file: library.folder, message: "none of the scenarios chosen is about the modes asked for; leave --mode out")
      }
      let drawn = seed ?? (shuffle ? UInt64(UInt32.random(in: 1 ... .max)) : nil)
      if list {
        let plan = CheckPlan(check.cells(scenarios, modes: options.wantedModes), rounds: rounds, seed: drawn)
        return print(Terminal.fitted(CellTable.text(plan)), terminator: "")
      }
      let guests = try kernels.map { $0 == "host" ? nil : try GuestKernel(folder: $0) }
      var results: [CheckResult] = []
      var faults = 0
      // Said before as well as after: a run that is broken off can be had again.
      if let drawn, format == .pretty { print("order drawn from seed \(drawn)") }
      try await options.prepared {
        for guest in guests.isEmpty ? [nil] : guests {
          do {
            results.append(try await result(of: check, scenarios, seed: drawn, on: guest))
          } catch let error as GuestKernelError where guests.count > 1 {
            // The other kernels go on without it.
            StandardError.write("fusebench: \(error)\n")
            faults += 1
          }
        }
      }
      if results.count > 1 { print(Terminal.fitted(KernelDifferences.text(results)), terminator: "") }
      guard faults == 0 else { throw ExitCode(2) }
      if results.contains(where: { $0.fails(skipsToo: failOnSkip) }) { throw ExitCode(1) }
      guard results.contains(where: \.judgesAnything) else {
        let reasons = results.flatMap(\.skipReasons).map(\.reason).joined(separator: "; ")
        throw FileError(file: "check", message: "nothing was judged, every cell was skipped: \(reasons)")
      }
    }
  }

  /// One check, on this machine's kernel or on another.
  private func result(
    of check: Check, _ scenarios: [Scenario], seed: UInt64?, on guest: GuestKernel?
  ) async throws -> CheckResult {
    var check = check
    var console = CheckConsole(jobs: jobs ?? CheckConsole.defaultJobs, format: format, junit: junit)
    if let guest {
      check.kernel = guest.folder
      console.guest = GuestCheck(check, on: guest, words: try options.wordsOfOneSubject(check.subject))
    } else {
      if let fault = Machine.cannotMount { throw fault }
      if StartCheck.isNeeded(for: check.subject, scenarios: scenarios) { try await StartCheck.run(check.subject) }
      check.subject = try await CapabilityProbe.complete(check.subject)
    }
    if !keepsNoResults {
      console.store = try await CheckStore(in: results, for: check)
    }
    return try await console.run(
      check, CheckPlan(check.cells(scenarios, modes: options.wantedModes), rounds: rounds, seed: seed))
  }
}
