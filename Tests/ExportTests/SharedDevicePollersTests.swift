// Threads that share a device: who may sleep without a poll of its fd, and who wakes it.

import Testing

@testable import ExportUnderTest

/// The pollers behind a reference: expectations copy what they look at.
private final class Held {
  private let first: EventNotifier
  private let second: EventNotifier
  private let pollers: SharedDevicePollers

  init() throws {
    first = try EventNotifier()
    second = try EventNotifier()
    pollers = SharedDevicePollers(notifiers: [first.handle, second.handle])
  }

  func signalled(_ index: Int) -> Bool { index == 0 ? first.clear() : second.clear() }
  func beginPolling() { pollers.beginPolling() }
  func endPolling() { pollers.endPolling() }
  func trySleepUnpolled(_ index: Int) -> Bool { pollers.trySleepUnpolled(index) }
  func markAwake(_ index: Int) { pollers.markAwake(index) }
  func wakeOne() { pollers.wakeOne() }
}

@Suite struct SharedDevicePollersTests {
  @Test func whoeverSleepsLastIsPolled() throws {
    let pollers = try Held()
    #expect(!pollers.trySleepUnpolled(0), "nobody polls")
    pollers.beginPolling()
    #expect(pollers.trySleepUnpolled(1))
    pollers.endPolling()
    #expect(!pollers.trySleepUnpolled(0), "the one that polled must be woken by the kernel")
  }

  @Test func aThreadThatSleepsUnpolledIsWokenOnce() throws {
    let pollers = try Held()
    pollers.wakeOne()
    #expect(!pollers.signalled(0) && !pollers.signalled(1), "nobody sleeps unpolled")
    pollers.beginPolling()
    #expect(pollers.trySleepUnpolled(1))
    pollers.wakeOne()
    pollers.wakeOne()
    #expect(!pollers.signalled(0) && pollers.signalled(1))
    #expect(!pollers.signalled(1))
    #expect(pollers.trySleepUnpolled(1))
    pollers.markAwake(1)
    pollers.wakeOne()
    #expect(!pollers.signalled(1), "it is awake")
  }

  @Test func threadsBeyondTheLastBitAreAlwaysPolled() throws {
    let pollers = try Held()
    pollers.beginPolling()
    #expect(!pollers.trySleepUnpolled(64))
  }
}
