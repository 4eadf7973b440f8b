// When a thread polls and when it sleeps.

import Testing

@testable import ExportUnderTest

@Suite struct PollingTests {
  private let pollers = PollerLimit(maximum: 1)

  /// Whether `polling` wants to poll; the poll is ended again, as one that found something or not.
  private func polls(_ polling: inout Polling, finds: Bool = true) -> Bool {
    guard polling.begins() else { return false }
    polling.end(found: finds)
    return true
  }

  @Test func withoutALimitNobodyPolls() {
    var polling = Polling(limit: 0, pollers: pollers)
    for _ in 0..<3 {
      let does = polls(&polling)
      #expect(!does)
    }
  }

  @Test func whoFindsSomethingPollsAgain() {
    var polling = Polling(limit: 1000, pollers: pollers)
    for _ in 0..<1000 {
      let does = polls(&polling)
      #expect(does)
    }
  }

  @Test func pollsInVainAreGivenUpForLonger() {
    var polling = Polling(limit: 1000, pollers: pollers)
    var sleeps: [Int] = []
    for _ in 0..<7 {
      var asleep = 0
      while !polls(&polling, finds: false) { asleep += 1 }
      sleeps.append(asleep)
    }
    #expect(sleeps == [0, 0, 0, 0, 2, 4, 8])
  }

  @Test func oneAtATime() {
    var first = Polling(limit: 1000, pollers: pollers)
    var second = Polling(limit: 1000, pollers: pollers)
    let begins = first.begins()
    let beside = polls(&second)
    first.end(found: true)
    let afterwards = polls(&second)
    #expect(begins && !beside && afterwards)
  }
}
