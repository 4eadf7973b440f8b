// Whether a difference between two runs could be chance: a rank test whose p values are counted out.

/// A permutation test on ranks. If nothing differs, every way to deal the samples to the two sides is as likely as what
/// was seen; p is the share of them that are at least as far out. Ranks, because one sample that the scheduler has
/// spoilt must not outweigh all others.
package enum RankTest {
  /// The p value of a verdict: below it a difference is not put down to chance.
  package static let significance = 0.05

  /// The fewest pairs that a verdict of a difference rests on: four are left of six once the outermost are left out.
  package static let fewestPairs = 6

  /// The two-sided p value of the rank-sum test (Mann & Whitney) over all ways to deal the numbers to two sides of
  /// these sizes; exact, ties included. 1 when a side is empty.
  package static func unpaired(_ left: [Double], _ right: [Double]) -> Double {
    guard !left.isEmpty, !right.isEmpty else { return 1 }
    let ranks = doubledRanks(left + right)
    let total = ranks.reduce(0, +)
    let sum = ranks[..<left.count].reduce(0, +)
    // ways[k][s]: the number of ways to choose k of the numbers so that their ranks add up to s.
    var ways = [[Double]](repeating: [Double](repeating: 0, count: total + 1), count: left.count + 1)
    ways[0][0] = 1
    for rank in ranks {
      for chosen in stride(from: left.count, to: 0, by: -1) {
        for place in rank...total where ways[chosen - 1][place - rank] > 0 {
          ways[chosen][place] += ways[chosen - 1][place - rank]
        }
      }
    }
    // Centred sums, times the number of all numbers, so that everything stays whole.
    let count = ranks.count
    let far = abs(sum * count - total * left.count)
    let all = ways[left.count].reduce(0, +)
    let beyond = ways[left.count].enumerated().reduce(0) {
      abs($1.offset * count - total * left.count) >= far ? $0 + $1.element : $0
    }
    return min(1, beyond / all)
  }

  /// The smallest p value that `unpaired` can give for sides of these sizes: two of all ways to deal them.
  package static func smallestUnpaired(_ left: Int, _ right: Int) -> Double {
    var ways = 1.0
    for step in 0..<min(left, right) { ways *= Double(left + right - step) / Double(step + 1) }
    return min(1, 2 / ways)
  }

  /// The fewest samples that can, beside `base` samples of the other side, tell one of so many `comparisons` that are
  /// judged together from chance; nil if not even 20 can. Never less than a verdict needs by itself.
  package static func samples(beside base: Int, comparisons: Int) -> Int? {
    (fewestPairs...20).first { smallestUnpaired(base, $0) * Double(max(1, comparisons)) < significance }
  }

  /// Each of `values` as it stands among all of them (Holm): if those below a limit are believed, the chance that any
  /// of them is wrong stays below that limit.
  package static func holm(_ values: [Double]) -> [Double] {
    var adjusted = values
    var most = 0.0
    for (rank, place) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
      most = max(most, min(1, values[place] * Double(values.count - rank)))
      adjusted[place] = most
    }
    return adjusted
  }

  /// Twice the rank of each number, equal ones sharing their mean rank: twice, so that a mean is whole.
  private static func doubledRanks(_ numbers: [Double]) -> [Int] {
    let order = numbers.indices.sorted { numbers[$0] < numbers[$1] }
    var ranks = [Int](repeating: 0, count: numbers.count)
    var first = 0
    while first < order.count {
      var last = first
      while last + 1 < order.count, numbers[order[last + 1]] == numbers[order[first]] { last += 1 }
      for place in first...last { ranks[order[place]] = first + last + 2 }
      first = last + 1
    }
    return ranks
  }
}
