// Numbers by chance that a seed repeats, on every machine and for ever.

/// SplitMix64. Swift's own generators and shuffles promise no sequence from one version to the next.
package struct SeededNumbers {
  private var state: UInt64

  /// The numbers that `seed` stands for.
  package init(seed: UInt64) { state = seed }

  /// The numbers that `seed` stands for where it serves many purposes: what one draws must not shift the others.
  package init(seed: UInt64, purpose: String) {
    // FNV-1a; a Hasher of Swift's gives another number in every process.
    let mark = purpose.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    state = seed ^ mark
  }

  /// The next number, any of 64 bits.
  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// The next number from 0 up to, not including, `bound`; 0 where `bound` leaves no choice.
  package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

  /// `items` in an order drawn by chance.
  package mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
    var order = items
    for last in order.indices.dropFirst().reversed() { order.swapAt(last, below(last + 1)) }
    return order
  }
}
