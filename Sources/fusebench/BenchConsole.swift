// Shows a benchmark at work on standard error: cell, time left, and every cell that has come to its end.

import Foundation
import Harness

/// Runs a benchmark and tells a person how far it is.
struct BenchConsole {
  private let progress = ProgressLine()
  private let left: TimeLeft
  private let cells: Int
  private let samples: Int
  private let start = Date()
  private var cellsDone = 0
  private var samplesBegun = 0

  private init(_ bench: Bench) {
    left = TimeLeft(estimate: bench.estimate)
    cells = bench.plans.reduce(0) { $0 + $1.cellCount }
    samples = bench.plans.reduce(0) { $0 + $1.cellCount * $1.settings.samples }
  }

  /// Runs `bench`, with its estimate before and its progress on standard error.
  /// - Throws: what `Bench.run` throws.
  static func run(_ bench: Bench) async throws -> [Bench.Outcome] {
    var console = BenchConsole(bench)
    let suites = bench.plans.map(\.suite).joined(separator: ", ")
    console.progress.line("bench \(suites): \(console.cells) cells, about \(TimeLeft.words(bench.estimate))")
    defer { console.progress.clear() }
    return try await bench.run { console.tell($0) }
  }

  private mutating func tell(_ event: Bench.Event) {
    switch event {
    case .preparing(let size):
      progress.moving("writing an image of \(ByteSize.format(size))")
    case .began(let plan, let folder):
      progress.line("\(plan.suite): kept in \(folder.path)")
    case .bench(.sampling(let row, let column)):
      let seconds = left.seconds(
        done: samplesBegun, total: samples, elapsed: Date().timeIntervalSince(start))
      samplesBegun += 1
      progress.moving(
        "cell \(min(cellsDone + 1, cells)) of \(cells), \(TimeLeft.words(seconds)) left: "
          + "\(row.node.rawValue) \(row.workload.name), \(column.name)")
    case .bench(.finished(let cell)):
      cellsDone += 1
      let name = "\(cell.node.rawValue) \(cell.workload), \(cell.column)"
      if let failure = cell.failure {
        progress.line("failed: \(name): \(failure)")
      } else if !progress.isTerminal {
        progress.line("cell \(cellsDone) of \(cells): \(name): \(rate(cell))")
      }
    }
  }

  private func rate(_ cell: Cell) -> String {
    let mean = Statistics.mean(cell.samples.map(\.iops)) ?? 0
    return String(format: "%.1f k IOPS", mean / 1000)
  }
}
