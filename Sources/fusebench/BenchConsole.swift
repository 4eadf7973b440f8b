// Shows a benchmark at work on standard error: which cell, how long still, and what has failed.

import Harness
import Synchronization

/// Runs a benchmark and tells a person how far it is.
struct BenchConsole {
  private let progress: Progress
  private let cells: Int
  private var cellsDone = 0
  private let samples: Int
  private let samplesPerCell: Int
  private var samplesBegun = 0
  private var metric = Metric.rate
  /// What was said of disturbed samples.
  private var disturbed: Set<String> = []
  /// What the columns of the row at work have come to so far.
  private var learnt: (row: String, columns: [(name: String, words: String)]) = ("", [])
  private let account = Account()

  /// What is done, for the line of a benchmark that is broken off.
  private final class Account: Sendable {
    private let state = Mutex((cells: 0, folders: [String]()))

    func add(folder: String) { state.withLock { $0.folders.append(folder) } }
    func addCell() { state.withLock { $0.cells += 1 } }

    /// `3 of 16 cells measured, kept in results/…`.
    func words(of cells: Int) -> String {
      state.withLock { state in
        let folders = state.folders.isEmpty ? "" : ", kept in \(state.folders.joined(separator: ", "))"
        return "\(state.cells) of \(TextFormat.count(cells, "cell")) measured\(folders)"
      }
    }
  }

  private init(_ bench: Bench) {
    cells = bench.plans.reduce(0) { $0 + $1.cellCount }
    samplesPerCell = bench.plans.map(\.settings.samples).max() ?? 0
    samples = bench.plans.reduce(0) { $0 + $1.sampleCount }
    progress = Progress(total: samples, estimate: bench.estimate)
  }

  /// Runs `bench`, with its estimate before and its progress on standard error.
  /// - Throws: what `Bench.run` throws.
  static func run(_ bench: Bench) async throws -> [Bench.Outcome] {
    var console = BenchConsole(bench)
    let suites = bench.plans.map(\.suite).joined(separator: ", ")
    console.progress.note(
      "bench \(suites): \(TextFormat.count(console.cells, "cell")), about \(bench.estimateWords)")
    defer { console.progress.clear() }
    let (account, cells) = (console.account, console.cells)
    return try await Interrupts.accounting {
      account.words(of: cells)
    } _: {
      try await bench.run { console.tell($0) }
    }
  }

  /// Runs `bench`, which measures `rows` once more before it is believed that they are slower.
  /// - Throws: what `Bench.run` throws.
  static func confirm(_ bench: Bench, _ rows: [String]) async throws -> [StoredRun] {
    StandardError.write("slower, so measured once more: \(rows.joined(separator: ", "))\n")
    return try await run(bench).map(\.run)
  }

  /// Runs `bench`, which counts `rows` once more before it is believed that they cost more.
  /// - Throws: what `Bench.run` throws.
  static func recount(_ bench: Bench, _ rows: [String]) async throws -> [StoredRun] {
    StandardError.write("costs more, so counted once more: \(rows.joined(separator: ", "))\n")
    return try await run(bench).map(\.run)
  }

  private mutating func tell(_ event: Bench.Event) {
    switch event {
    case .preparing(let size):
      progress.show("writing an image of \(ByteSize.format(size))")
    case .withoutImage(let reason):
      progress.note("rows of file nodes are left out: the image \(reason); set TMPDIR to a roomier disk")
    case .checking(let column):
      progress.show("checking that \(column.name) keeps what is written")
    case .unfit(let column, let reason):
      progress.note("\(column.name): not measured: \(reason)")
    case .began(let plan, let folder):
      account.add(folder: folder.path)
      progress.note("\(plan.suite): kept in \(folder.path), seed \(plan.settings.seed)")
      if plan.rows.isEmpty { progress.note("\(plan.suite): no row falls to this share") }
    case .bench(.sampling(let row, let column, let sample, let soFar)):
      metric = row.workload.metric
      if learnt.row != row.title { learnt = (row.title, []) }
      if let soFar, column.role == .compared {
        learnt.columns.removeAll { $0.name == column.name }
        learnt.columns.append((column.name, words(soFar)))
      }
      let words = learnt.columns.map { "\($0.name) \($0.words)" }.joined(separator: ", ")
      let found = words.isEmpty ? column.name : words
      // What is learnt before the numbers: what does not fit into the terminal's line is cut off.
      let label = "\(row.title): \(found); sample \(sample), cell \(min(cellsDone + 1, cells))/\(cells)"
      // Samples beyond the plan's are no steps of it: nobody knows how many there will be.
      if sample <= samplesPerCell {
        samplesBegun += 1
        progress.show(min(samplesBegun, samples), label)
      } else {
        progress.show("more: " + label)
      }
    case .bench(.disturbed(let row, let reason, let isRetaken)):
      let fate = isRetaken ? "dropped and taken again" : "counts all the same, too many were dropped"
      // Once a row: the report counts them.
      if disturbed.insert("\(row.title): \(fate)").inserted {
        progress.note("\(row.title): a sample was disturbed (\(reason)): \(fate)")
      }
    case .bench(.cpusFree(let row, let reason)):
      progress.note("\(row.title): idle CPUs are held awake no longer (\(reason)); the run goes on with cpu-idle free")
    case .bench(.finished(let cell)):
      cellsDone += 1
      account.addCell()
      if cell.failure != nil || !progress.isTerminal {
        progress.note("cell \(cellsDone) of \(cells): \(cell.line(in: metric))")
      }
    }
  }

  /// What a column has come to so far: `+12% ±8`.
  private func words(_ comparison: Comparison) -> String {
    func percent(_ ratio: Double) -> String {
      // Figures of a load may be anything.
      guard ratio.isFinite, ratio < 1e6 else { return "?" }
      let percent = Int(clamping: ((ratio - 1) * 100).rounded())
      return "\(percent < 0 ? "" : "+")\(percent)%"
    }
    // Half the interval's width, where there is one.
    let half = comparison.width.flatMap { $0.isFinite && $0 < 20 ? Int(clamping: ($0 * 50).rounded(.up)) : nil }
    return percent(comparison.ratio) + (half.map { " ±\($0)" } ?? "")
  }
}
