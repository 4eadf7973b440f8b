// `fusebench run`, and `fusebench` alone: is this export right, and how fast is each transport?

import ArgumentParser
import Glibc
import Harness

/// `fusebench run`: the whole path: machine, conformance, speed.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Look at the machine, check all scenarios, measure the quick suites (the default).",
    discussion: """
      What doctor, check and bench do, one after the other, with one table at the end. Exit status: 0 all is \
      well, 1 a scenario or a measurement failed, 2 it could not run.
      """)

  @OptionGroup var options: HarnessOptions

  @Option(help: "The folder that runs are kept in.")
  var results = "results"

  func run() async throws {
    try await orCouldNotRun {
      try await printMachine()
      let asFiled = try options.loadSubject()
      let library = try options.library()
      try await options.prepared {
        try await StartCheck.run(asFiled)
        let subject = try await CapabilityProbe.complete(asFiled.knowingVersionOfFailures())
        let modes = servable(subject)
        print("\nConformance of \(subject.name), \(library.scenarios.count) scenarios:")
        let check = Check(library: library, subject: subject)
        try check.checkExpectedFailures()
        let console = CheckConsole(store: try await CheckStore(in: results, for: check))
        let judged = try await console.run(check, CheckPlan(check.cells(library.scenarios, modes: modes)))
        print("\nSpeed of \(subject.name):")
        fflush(nil)
        let outcomes = try await BenchConsole.run(try bench(subject, modes))
        let runs = outcomes.map(\.run)
        print(
          ReportFormat.table.text(of: runs, options: try await .gathered(for: runs, .table)), terminator: "")
        for outcome in outcomes { print("Kept in \(outcome.folder.path)") }
        if judged.fails() || outcomes.contains(where: { !$0.run.failures.isEmpty }) { throw ExitCode(1) }
      }
    }
  }

  /// Prints what is not as it should be, and in one line what is.
  private func printMachine() async throws {
    let facts = await Machine.facts()
    let fine = facts.count { $0.state == .fine }
    print("Machine: \(fine) of \(facts.count) things that fusebench looks at are fine.")
    let others = facts.filter { $0.state != .fine }
    print(Terminal.fitted(DoctorReport(colours: Progress.wantsColours).text(others)), terminator: "")
    fflush(nil)
    if others.contains(where: { $0.state == .missing }) { throw ExitCode(2) }
  }

  /// The modes wanted that subject and kernel can serve. What is left out is said, never left out in silence.
  private func servable(_ subject: Subject) -> [Mode] {
    options.wantedModes.filter { mode in
      if !subject.modes.contains(mode) {
        print("Not run: \(mode), \(subject.name) does not serve it.")
        return false
      }
      if mode == .ioUring, EnableUring.state != true {
        print("Not run: \(mode), the kernel's FUSE over io_uring is off (\(EnableUring.parameter)).")
        return false
      }
      if mode == .ioUring, let denial = CellRunner.ioUringDenial {
        print("Not run: \(mode), \(denial).")
        return false
      }
      return true
    }
  }

  private func bench(_ subject: Subject, _ modes: [Mode]) throws -> Bench {
    let suites = try BenchRequest.defaultSuites.map {
      try Suite.named($0, in: options.folder() + "/suites")
    }
    var request = BenchRequest(
      .suites(suites, .quick), compared: [subject], results: results, command: commandLine())
    request.selection.modes = modes
    request.references.floor = try options.floorSubject()
    return try Bench(request)
  }
}
