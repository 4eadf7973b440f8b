// A matrix dealt out to several machines: whole rows, the same way on every one of them.

internal import Foundation

/// One share of a matrix: what one machine measures of it. Rows are dealt out whole, so that what is compared stays
/// together.
package struct Shard: Codable, Equatable, Sendable, CustomStringConvertible {
  /// Which share, from 1.
  package var number: Int
  /// Of how many.
  package var of: Int

  /// More shares than any matrix has rows are a slip.
  static let most = 10_000

  /// Whether there is such a share.
  var isValid: Bool { (1...Self.most).contains(of) && number >= 1 && number <= of }

  /// Share `number` of `of`.
  package init(number: Int, of: Int) {
    self.number = number
    self.of = of
  }

  /// The share that `words` names, as in `2/3`; nil if they name none.
  package init?(_ words: String) {
    let parts = words.fields("/", keepsEmpty: true).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let of = parts[1] else { return nil }
    self.init(number: number, of: of)
    guard isValid else { return nil }
  }

  /// As it is asked for: `2/3`.
  package var description: String { "\(number)/\(of)" }
}

extension BenchPlan {
  /// The places in `rows` that each of `count` shares measures, ascending.
  ///
  /// The longest row goes first, each to the share that has the least to do so far, so that all machines end at about
  /// the same time. Nothing but the matrix decides: every machine comes to the same shares by itself. Where there are
  /// more shares than rows, the last ones are empty.
  package func shares(_ count: Int) -> [[Int]] {
    var shares = [[Int]](repeating: [], count: count)
    var seconds = [Double](repeating: 0, count: count)
    let byLength = rows.indices.map { (row: $0, seconds: estimate(of: rows[$0])) }
      .sorted { ($1.seconds, $0.row) < ($0.seconds, $1.row) }
    for entry in byLength {
      // The first of equals: `min` would not promise it.
      let share = seconds.indices.reduce(0) { seconds[$1] < seconds[$0] ? $1 : $0 }
      shares[share].append(entry.row)
      seconds[share] += entry.seconds
    }
    return shares.map { $0.sorted() }
  }

  /// The plan of `shard` alone: its rows, in all columns.
  package func share(_ shard: Shard) -> BenchPlan {
    var plan = self
    plan.rows = shares(shard.of)[shard.number - 1].map { rows[$0] }
    return plan
  }

  /// A seed that only the matrix decides, for runs that must agree on one without talking: from 1, of 31 bits.
  package var seedOfMatrix: UInt64 {
    var plan = self
    plan.settings.seed = 0
    // FNV-1a: Swift's own hashes differ from process to process.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in plan.canonicalText { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return max(1, (hash ^ (hash >> 32)) & 0x7fff_ffff)
  }

  private struct Matrix: Encodable {
    let suite: String
    let rows: [Row]
    let columns: [Column]
    let settings: BenchSettings
  }

  /// The matrix as bytes that are the same on every machine.
  private var canonicalText: Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    // Numbers and words: nothing in a matrix cannot be written, and without text all plans would share one seed.
    return (try? encoder.encode(Matrix(suite: suite, rows: rows, columns: columns, settings: settings)))
      ?? Data(suite.utf8)
  }
}
