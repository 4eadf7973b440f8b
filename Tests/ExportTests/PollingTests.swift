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

  @Test func withoutALimitNobodyPolls() {
    var polling = Polling(limit: 0)
    #expect(!polling.begins(after: 0) && !polling.begins(after: 1))
  }

  @Test func whoPollsSleepsOnceInAWhile() {
    var polling = Polling(limit: 1000)
    var begun: UInt64 = .max - 100  // The count may go round.
    #expect(polls(&polling, &begun, atMost: 1000) == Int(Polling.longestStreak))
    begun &+= 1
    #expect(polls(&polling, &begun, atMost: 1000) == Int(Polling.longestStreak))
  }

  @Test func whereRequestsGatherNobodyPolls() {
    var polling = Polling(limit: 1000)
    var begun: UInt64 = 0
    _ = polls(&polling, &begun, atMost: 1000)
    for _ in 0..<5 {
      begun += Polling.crowd
      #expect(!polling.begins(after: begun))
    }
    begun += Polling.crowd - 1
    #expect(polls(&polling, &begun, atMost: 3) == 3)
  }

  @Test func pollsInVainAreGivenUpForLonger() {
    var polling = Polling(limit: 1000)
    var sleeps: [Int] = []
    for _ in 0..<7 {
      var asleep = 0
      while !polling.begins(after: 0) { asleep += 1 }
      polling.end(found: false)
      sleeps.append(asleep)
    }
    #expect(sleeps == [0, 0, 0, 0, 2, 4, 8])
  }

  @Test func oneAtATime() {
    var first = Polling(limit: 1000)
    var second = Polling(limit: 1000)
    #expect(first.begins(after: 0))
    #expect(!second.begins(after: 0))
    first.end(found: true)
    #expect(second.begins(after: 1))
    second.end(found: true)
  }
}
