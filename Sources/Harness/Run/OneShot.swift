// A value that is set once and awaited by many, each with a deadline of its own.

import Synchronization

/// A one-shot value. Setting it a second time does nothing.
final class OneShot<Value: Sendable>: Sendable {
  private struct State {
    var value: Value?
    var waiters: [Int: CheckedContinuation<Value?, Never>] = [:]
    var timers: [Int: Task<Void, Never>] = [:]
    var nextWaiter = 0
  }
  private let state = Mutex(State())

  /// The value, if it is set.
  var now: Value? { state.withLock { $0.value } }

  func set(_ value: Value) {
    let (waiters, timers) = state.withLock {
      state -> ([CheckedContinuation<Value?, Never>], [Task<Void, Never>]) in
      guard state.value == nil else { return ([], []) }
      state.value = value
      defer { (state.waiters, state.timers) = ([:], [:]) }
      return (Array(state.waiters.values), Array(state.timers.values))
    }
    for timer in timers { timer.cancel() }
    for waiter in waiters { waiter.resume(returning: value) }
  }

  /// The value as soon as it is set; nil after `limit` (nil waits for ever).
  func value(within limit: Duration? = nil) async -> Value? {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withCheckedContinuation { continuation in
      let ready = state.withLock { state -> Value? in
        if state.value == nil { state.waiters[number] = continuation }
        return state.value
      }
      if let ready {
        continuation.resume(returning: ready)
      } else if let limit {
        // Only now that the waiter is on the list: a timer that fired earlier would find nobody to release.
        startTimer(for: number, limit)
      }
    }
  }

  private func startTimer(for number: Int, _ limit: Duration) {
    let timer = Task.detached {
      try? await Task.sleep(for: limit)
      self.giveUp(number)
    }
    let late = state.withLock { state in
      if state.waiters[number] != nil { state.timers[number] = timer }
      return state.waiters[number] == nil
    }
    if late { timer.cancel() }
  }

  private func giveUp(_ number: Int) {
    state.withLock { state in
      state.timers[number] = nil
      return state.waiters.removeValue(forKey: number)
    }?.resume(returning: nil)
  }
}
