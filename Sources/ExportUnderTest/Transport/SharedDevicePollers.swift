// Who looks for the requests of a device that several threads share: a thread whose fd is polled by the kernel is
// woken by every request, also by those that a polling thread is about to take.

import Synchronization

/// The threads of one multithreaded export, each with a clone of the same device.
///
/// A thread may sleep without a poll of its fd while another one looks at the device all the time. It is woken when
/// that one finds more than it can serve at once. No request is forgotten: whoever polled has the kernel poll its own
/// fd before it sleeps, and says that it polls no longer only after it does not; whoever wants to sleep says so first
/// and then asks whether somebody polls.
struct SharedDevicePollers: ~Copyable {
  /// Threads that look at the device without pause.
  private let polling = Atomic<Int>(0)
  /// A bit for each thread that sleeps and has no poll of its fd with the kernel.
  private let sleepers = Atomic<UInt64>(0)
  /// What wakes each thread, by its number.
  private let notifiers: InlineArray<64, EventNotifier.Handle>

  /// - Parameter all: what wakes the threads; threads beyond the 64th always have their fd polled.
  init(notifiers all: [EventNotifier.Handle]) {
    var notifiers = InlineArray<64, EventNotifier.Handle>(repeating: .none)
    for (index, handle) in all.prefix(64).enumerated() { notifiers[index] = handle }
    self.notifiers = notifiers
  }

  /// A thread begins, or ends, to look without pause.
  func beginPolling() { polling.wrappingAdd(1, ordering: .sequentiallyConsistent) }
  func endPolling() { polling.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

  /// Whether thread `index` can sleep without a poll of its fd. If so, `wakeOne` wakes it.
  func trySleepUnpolled(_ index: Int) -> Bool {
    guard index < 64 else { return false }
    let bit: UInt64 = 1 << UInt64(index)
    sleepers.bitwiseOr(bit, ordering: .sequentiallyConsistent)
    if polling.load(ordering: .sequentiallyConsistent) > 0 { return true }
    sleepers.bitwiseAnd(~bit, ordering: .sequentiallyConsistent)
    return false
  }

  /// Thread `index` is awake.
  func markAwake(_ index: Int) {
    guard index < 64 else { return }
    sleepers.bitwiseAnd(~(1 << UInt64(index)), ordering: .relaxed)
  }

  /// Wakes a thread that sleeps without a poll: there is more to do than one thread should.
  func wakeOne() {
    let asleep = sleepers.load(ordering: .relaxed)
    guard asleep != 0 else { return }
    let index = asleep.trailingZeroBitCount
    let bit: UInt64 = 1 << UInt64(index)
    guard sleepers.bitwiseAnd(~bit, ordering: .sequentiallyConsistent).oldValue & bit != 0 else { return }
    notifiers[index].signal()
  }
}
