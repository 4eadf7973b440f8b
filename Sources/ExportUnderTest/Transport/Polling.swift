// Whether a thread looks for work for a while before it sleeps: waking a sleeping thread costs more than most
// requests.

import Synchronization

/// How many threads may poll at the same time; shared by all that serve in one process.
final class PollerLimit: Sendable {
  private let maximum: Int
  private let pollers = Atomic<Int>(0)

  /// - Parameter maximum: at least one processor should be left for the clients.
  init(maximum: Int) { self.maximum = maximum }

  /// Whether there is room for one poller more, which then is taken; if so, `leave` must follow.
  @inline(__always)
  fileprivate func enter() -> Bool {
    let others = pollers.wrappingAdd(1, ordering: .relaxed).oldValue
    guard others < maximum else {
      pollers.wrappingSubtract(1, ordering: .relaxed)
      return false
    }
    return true
  }

  @inline(__always)
  fileprivate func leave() { pollers.wrappingSubtract(1, ordering: .relaxed) }
}

/// When to poll. Polls that find nothing are soon given up, so that an idle export uses no CPU.
struct Polling {
  /// Nanoseconds to look before sleeping; 0 never looks.
  let limit: UInt64
  private let pollers: PollerLimit
  /// Polls in a row that found nothing.
  private var misses: UInt32 = 0
  /// Sleeps still to come without a poll before them.
  private var pause: UInt32 = 0

  init(limit: UInt64, pollers: PollerLimit) {
    self.limit = limit
    self.pollers = pollers
  }

  /// Whether to poll now, rather than to sleep; if so, `end(found:)` must follow.
  mutating func begins() -> Bool {
    guard limit > 0 else { return false }
    guard pause == 0 else {
      pause -= 1
      return false
    }
    return pollers.enter()
  }

  mutating func end(found: Bool) {
    pollers.leave()
    if found {
      misses = 0
    } else {
      misses = min(misses + 1, 9)
      if misses > 3 { pause = 1 << (misses - 3) }
    }
  }
}
