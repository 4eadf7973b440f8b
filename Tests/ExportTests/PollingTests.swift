// When a thread polls and when it sleeps.

import Testing

@testable import ExportUnderTest

// One after the other: pollers are counted for the whole process, and these tests are the only ones here.
@Suite(.serialized) struct PollingTests {
  /// Polls as often as `polling` wants to, `count` times at most, with `each` requests a poll; how often.
  private func polls(_ polling: inout Polling, _ begun: inout UInt64, each: UInt64 = 1, atMost count: Int) -> Int {
    for done in 0..<count {
      guard polling.begins(after: begun) else { return done }
      polling.end(found: true)
      begun &+= each
    }
    return count
  }

  /// How `polling` decides at `begun`; a poll is ended again, as one that found something or not.
  private func polls(_ polling: inout Polling, at begun: UInt64, finds: Bool = true) -> Bool {
    guard polling.begins(after: begun) else { return false }
    polling.end(found: finds)
    return true
  }

  @Test func withoutALimitNobodyPolls() {
    var polling = Polling(limit: 0)
    for begun: UInt64 in 0..<3 {
      let does = polls(&polling, at: begun)
      #expect(!does)
    }
  }

  @Test func whoPollsSleepsOnceInAWhile() {
    var polling = Polling(limit: 1000)
    var begun: UInt64 = .max - 100  // The count may go round.
    for _ in 0..<2 {
      let count = polls(&polling, &begun, atMost: 1000)
      #expect(count == Int(Polling.longestStreak))
      begun &+= 1
    }
  }

  @Test func whereRequestsGatherNobodyPolls() {
    var polling = Polling(limit: 1000)
    var begun: UInt64 = 0
    _ = polls(&polling, &begun, atMost: 1000)
    for _ in 0..<5 {
      begun += Polling.crowd
      let does = polls(&polling, at: begun)
      #expect(!does)
    }
    begun += Polling.crowd - 1
    let count = polls(&polling, &begun, atMost: 3)
    #expect(count == 3)
  }

  @Test func pollsInVainAreGivenUpForLonger() {
    var polling = Polling(limit: 1000)
    var sleeps: [Int] = []
    for _ in 0..<7 {
      var asleep = 0
      while !polls(&polling, at: 0, finds: false) { asleep += 1 }
      sleeps.append(asleep)
    }
    #expect(sleeps == [0, 0, 0, 0, 2, 4, 8])
  }

  @Test func oneAtATime() {
    var first = Polling(limit: 1000)
    var second = Polling(limit: 1000)
    let begins = first.begins(after: 0)
    let beside = polls(&second, at: 0)
    first.end(found: true)
    let afterwards = polls(&second, at: 1)
    #expect(begins && !beside && afterwards)
  }
}
