// Which cells a check runs, how often and in which order.

/// The cells of a check, in the order in which they are run.
public struct CheckPlan: Sendable {
  /// A cell and the number of its round.
  public struct Entry: Sendable {
    /// What is run.
    public var cell: Cell
    /// From 1.
    public var round: Int
  }

  /// What is run, first to last; what must be alone is taken out of this order and comes after the rest.
  public let entries: [Entry]
  /// How often every cell is run.
  public let rounds: Int
  /// The number that the order was drawn from; nil if the order is that of the names.
  public let seed: UInt64?

  /// Every one of `cells`, `rounds` times over; in an order drawn from `seed`, if there is one.
  public init(_ cells: [Cell], rounds: Int = 1, seed: UInt64? = nil) {
    self.rounds = rounds
    self.seed = seed
    var generator = seed.map { OrderGenerator(state: $0) }
    var entries: [Entry] = []
    for round in 1...max(1, rounds) {
      var order = Array(cells.indices)
      // Swift's own shuffle may draw otherwise in its next version, and a seed must mean the same order for ever.
      if generator != nil {
        for last in order.indices.dropFirst().reversed() {
          order.swapAt(last, Int(generator!.next() % UInt64(last + 1)))
        }
      }
      entries += order.map { Entry(cell: cells[$0], round: round) }
    }
    self.entries = entries
  }

  /// Places in `entries` of what may run side by side.
  var sideBySide: [Int] { entries.indices.filter { !entries[$0].cell.scenario.alone } }
  /// Places in `entries` of what must run alone.
  var alone: [Int] { entries.indices.filter { entries[$0].cell.scenario.alone } }
}

/// SplitMix64: the same numbers from the same seed on every machine.
private struct OrderGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
