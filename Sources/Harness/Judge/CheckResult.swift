// What a whole check has come to: every cell's verdict, and what they come to together.

/// The result of a check.
package struct CheckResult: Sendable {
  /// The subject's name.
  package var subject: String
  /// The release of the kernel that the cells ran on; nil where it is not known.
  package var kernel: String?
  /// The versions of the tools that the steps ran with, by their names; nil where nobody asked.
  package var tools: [String: String]?
  /// The judged cells, in the order of the plan.
  package var cells: [JudgedCell]
  /// How often every cell was run.
  package var rounds: Int
  /// The number that the order was drawn from, if it was.
  package var seed: UInt64?
  /// From the first cell's start to the last one's end.
  package var seconds: Double
  /// How many cells the plan had.
  package var planned: Int
  /// Why not all of them were judged; nil where they were.
  package var stopped: Stop?

  /// What can end a check before its plan is worked off.
  package enum Stop: String, Codable, Sendable {
    /// A signal.
    case interrupted
    /// The first failure, where that was to end it.
    case failed
  }

  /// A result; `planned` is the number of `cells` unless it is given.
  package init(
    subject: String, cells: [JudgedCell], rounds: Int = 1, seed: UInt64? = nil, seconds: Double, planned: Int? = nil,
    stopped: Stop? = nil
  ) {
    self.planned = planned ?? cells.count
    self.stopped = stopped
    self.subject = subject
    self.cells = cells
    self.rounds = rounds
    self.seed = seed
    self.seconds = seconds
  }

  /// How many cells came to the verdict called `word`.
  package func count(_ word: String) -> Int { cells.count { $0.verdict.word == word } }

  /// The counts in words: `12 of 282 cells judged (11 passed, 1 failed)`.
  package var progress: String { Self.progress(cells.count, of: planned, count: count) }

  /// The same for `judged` cells of `planned`, of which `count` tells how many came to a verdict.
  static func progress(_ judged: Int, of planned: Int, count: (String) -> Int) -> String {
    let words =
      [("pass", "passed"), ("fail", "failed"), ("skip", "skipped"), ("xfail", "failed as expected")]
      + [("xpass", "passed unexpectedly")]
    let counts = words.filter { count($0.0) > 0 }.map { "\(count($0.0)) \($0.1)" }
    return "\(judged) of \(TextFormat.count(planned, "cell")) judged"
      + (counts.isEmpty ? "" : " (\(counts.joined(separator: ", ")))")
  }

  /// How many cells were skipped for each reason, in the order of the reasons.
  package var skipReasons: [(reason: String, count: Int)] {
    var counts: [String: Int] = [:]
    for cell in cells {
      if case .skip(let reason) = cell.verdict { counts[reason, default: 0] += 1 }
    }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// How often a cell failed that was run several times.
  package struct Rate: Codable, Sendable, Equatable {
    /// The scenario's name.
    package var scenario: String
    /// The cell's mode.
    package var mode: Mode
    /// Rounds in which it failed.
    package var failed: Int
    /// Rounds in which it was run.
    package var of: Int
  }

  /// Each cell that failed in some round and how often, the most often failing first; empty after a single round.
  package var failureRates: [Rate] {
    guard rounds > 1 else { return [] }
    var rates: [Rate] = []
    for cell in cells {
      let (name, mode) = (cell.cell.scenario.name, cell.cell.mode)
      let index =
        rates.firstIndex { $0.scenario == name && $0.mode == mode } ?? rates.endIndex
      if index == rates.endIndex { rates.append(Rate(scenario: name, mode: mode, failed: 0, of: 0)) }
      rates[index].of += 1
      rates[index].failed += Self.counts(cell.verdict) ? 1 : 0
    }
    return rates.filter { $0.failed > 0 }.sorted {
      ($1.failed, $0.scenario, $0.mode.rawValue) < ($0.failed, $1.scenario, $1.mode.rawValue)
    }
  }

  /// Whether `verdict` counts in a rate: a failure does, also a known one that shows in some runs only.
  private static func counts(_ verdict: Verdict) -> Bool {
    switch verdict {
    case .fail: true
    case .xfail(let known, _, _): known.sometimes
    case .pass, .skip, .xpass: false
    }
  }

  /// The scenarios whose modes disagree, with the round in which they did.
  package var disagreements: [(scenario: String, round: Int, comparison: ModeComparison)] {
    var groups: [(scenario: String, round: Int, cells: [JudgedCell])] = []
    var places: [String: Int] = [:]
    for cell in cells {
      let name = cell.cell.scenario.name
      let key = "\(cell.round) \(name)"
      if places[key] == nil {
        places[key] = groups.count
        groups.append((name, cell.round, []))
      }
      groups[places[key]!].cells.append(cell)
    }
    return groups.compactMap { group in
      ModeComparison(group.cells).map { (group.scenario, group.round, $0) }
    }
  }

  /// Whether any cell has come to a verdict on the subject: a skip says nothing of it.
  package var judgesAnything: Bool { cells.contains { $0.verdict.word != "skip" } }

  /// Whether the run failed; `skipsToo` counts a skip as a failure.
  package func fails(skipsToo: Bool = false) -> Bool {
    cells.contains { cell in
      if case .skip = cell.verdict { return skipsToo }
      return cell.verdict.failsTheRun
    }
  }
}
