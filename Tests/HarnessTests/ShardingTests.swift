// A matrix dealt out: every row once, whole, evenly, and the same on every machine.

import Foundation
import Testing

@testable import Harness

@Suite struct ShardingTests {
  /// Rows on both nodes: those of the file node take longer, for they have the image beside them.
  private static func plan(rows: Int, seed: UInt64 = 7) -> BenchPlan {
    let suite = Harness.Suite(
      name: "many", title: "many rows", nodes: [.file, .null], fullSize: 1 << 20, quickSize: 1 << 20,
      workloads: (0..<rows).map { Workload(name: "row \($0)") })
    return BenchPlan(
      suite: suite, nodes: [.file, .null], columns: StoredRunFixture.columns,
      settings: BenchSettings(budget: .quick, size: 1 << 20, seed: seed))
  }

  @Test(arguments: [1, 2, 3, 7, 14, 20]) func everyRowIsDealtOnce(count: Int) {
    let plan = Self.plan(rows: 7)
    let shares = plan.shares(count)
    #expect(shares.count == count)
    #expect(shares.joined().sorted() == Array(plan.rows.indices))
    #expect(shares.allSatisfy { $0 == $0.sorted() })
    let rows = (1...count).flatMap { plan.share(Shard(number: $0, of: count)).rows }
    #expect(rows.count == plan.rows.count)
    #expect(plan.rows.allSatisfy(rows.contains))
  }

  @Test func sharesTakeAboutTheSameTime() {
    let plan = Self.plan(rows: 9)
    let seconds = (1...4).map { plan.share(Shard(number: $0, of: 4)).estimate }
    let longest = plan.rows.map(plan.estimate).max() ?? 0
    #expect((seconds.max() ?? 0) - (seconds.min() ?? 0) <= longest)
  }

  @Test func aShareKeepsAllColumnsOfItsRows() {
    let plan = Self.plan(rows: 5)
    let share = plan.share(Shard(number: 2, of: 3))
    #expect(share.columns == plan.columns)
    #expect(share.settings == plan.settings)
    #expect(share.rows.allSatisfy { share.columns(of: $0) == plan.columns(of: $0) })
  }

  @Test func theMatrixDecidesTheSeed() {
    let plan = Self.plan(rows: 3)
    // Known beforehand, so that machines of any make agree on it.
    #expect(plan.seedOfMatrix == Self.plan(rows: 3, seed: 99).seedOfMatrix)
    #expect(plan.seedOfMatrix != Self.plan(rows: 4).seedOfMatrix)
    var longer = plan
    longer.settings.runtime *= 2
    #expect(plan.seedOfMatrix != longer.seedOfMatrix)
    #expect((1...0x7fff_ffff).contains(plan.seedOfMatrix))
  }

  @Test func wordsOfShares() {
    #expect(Shard("2/3") == Shard(number: 2, of: 3))
    #expect(Shard("2/3")?.description == "2/3")
    for words in ["", "2", "0/3", "4/3", "-1/3", "1/0", "1/2/3", "a/b", "1/", "/2", " 1/2"] {
      #expect(Shard(words) == nil, "\(words)")
    }
  }
}
