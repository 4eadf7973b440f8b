// Whether a thread looks for work for a while before it sleeps: waking a sleeping thread costs more than most
// requests.

import Synchronization

/// When to poll. Polls that find nothing are soon given up, so that an idle export uses no CPU.
struct Polling {
  /// Nanoseconds to look before sleeping; 0 never looks.
  let limit: UInt64
  /// Polls in a row that found nothing.
  private var misses: UInt32 = 0
  /// Sleeps still to come without a poll before them.
  private var pause: UInt32 = 0

  /// Threads of the process that may poll at the same time: at least one processor is left for the clients.
  static let maxPollers = Atomic<Int>(1)
  private static let pollers = Atomic<Int>(0)

  init(limit: UInt64) { self.limit = limit }

  /// Whether to poll now, rather than to sleep; if so, `end(found:)` must follow.
  mutating func begins() -> Bool {
    guard limit > 0 else { return false }
    guard pause == 0 else {
      pause -= 1
      return false
    }
    return Self.enter()
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
