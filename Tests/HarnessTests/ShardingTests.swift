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

  /// What a time buys is a matter of the matrix: a share must not choose other rows, or sample them longer.
  @Test(arguments: ["60s", "5m"]) func aTimeBuysTheSameInEveryShare(words: String) throws {
    func request(_ shard: Shard?) throws -> BenchRequest {
      var request = BenchRequest(
        .suites(
          try ["transport", "mixed"].map { try Suite.named($0, in: scenarioFolder + "/suites", cpus: 2) },
          try #require(BudgetRequest(words))),
        compared: [try Subject.named("fusebench", in: scenarioFolder + "/subjects")], results: "results", command: [])
      request.selection.shard = shard
      return request
    }
    func matrices(_ shard: Shard?) throws -> [BenchPlan] {
      let request = try request(shard)
      return try request.plan()
    }
    let whole = try matrices(nil)
    let shards = (1...3).map { Shard(number: $0, of: 3) }
    for (index, matrix) in whole.enumerated() {
      var plans: [BenchPlan] = []
      for shard in shards {
        var own = try matrices(shard)[index]
        own.settings.seed = matrix.settings.seed
        #expect(own == matrix)
        plans.append(own.share(shard))
      }
      #expect(plans.flatMap(\.rows).count == matrix.rows.count)
      // Together the shares have the time that one machine would have; each checks the data by itself.
      let limits = plans.compactMap { $0.timeLimit(asPartOf: matrix) }
      let checks = Double(matrix.checkedColumns.count) * BenchSettings.overhead.integrity
      let budget = try #require(matrix.settings.budgetSeconds)
      #expect(matrix.timeLimit(asPartOf: matrix) == budget)
      #expect(limits.count == 3)
      #expect(limits.reduce(0, +) <= budget * (1 + 2 * checks / matrix.estimate) * 1.001)
      #expect(limits.allSatisfy { $0 <= budget })
    }
  }

  @Test func wordsOfShares() {
    #expect(Shard("2/3") == Shard(number: 2, of: 3))
    #expect(Shard("2/3")?.description == "2/3")
    for words in ["", "2", "0/3", "4/3", "-1/3", "1/0", "1/2/3", "a/b", "1/", "/2", " 1/2", "1/99999999999"] {
      #expect(Shard(words) == nil, "\(words)")
    }
  }
}
