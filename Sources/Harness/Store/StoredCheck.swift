// A check as it is kept on disk: every cell's verdict with its reason, and what it was judged on.

/// A stored check; `results.json` in its folder. Described field by field in docs/results.md.
package struct StoredCheck: Codable, Equatable, Sendable {
  /// The version of this form. A reader refuses any other.
  package static let currentSchema = 1
  /// What `kind` says, so that a check is not taken for a run of a benchmark.
  static let kind = "check"

  /// The version of the form.
  package var schema: Int
  /// `check`.
  package var kind: String
  /// The check's name, and its folder's.
  package var id: String
  /// When it began, UTC, ISO 8601.
  package var started: String
  /// When it ended, UTC, ISO 8601.
  package var finished: String
  /// The words that fusebench was called with.
  package var command: [String]
  /// The version of fusebench, which judged.
  package var judge: String
  /// The subject's name.
  package var subject: String
  /// The program that was checked.
  package var program: Program
  /// The kernel that it ran on.
  package var kernel: String
  /// What each tool that a transcript may depend on says of its version, by name.
  package var tools: [String: String]
  /// How many cells the catalogue of scenarios has in each mode: what could have been judged.
  package var catalogue: [String: Int]
  /// The seed of the order; nil if it was that of the list.
  package var seed: UInt64?
  /// Rounds that were asked for.
  package var rounds: Int
  /// Seconds from the first cell to the last.
  package var seconds: Double
  /// Cells that were planned; more than there are if the check was broken off.
  package var planned: Int
  /// Why it was broken off: `interrupted` or `failed` (at the first failure); nil if it was not.
  package var stopped: CheckResult.Stop?
  /// The cells that were judged.
  package var cells: [Cell]
  /// How often each cell failed that was run in several rounds.
  package var rates: [CheckResult.Rate]
  /// The scenarios whose modes disagree.
  package var disagreements: [Disagreement]

  /// The program that a check judged.
  package struct Program: Codable, Equatable, Sendable {
    /// Its path, or those of the programs that a shell starts; nil where it is not known.
    package var path: String?
    /// The words before it.
    package var prefix: [String]
    /// What it says of its version; nil where it says nothing.
    package var version: String?
    /// The SHA-256 of its file (of several programs joined by `+`): two builds may say the same version. nil where it
    /// could not be read.
    package var digest: String?
    /// How it was compiled, where it is this program's own export.
    package var build: StoredRun.Build?

    /// A program; what is nil is not known.
    package init(
      path: String? = nil, prefix: [String] = [], version: String? = nil, digest: String? = nil,
      build: StoredRun.Build? = nil
    ) {
      self.path = path
      self.prefix = prefix
      self.version = version
      self.digest = digest
      self.build = build
    }
  }

  /// One scenario in one mode.
  package struct Cell: Codable, Equatable, Sendable {
    /// What a cell came to.
    package enum Verdict: String, Codable, CaseIterable, Sendable {
      case pass, fail, skip, xfail, xpass
    }

    /// The scenario's name.
    package var scenario: String
    /// The scenario's title.
    package var title: String
    /// The scenario's tags.
    package var tags: [String]
    /// The transport.
    package var mode: Mode
    /// The round, from 1.
    package var round: Int
    /// What it came to.
    package var verdict: Verdict
    /// Why it failed or was skipped, in one word or line; nil after a pass.
    package var reason: String?
    /// What to look at; nil after a pass or a skip.
    package var detail: String?
    /// Where golden and transcript differ; nil if they do not.
    package var difference: String?
    /// Why the failure is expected; nil for one that is not.
    package var expected: Expectation?
    /// What the statistics said of the transport, once for each start.
    package var transport: [String]
    /// The transcript of a cell that failed, cut where it is long.
    package var transcript: String?
    /// What the export of a cell that failed printed, cut where it is long.
    package var log: String?
    /// The folder that was kept of a failed cell, as long as nobody removes it.
    package var kept: String?
    /// Seconds that it took.
    package var seconds: Double
  }

  /// What a subject's file says of a failure.
  package struct Expectation: Codable, Equatable, Sendable {
    /// Why it fails.
    package var why: String
    /// Where one reads about it.
    package var link: String
  }

  /// Lines in which the modes of a scenario differ, and the two around each.
  package struct Disagreement: Codable, Equatable, Sendable {
    /// The scenario's name.
    package var scenario: String
    /// The round, from 1.
    package var round: Int
    /// The modes, in the order of `lines`.
    package var modes: [Mode]
    /// Each line: its text in each mode, nil where a mode has none there.
    package var lines: [[String?]]
  }

  /// The number of cells with this verdict.
  package func count(_ verdict: Cell.Verdict) -> Int { cells.count { $0.verdict == verdict } }

  /// Whether a cell failed, or passed although it is expected to fail.
  package var hasFailed: Bool { count(.fail) + count(.xpass) > 0 }

  /// The counts in words: `12 of 282 cells judged (11 passed, 1 failed)`.
  package var progress: String {
    CheckResult.progress(cells.count, of: planned) { word in cells.count { $0.verdict.rawValue == word } }
  }

  /// How many cells were skipped for each reason, in the order of the reasons.
  package var skipReasons: [(reason: String, count: Int)] {
    var counts: [String: Int] = [:]
    for cell in cells where cell.verdict == .skip { counts[cell.reason ?? "", default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}

/// What a check's results say beside its cells.
package struct CheckFacts: Sendable {
  /// The words that fusebench was called with.
  package var command: [String]
  /// The version of fusebench, which judges.
  package var judge: String
  /// The program that is checked.
  package var program: StoredCheck.Program
  /// What each tool says of its version, by name.
  package var tools: [String: String]
  /// How many cells the catalogue has in each mode.
  package var catalogue: [String: Int]

  /// Facts of a check by the scenarios of `library`.
  package init(
    command: [String], judge: String, program: StoredCheck.Program, tools: [String: String], library: ScenarioLibrary
  ) {
    self.command = command
    self.judge = judge
    self.program = program
    self.tools = tools
    catalogue = [:]
    for mode in Mode.allCases { catalogue[mode.rawValue] = library.scenarios.count { $0.modes.contains(mode) } }
  }
}

extension StoredCheck {
  /// Lines of a difference that are kept, and bytes of a transcript or log: the page holds many, a cell's folder all.
  private static let mostLines = 200
  private static let mostBytes = 64 << 10

  /// What `result` came to.
  ///
  /// - Parameter golden: the text that a scenario is judged by; nil if there is none.
  package init(
    _ result: CheckResult, id: String = "", started: RunTime = .now(), facts: CheckFacts? = nil,
    golden: (Scenario) -> ByteText? = { _ in nil }
  ) {
    schema = Self.currentSchema
    kind = Self.kind
    self.id = id
    self.started = started.iso
    finished = RunTime.now().iso
    command = facts?.command ?? []
    judge = facts?.judge ?? ""
    subject = result.subject
    program = facts?.program ?? Program()
    kernel = result.kernel ?? "unknown"
    tools = facts?.tools ?? [:]
    catalogue = facts?.catalogue ?? [:]
    seed = result.seed
    rounds = result.rounds
    seconds = result.seconds
    planned = result.planned
    stopped = result.stopped
    cells = result.cells.map { Cell($0, golden: golden($0.cell.scenario)) }
    rates = result.failureRates
    disagreements = result.disagreements.map { Disagreement($0.scenario, round: $0.round, $0.comparison) }
  }

  /// `text`, cut where it is long; nil if there is none.
  fileprivate static func kept(_ text: ByteText) -> String? { text.isEmpty ? nil : text.shown(atMost: mostBytes) }

  fileprivate static func difference(_ golden: ByteText?, _ run: CellRun) -> String? {
    guard run.skip == nil, let golden else { return nil }
    return Difference(golden: golden.asRecorded, actual: run.transcript)?.places(atMost: mostLines)
  }
}

extension StoredCheck.Cell {
  /// The cell of `judged`, whose scenario is judged by `golden`.
  fileprivate init(_ judged: JudgedCell, golden: ByteText?) {
    let scenario = judged.cell.scenario
    verdict = Verdict(rawValue: judged.verdict.word) ?? .fail
    self.scenario = scenario.name
    title = scenario.title
    tags = scenario.tags.sorted()
    mode = judged.cell.mode
    round = judged.round
    transport = judged.run.proofs.map(\.text)
    seconds = judged.run.seconds
    switch judged.verdict {
    case .pass: break
    case .skip(let why): reason = why
    case .fail(let why, let text): (reason, detail) = (why.rawValue, text)
    case .xfail(let known, let why, let text):
      (reason, detail) = (why.rawValue, text)
      expected = StoredCheck.Expectation(why: known.why, link: known.link)
    case .xpass(let known): expected = StoredCheck.Expectation(why: known.why, link: known.link)
    }
    if verdict == .fail || verdict == .xfail { difference = StoredCheck.difference(golden, judged.run) }
    if verdict == .fail {
      transcript = StoredCheck.kept(judged.run.transcript)
      log = StoredCheck.kept(judged.run.daemonLog)
    }
    kept = judged.folder
  }
}

extension StoredCheck.Disagreement {
  /// Lines that are kept.
  private static let mostLines = 200

  fileprivate init(_ scenario: String, round: Int, _ comparison: ModeComparison) {
    self.scenario = scenario
    self.round = round
    modes = comparison.modes
    let rows = comparison.rows
    let near = rows.indices.filter { place in
      rows[max(0, place - 2)...min(rows.count - 1, place + 2)].contains(where: \.differs)
    }
    lines = near.prefix(Self.mostLines).map { place in rows[place].cells.map { $0?.shown(atMost: 1000) } }
  }

  /// The comparison that these lines are of.
  package var comparison: ModeComparison {
    ModeComparison(
      modes: modes,
      rows: lines.map { line in
        ModeComparison.Row(
          cells: line.map { text in text.map { ByteText($0) } },
          differs: Set(line.map { $0.map { Array($0.utf8) } }).count > 1)
      })
  }
}

extension TransportProof {
  /// `proven: 9 of 9 reads and writes over /dev/fuse`.
  package var text: String {
    switch self {
    case .proven(let numbers): "proven: \(numbers)"
    case .unproven(let why): "unproven: \(why)"
    case .refuted(let numbers): "refuted: \(numbers)"
    }
  }
}
