// Takes all samples of a plan, row by row, in an order that treats every column alike.

/// What a benchmark tells while it runs.
public enum BenchEvent: Sendable {
  /// A sample of `column` in `row` is about to be taken, or passed over because its cell has failed.
  case sampling(row: Row, column: Column)
  /// A cell has all its samples, or has failed.
  case finished(BenchCell)
}

/// Runs a plan. Knows nothing of disks or tables: whoever calls it keeps the cells.
public struct BenchRunner: Sendable {
  /// What is measured.
  public let plan: BenchPlan
  private let subjects: [Subject]
  private let integrity: [String: String]
  private let image: String
  private let folder: String

  /// A runner of `plan`, whose columns are served by `subjects`.
  /// - Parameters:
  ///   - integrity: what is wrong with the data of columns, by name; their cells fail with it, unmeasured.
  ///   - image: the prepared image of the file node.
  ///   - folder: the run's folder; fio's JSON goes below it.
  public init(
    plan: BenchPlan, subjects: [Subject], integrity: [String: String] = [:], image: String, folder: String
  ) {
    self.plan = plan
    self.subjects = subjects
    self.integrity = integrity
    self.image = image
    self.folder = folder
  }

  /// Takes the samples. `keep` is given a cell after each of its samples, `tell` what happens.
  /// - Throws: `Interrupted` if the harness is ending; what `keep` throws; what keeps every sample from
  ///   being taken. A sample that does not count fails its cell and nothing else.
  public func run(
    keep: (BenchCell) throws -> Void, tell: (BenchEvent) -> Void
  ) async throws {
    for row in plan.rows {
      let columns = plan.columns(of: row)
      var cells = columns.map { CellInWork(cell(row, $0)) }
      for cell in cells.map(\.cell) where cell.failure != nil {
        try keep(cell)
        tell(.finished(cell))
      }
      for (column, index) in BenchPlan.order(columns: columns.count, samples: plan.settings.samples) {
        tell(.sampling(row: row, column: columns[column]))
        guard cells[column].cell.failure == nil else { continue }
        try await sample(row, columns[column], index, into: &cells[column])
        try keep(cells[column].cell)
        if cells[column].cell.failure != nil || cells[column].cell.samples.count == plan.settings.samples {
          tell(.finished(cells[column].cell))
        }
      }
    }
  }

  /// The cell of `column` in `row` before its first sample, with what is known of it already.
  private func cell(_ row: Row, _ column: Column) -> BenchCell {
    var cell = BenchCell(node: row.node, workload: row.workload.name, column: column.name)
    cell.notes = known(row, column)
    // The baseline once more is the baseline.
    let checked = column.role == .control ? plan.columns.first { $0.role == .compared }?.name : column.name
    cell.failure = checked.flatMap { integrity[$0] }.map { "integrity: \($0)" }
    return cell
  }

  /// What the subject of `column` cannot do of what `row` asks for.
  private func known(_ row: Row, _ column: Column) -> [String] {
    column.subject(among: subjects)?.notes(
      row: row, column: column, size: plan.settings.size, cpus: Suite.ownCPUs) ?? []
  }

  /// A cell and the bins of its samples so far, from which its percentiles come.
  private struct CellInWork {
    var cell: BenchCell
    var latency = LatencyHistogram()

    init(_ cell: BenchCell) { self.cell = cell }
  }

  private func sample(_ row: Row, _ column: Column, _ index: Int, into work: inout CellInWork) async throws {
    let taker = SampleTaker(
      setting: .init(subjects: subjects, image: image, settings: plan.settings, folder: folder),
      row: row, column: column, index: index)
    do {
      let taken = try await taker.take()
      work.latency.merge(taken.latency)
      work.cell.samples.append(taken.sample)
      work.cell.latency = work.latency.summary
      work.cell.latencyBins = work.latency.list
      work.cell.proof = taken.proof
      work.cell.notes = known(row, column) + BenchCell.notes(of: work.cell.samples, in: row.workload)
      if work.cell.samples.count == 1 {
        work.cell.fioCommand = taken.loadCommand
        work.cell.exportCommand = taken.exportCommand
      }
    } catch let fault as SampleFault {
      work.cell.failure = "sample \(index + 1): \(fault.reason)"
    }
  }
}
