// Who looks for the requests of a device that several threads share: a thread whose fd is polled by the kernel is
// woken by every request, also by those that a polling thread is about to take.

import Glibc
import Synchronization

/// The threads of one multithreaded export, each with a clone of the same device.
///
/// A thread may sleep without a poll of its fd while another one looks at the device all the time. It is rung when
/// that one finds more than it can serve at once. No request is forgotten: whoever looked has the kernel poll its own
/// fd before it sleeps, and says that it looks no longer only after it does not; whoever wants to sleep says so first
/// and then asks whether somebody looks.
struct DeviceWatch: ~Copyable {
  /// Threads that look at the device without pause.
  private let lookers = Atomic<Int>(0)
  /// A bit for each thread that sleeps and has no poll of its fd with the kernel.
  private let sleepers = Atomic<UInt64>(0)
  /// What wakes each thread, by its number.
  private let bells: InlineArray<64, Int32>

  /// - Parameter bells: the threads' eventfds; threads beyond the 64th always have their fd polled.
  init(bells all: [Int32]) {
    var bells = InlineArray<64, Int32>(repeating: -1)
    for (index, bell) in all.prefix(64).enumerated() { bells[index] = bell }
    self.bells = bells
  }

  /// A thread begins, or ends, to look without pause.
  func look() { lookers.wrappingAdd(1, ordering: .sequentiallyConsistent) }
  func lookAway() { lookers.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

  /// Whether thread `index` can sleep without a poll of its fd. If so, `wake` wakes it.
  func rests(_ index: Int) -> Bool {
    guard index < 64 else { return false }
    let bit: UInt64 = 1 << UInt64(index)
    sleepers.bitwiseOr(bit, ordering: .sequentiallyConsistent)
    if lookers.load(ordering: .sequentiallyConsistent) > 0 { return true }
    sleepers.bitwiseAnd(~bit, ordering: .sequentiallyConsistent)
    return false
  }

  /// Thread `index` is awake.
  func rises(_ index: Int) {
    guard index < 64 else { return }
    sleepers.bitwiseAnd(~(1 << UInt64(index)), ordering: .relaxed)
  }

  /// Wakes a thread that sleeps without a poll: there is more to do than one thread should.
  func wake() {
    let asleep = sleepers.load(ordering: .relaxed)
    guard asleep != 0 else { return }
    let index = asleep.trailingZeroBitCount
    let bit: UInt64 = 1 << UInt64(index)
    guard sleepers.bitwiseAnd(~bit, ordering: .sequentiallyConsistent).oldValue & bit != 0 else { return }
    var one: UInt64 = 1
    _ = write(bells[index], &one, 8)
  }
}
