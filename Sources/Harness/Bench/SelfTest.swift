// Proof that verdicts are true: equal things that must not be told apart, and a slower one that must.

internal import Foundation
internal import HarnessStatistics

/// Puts verdicts to the test on this machine, with the same runner and the same statistics as every benchmark.
///
/// Two kinds of comparison, in every mode by turns. *Equal*: an export against itself, half of them on a null node (the
/// noisiest load there is: what the scheduler does decides the rate), half on a node with a latency. *Slowed*: the node
/// with a latency against the same one with a share of its measured median request time added (10 %, or what is asked
/// for).
package struct SelfTest: Sendable {
  /// One comparison whose answer is known.
  package struct Trial: Sendable {
    /// The mode.
    package let mode: Mode
    /// Whether the other side was slowed.
    package let isSlowed: Bool
    /// Whether the node has a latency (a null node if not).
    package let hasLatency: Bool
    /// What came out.
    package let comparison: Comparison
  }

  /// What happens while it runs.
  package enum Event: Sendable {
    /// Requests of `mode` take this many nanoseconds in the median; a share of that is added to the slowed side.
    case calibrated(Mode, nanoseconds: UInt64)
    /// A trial has been judged; `number` of `count`.
    case judged(Trial, number: Int, count: Int)
  }

  /// What all trials came to.
  package struct Outcome: Sendable {
    /// The trials.
    package let trials: [Trial]
    /// The share that was added to the slowed sides.
    package var added = SelfTest.promised

    /// The equal ones.
    package var equal: [Trial] { trials.filter { !$0.isSlowed } }
    /// The slowed ones.
    package var slowed: [Trial] { trials.filter(\.isSlowed) }
    /// Equal sides that were told apart.
    package var falselyTold: Int { equal.count { $0.comparison.isDifference } }
    /// Slowed sides that were called slower.
    package var found: Int { slowed.count { $0.comparison.verdict == .slower } }
    /// The most of the equal ones that may be told apart: 2 of 40.
    package var maxFalse: Int { equal.count / 20 }
    /// The fewest of the slowed ones that must be found: 18 of 20.
    package var minFound: Int { (slowed.count * 9 + 9) / 10 }
    /// Whether the slowed ones must be found: what is smaller than 10 % may stay unsure.
    package var mustFind: Bool { added >= SelfTest.promised }
    /// Whether verdicts can be believed.
    package var isTrue: Bool { falselyTold <= maxFalse && (!mustFind || found >= minFound) }
  }

  /// Nanoseconds that the node with a latency takes for every request.
  package static let latency: UInt64 = 300_000
  /// The share of added time that must be found.
  package static let promised = 0.10

  /// The share that is added to the slowed side.
  package let added: Double

  private let subject: Subject
  private let modes: [Mode]
  private let equal: Int
  private let slowed: Int
  private let seed: UInt64
  private let cpuIdle: CPUIdle

  /// A test by comparisons of `subject` in `modes`, `equal` with itself and `slowed` with something slower.
  package init(
    subject: Subject, modes: [Mode], equal: Int, slowed: Int, added: Double = promised, seed: UInt64,
    cpuIdle: CPUIdle = .possible
  ) {
    self.added = added
    self.cpuIdle = cpuIdle
    self.subject = subject
    self.modes = modes
    self.equal = equal
    self.slowed = slowed
    self.seed = seed
  }

  /// The seconds that it will take, about.
  package var estimate: Double {
    let settings = settings(seed, hasLatency: true)
    let sample = settings.runtime + settings.ramp + 0.4
    return Double(equal + slowed + modes.count) * 2 * Double(settings.samples) * sample
  }

  /// Makes all comparisons. `tell` hears what happens.
  /// - Throws: `BenchError` if a sample cannot be taken, the subject has no null node, or idle CPUs cannot be held;
  ///   `Interrupted`.
  package func run(tell: (Event) -> Void) async throws -> Outcome {
    try cpuIdle.requirePossible()
    let plain = subject.named("plain")
    let base = try subject.delayed(by: Self.latency).named("base")
    var slow: [Mode: Subject] = [:]
    for mode in modes where slowed > 0 {
      let nanoseconds = try await medianRequest(base, mode)
      let delay = UInt64(clamping: Int(clamping: Double(nanoseconds) * added))
      slow[mode] = try subject.delayed(by: Self.latency + delay).named("slowed")
      tell(.calibrated(mode, nanoseconds: nanoseconds))
    }
    var trials: [Trial] = []
    for number in 0..<(equal + slowed) {
      // Slowed ones are spread among the equal ones: the machine's moods belong to both.
      let slowedBefore = number * slowed / (equal + slowed)
      let isSlowed = (number + 1) * slowed / (equal + slowed) > slowedBefore
      // Each kind takes the modes by turns.
      let turn = isSlowed ? slowedBefore : number - slowedBefore
      let mode = modes[turn % modes.count]
      let hasLatency = isSlowed || (turn / modes.count).isMultiple(of: 2)
      let left = hasLatency ? base : plain
      let comparison = try await compare(
        left, isSlowed ? slow[mode] ?? left : left, mode,
        settings(seed &+ UInt64(number) &* 104_729, hasLatency: hasLatency))
      let trial = Trial(mode: mode, isSlowed: isSlowed, hasLatency: hasLatency, comparison: comparison)
      trials.append(trial)
      tell(.judged(trial, number: number + 1, count: equal + slowed))
    }
    return Outcome(trials: trials, added: added)
  }

  private func settings(_ seed: UInt64, hasLatency: Bool) -> BenchSettings {
    var settings = BenchSettings(budget: .quick, size: 64 << 20, seed: seed & 0x7fff_ffff)
    settings.samples = RankTest.fewestPairs
    // Where the rate is the node's, a disturbed pair among six is outvoted by more of them; where it is the
    // scheduler's, no number of samples that one waits for makes the interval narrow.
    settings.maxSamples = RankTest.fewestPairs + (hasLatency ? 10 : 2)
    settings.runtime = 0.2
    settings.ramp = 0.05
    settings.cpuIdle = cpuIdle
    return settings
  }

  private func compare(
    _ base: Subject, _ other: Subject, _ mode: Mode, _ settings: BenchSettings
  ) async throws -> Comparison {
    let cells = try await cells(
      [("base", base), ("other", other)], mode, settings)
    guard let comparison = Comparison(base: cells[0], other: cells[1], metric: .rate, settings: settings) else {
      throw BenchError(description: "the two sides have no pair of samples")
    }
    return comparison
  }

  private func medianRequest(_ subject: Subject, _ mode: Mode) async throws -> UInt64 {
    let cells = try await cells([("base", subject)], mode, settings(seed, hasLatency: true))
    guard let median = cells[0].latency?.p50 else { throw BenchError(description: "fio told no latency") }
    return median
  }

  /// Single random reads of each side, sampled in one row.
  private func cells(_ sides: [(name: String, subject: Subject)], _ mode: Mode, _ settings: BenchSettings)
    async throws -> [BenchCell]
  {
    let row = Row(node: .null, workload: Workload(name: "read rand sync ×1", pattern: .rand))
    let columns = sides.map {
      Column(
        name: $0.name, kind: .export, mode: mode, subject: $0.subject.name,
        threads: mode.threads(cpus: ProcessInfo.processInfo.activeProcessorCount))
    }
    let plan = BenchPlan(suite: "selftest", title: "selftest", rows: [row], columns: columns, settings: settings)
    let workspace = try Workspace(label: "selftest")
    defer { workspace.remove() }
    try FileManager.default.createDirectory(
      atPath: workspace.file("fio"), withIntermediateDirectories: true)
    var cells: [String: BenchCell] = [:]
    try await BenchRunner(
      plan: plan, subjects: sides.map(\.subject), image: workspace.file("none"), folder: workspace.path
    ).run(keep: { cells[$0.column] = $0 }, tell: { _ in })
    return try sides.map { side in
      guard let cell = cells[side.name], cell.failure == nil else {
        throw BenchError(description: "\(mode): \(cells[side.name]?.failure ?? "no sample")")
      }
      return cell
    }
  }
}

extension Subject {
  /// The same subject under another name.
  fileprivate func named(_ name: String) -> Subject {
    var subject = self
    subject.name = name
    return subject
  }

  /// The same subject, whose null node answers every request `nanoseconds` later, by the export's own latency node.
  /// - Throws: `BenchError` if its command line has no null node called `fmt`.
  func delayed(by nanoseconds: UInt64) throws -> Subject {
    var subject = self
    let place = subject.template.parts.firstIndex { $0.condition?.name == "node" && $0.condition?.value == "null" }
    guard let place, subject.template.parts[place].arguments.contains(where: { $0.contains("node-name=fmt") }) else {
      throw BenchError(description: "subject \(name) has no null node that could be slowed")
    }
    subject.template.parts[place].arguments =
      subject.template.parts[place].arguments.map { $0.replacing("node-name=fmt", with: "node-name=behind") }
      + ["--blockdev", "driver=latency,node-name=fmt,file=behind,latency-ns=\(nanoseconds)"]
    return subject
  }
}
