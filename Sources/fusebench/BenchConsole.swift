// Shows a benchmark at work on standard error: which cell, how long still, and what has failed.

import Harness

/// Runs a benchmark and tells a person how far it is.
struct BenchConsole {
  private let progress: Progress
  private let cells: Int
  private var cellsDone = 0
  private var samplesBegun = 0

  private init(_ bench: Bench) {
    cells = bench.plans.reduce(0) { $0 + $1.cellCount }
    let samples = bench.plans.reduce(0) { $0 + $1.cellCount * $1.settings.samples }
    progress = Progress(total: samples, estimate: bench.estimate)
  }

  /// Runs `bench`, with its estimate before and its progress on standard error.
  /// - Throws: what `Bench.run` throws.
  static func run(_ bench: Bench) async throws -> [Bench.Outcome] {
    var console = BenchConsole(bench)
    let suites = bench.plans.map(\.suite).joined(separator: ", ")
    console.progress.note("bench \(suites): \(console.cells) cells, about \(TimeLeft.words(bench.estimate))")
    defer { console.progress.clear() }
    return try await bench.run { console.tell($0) }
  }

  private mutating func tell(_ event: Bench.Event) {
    switch event {
    case .preparing(let size):
      progress.show("writing an image of \(ByteSize.format(size))")
    case .began(let plan, let folder):
      progress.note("\(plan.suite): kept in \(folder.path)")
    case .bench(.sampling(let row, let column)):
      samplesBegun += 1
      progress.show(
        samplesBegun,
        "cell \(min(cellsDone + 1, cells)) of \(cells): \(row.node.rawValue) \(row.workload.name), \(column.name)"
      )
    case .bench(.finished(let cell)):
      cellsDone += 1
      if cell.failure != nil || !progress.isTerminal {
        progress.note("cell \(cellsDone) of \(cells): \(cell.line)")
      }
    }
  }
}
