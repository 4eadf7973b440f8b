// Which cells a check runs, how often and in which order.

internal import HarnessStatistics

/// The cells of a check, in the order in which they are run.
package struct CheckPlan: Sendable {
  /// A cell and the number of its round.
  package struct Entry: Sendable {
    /// What is run.
    package var cell: Cell
    /// From 1.
    package var round: Int
  }

  /// What is run, first to last; what must be alone is taken out of this order and comes after the rest.
  package let entries: [Entry]
  /// How often every cell is run.
  package let rounds: Int
  /// The number that the order was drawn from; nil if the order is that of the names.
  package let seed: UInt64?

  /// Every one of `cells`, `rounds` times over; in an order drawn from `seed`, if there is one.
  package init(_ cells: [Cell], rounds: Int = 1, seed: UInt64? = nil) {
    self.rounds = rounds
    self.seed = seed
    var numbers = seed.map { SeededNumbers(seed: $0) }
    var entries: [Entry] = []
    for round in 1...max(1, rounds) {
      let order = numbers?.shuffled(Array(cells.indices)) ?? Array(cells.indices)
      entries += order.map { Entry(cell: cells[$0], round: round) }
    }
    self.entries = entries
  }

  /// Places in `entries` of what may run side by side.
  var sideBySide: [Int] { entries.indices.filter { !entries[$0].cell.scenario.alone } }
  /// Places in `entries` in the order of a check that runs one cell at a time.
  var inOrder: [Int] { sideBySide + alone }
  /// Places in `entries` of what must run alone.
  var alone: [Int] { entries.indices.filter { entries[$0].cell.scenario.alone } }
}
