// Who may write where on a node that needs aligned I/O: what keeps two read-modify-writes of one block from
// losing each other's bytes.

import Synchronization

/// Locks on the 1 MiB regions of a node, 64 words that the regions share out; never waited for in a thread.
///
/// Aligned writes share their regions; a read-modify-write, and whatever changes allocation, holds them
/// exclusively. A request that cannot have its regions is put aside by its thread and tried again when
/// somebody lets go: `waiting` says that a wake-up is due. Lock-free: one atomic step per region.
struct RegionLocks: ~Copyable {
  private static let exclusive: UInt64 = 1 << 63
  /// Somebody wants the region exclusively: no new holder joins, so that it is not kept out for ever.
  private static let writerPending: UInt64 = 1 << 62
  private static let regionShift: UInt64 = 20

  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  /// Requests put aside, in all threads.
  let waiting = Atomic<Int>(0)
  /// What wakes the threads that serve this node; written only when a thread starts or stops serving.
  let wakers = Mutex<[EventNotifier.Handle]>([])

  init() {
    words = .allocate(capacity: 64)
    for index in 0..<64 { (words + index).initialize(to: Atomic(0)) }
  }

  deinit {
    words.deinitialize(count: 64)
    words.deallocate()
  }

  /// The regions of a range, a bit each.
  static func regions(offset: UInt64, length: UInt64) -> UInt64 {
    guard length > 0 else { return 0 }
    let first = offset >> regionShift
    let last = (offset + (length - 1)) >> regionShift
    guard last - first < 63 else { return .max }
    let count = last - first + 1
    let bits: UInt64 = (1 << count) - 1
    let turn = first & 63
    return turn == 0 ? bits : (bits << turn) | (bits >> (64 - turn))
  }

  /// Takes all `regions` or none.
  func acquire(_ regions: UInt64, exclusive: Bool) -> Bool {
    var left = regions
    while left != 0 {
      let index = left.trailingZeroBitCount
      guard exclusive ? takeExclusive(index) : takeShared(index) else {
        release(regions & ((1 << UInt64(index)) - 1), exclusive: exclusive)
        return false
      }
      left &= left - 1
    }
    return true
  }

  private func takeShared(_ index: Int) -> Bool {
    var seen = words[index].load(ordering: .relaxed)
    while seen & (Self.exclusive | Self.writerPending) == 0 {
      let outcome = words[index].compareExchange(
        expected: seen, desired: seen + 1, ordering: .sequentiallyConsistent)
      if outcome.exchanged { return true }
      seen = outcome.original
    }
    return false
  }

  private func takeExclusive(_ index: Int) -> Bool {
    var seen = words[index].load(ordering: .relaxed)
    while true {
      let free = seen & ~Self.writerPending == 0
      let outcome = words[index].compareExchange(
        expected: seen, desired: free ? Self.exclusive : seen | Self.writerPending, ordering: .sequentiallyConsistent)
      if outcome.exchanged { return free }
      seen = outcome.original
    }
  }

  /// Lets go, and wakes the threads that put requests aside.
  func release(_ regions: UInt64, exclusive: Bool) {
    var left = regions
    while left != 0 {
      let index = left.trailingZeroBitCount
      if exclusive {
        // Somebody may want it by now: only our bit goes.
        words[index].bitwiseAnd(~Self.exclusive, ordering: .sequentiallyConsistent)
      } else {
        words[index].wrappingSubtract(1, ordering: .sequentiallyConsistent)
      }
      left &= left - 1
    }
    if waiting.load(ordering: .sequentiallyConsistent) > 0 { wake() }
  }

  private func wake() {
    wakers.withLock { for waker in $0 { waker.signal() } }
  }
}
