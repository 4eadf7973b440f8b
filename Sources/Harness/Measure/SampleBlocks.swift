// In which order the columns of a row are sampled: there and back, in a new order for every block.

internal import HarnessStatistics

/// Blocks of samples. A block takes each column once in an order drawn by chance, then once more backwards
/// (A B C C B A). What changes steadily meanwhile (heat, a cache that fills) meets every column alike, because the two
/// places of a column always have the same middle; what changes in steps is left to chance, because no column has a
/// place of its own.
package enum SampleBlocks {
  /// The places of the `columns` in the order in which they take their sample number `index` (from 0) in the row
  /// called `row`. The same seed gives the same order for ever.
  package static func order(columns: Int, sample index: Int, row: String, seed: UInt64) -> [Int] {
    var numbers = SeededNumbers(seed: seed, purpose: "order/\(row)/\(index / 2)")
    let order = numbers.shuffled(Array(0..<columns))
    return index.isMultiple(of: 2) ? order : order.reversed()
  }
}
