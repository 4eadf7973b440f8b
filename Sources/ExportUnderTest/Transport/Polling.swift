// Whether a thread looks for work for a while before it sleeps: waking a sleeping thread costs more than most
// requests.

import Synchronization

/// When to poll. Polls that find nothing are soon given up, so that an idle export uses no CPU.
///
/// Where many requests gather during one sleep, its price is shared by all of them, and polling would only burn what
/// the sleep leaves idle. To see it, a thread that polls sleeps now and then all the same.
struct Polling {
  /// Nanoseconds to look before sleeping; 0 never looks.
  let limit: UInt64
  /// Polls in a row that found nothing.
  private var misses: UInt32 = 0
  /// Sleeps still to come without a poll before them.
  private var pause: UInt32 = 0
  /// Polls in a row, without a sleep between them.
  private var streak: UInt32 = 0
  /// The requests that had been begun when the thread went to sleep; nil if it has polled since.
  private var sleptAfter: UInt64?

  /// Requests served from one sleep to the next for which that sleep needs no poll.
  static let crowd: UInt64 = 8
  /// Polls in a row after which to sleep once.
  static let longestStreak: UInt32 = 256

  /// Threads of the process that may poll at the same time: at least one processor is left for the clients.
  static let maxPollers = Atomic<Int>(1)
  private static let pollers = Atomic<Int>(0)

  init(limit: UInt64) { self.limit = limit }

  /// Whether to poll now, rather than to sleep; if so, `end(found:)` must follow. `begun` counts the requests that the
  /// thread has begun.
  mutating func begins(after begun: UInt64) -> Bool {
    let polls = isWanted(begun) && Self.enter()
    streak = polls ? streak + 1 : 0
    sleptAfter = polls ? nil : begun
    return polls
  }

  private mutating func isWanted(_ begun: UInt64) -> Bool {
    guard limit > 0, streak < Self.longestStreak else { return false }
    if let sleptAfter, begun &- sleptAfter >= Self.crowd { return false }
    guard pause == 0 else {
      pause -= 1
      return false
    }
    return true
  }

  /// Whether there is room for one poller more, which then is taken.
  private static func enter() -> Bool {
    let others = pollers.wrappingAdd(1, ordering: .relaxed).oldValue
    guard others < maxPollers.load(ordering: .relaxed) else {
      pollers.wrappingSubtract(1, ordering: .relaxed)
      return false
    }
    return true
  }

  mutating func end(found: Bool) {
    Self.pollers.wrappingSubtract(1, ordering: .relaxed)
    if found {
      misses = 0
    } else {
      misses = min(misses + 1, 9)
      if misses > 3 { pause = 1 << (misses - 3) }
    }
  }
}
