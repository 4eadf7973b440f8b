// `fusebench selftest-measurement`: are the verdicts of this program true on this machine?

import ArgumentParser
import Harness

/// `fusebench selftest-measurement`.
struct SelftestCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "selftest-measurement",
    abstract: "Compare equal things and a slowed one many times, and count the false verdicts.",
    discussion: """
      An export against itself, 40 times: at most 2 may be told apart. An export whose requests take 10 % longer, \
      20 times: at least 18 must be called slower. With a smaller --added no number is promised, and what was found is \
      said. It takes some ten minutes. Exit status: 0 verdicts can be believed, 1 they cannot, 2 it could not run.
      """)

  @OptionGroup var options: HarnessOptions

  @Option(help: "Comparisons of an export with itself.")
  var equal = 40

  @Option(help: "Comparisons with a slowed export.")
  var slowed = 20

  @Option(help: "By how much longer the slowed export's requests take, as 5% (default 10%).")
  var added: Share?

  @Option(help: "What all samples' seeds are derived from (default: chance).")
  var seed: UInt64?

  @Option(help: ArgumentHelp(cpuIdleHelp))
  var cpuIdle: CPUIdle?

  func validate() throws {
    guard (0...10_000).contains(equal), (0...10_000).contains(slowed), equal > 0 || slowed > 0 else {
      throw ValidationError("--equal and --slowed must be from 0 to 10000, and not both 0")
    }
    if let seed, !(1...0x7fff_ffff).contains(seed) {
      throw ValidationError("--seed must be between 1 and \(0x7fff_ffff)")
    }
  }

  func run() async throws {
    try await orCouldNotRun {
      if let fault = Machine.cannotMount { throw fault }
      let subject = try options.loadSubject()
      try await options.prepared {
        try await StartCheck.run(subject)
        let modes = options.wantedModes.filter { $0 != .ioUring || EnableUring.state == true }
        let test = SelfTest(
          subject: subject, modes: modes, equal: equal, slowed: slowed, added: added?.value ?? SelfTest.promised,
          seed: seed ?? UInt64.random(in: 1...0x7fff_ffff), cpuIdle: cpuIdle ?? .possible)
        let progress = Progress(total: equal + slowed, estimate: test.estimate)
        progress.note("\(equal + slowed) comparisons, about \(TimeLeft.words(test.estimate))")
        let outcome = try await test.run { tell($0, test.added, progress) }
        progress.clear()
        print(words(outcome))
        if !outcome.isTrue { throw ExitCode(1) }
      }
    }
  }

  private func tell(_ event: SelfTest.Event, _ added: Double, _ progress: Progress) {
    switch event {
    case .calibrated(let mode, let nanoseconds):
      let micros = Double(nanoseconds) / 1000
      progress.note(
        "\(mode): a request takes \(micros.rounded()) µs; \((micros * added).rounded()) µs are added")
    case .judged(let trial, let number, let count):
      let wanted = trial.isSlowed ? "slowed" : trial.hasLatency ? "equal, with a latency" : "equal, null node"
      let change = ((trial.comparison.ratio - 1) * 1000).rounded() / 10
      progress.note(
        "\(number) of \(count): \(trial.mode), \(wanted): \(trial.comparison.verdict.rawValue) (\(change) %)")
      progress.show(number, "comparing")
    }
  }

  private func words(_ outcome: SelfTest.Outcome) -> String {
    func counts(_ trials: [SelfTest.Trial]) -> String {
      SpeedVerdict.allCases.map { verdict in
        "\(trials.count { $0.comparison.verdict == verdict }) \(verdict.rawValue)"
      }.joined(separator: ", ")
    }
    let (equal, slowed) = (outcome.equal, outcome.slowed)
    return """
      equal: \(outcome.falselyTold) of \(equal.count) told apart, at most \(outcome.maxFalse) may be \
      (\(counts(equal)))
      slowed by \((outcome.added * 1000).rounded() / 10) %: \(outcome.found) of \(slowed.count) called slower, \
      \(outcome.mustFind ? "at least \(outcome.minFound) must be" : "none must be: it is less than 10 %") \
      (\(counts(slowed)))
      Verdicts \(outcome.isTrue ? "can" : "cannot") be believed on this machine.
      """
  }
}
