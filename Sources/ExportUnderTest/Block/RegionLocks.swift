// Who may write where on a node that needs aligned I/O: what keeps two read-modify-writes of one block from
// losing each other's bytes.

import Glibc
import Synchronization

/// Locks on the 1 MiB regions of a node, 64 words that the regions share out; never waited for in a thread.
///
/// Aligned writes hold their regions together; a read-modify-write, and whatever changes allocation, holds
/// them alone. A request that cannot have its regions is put aside by its thread and tried again when
/// somebody lets go: `waiting` says that a wake-up is due. Lock-free: one atomic step per region.
struct RegionLocks: ~Copyable {
  private static let alone: UInt64 = 1 << 63
  /// Somebody wants the region alone: no new holder joins, so that it is not kept out for ever.
  private static let wanted: UInt64 = 1 << 62
  private static let regionShift: UInt64 = 20

  private let words: UnsafeMutablePointer<Atomic<UInt64>>
  /// Requests put aside, in all threads.
  let waiting = Atomic<Int>(0)
  /// The mailboxes of the threads that serve this node; written only when a thread starts or stops serving.
  let wakers = Mutex<[Int32]>([])

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
  func acquire(_ regions: UInt64, alone exclusive: Bool) -> Bool {
    var left = regions
    while left != 0 {
      let index = left.trailingZeroBitCount
      guard exclusive ? takeAlone(index) : takeTogether(index) else {
        release(regions & ((1 << UInt64(index)) - 1), alone: exclusive)
        return false
      }
      left &= left - 1
    }
    return true
  }

  private func takeTogether(_ index: Int) -> Bool {
    var seen = words[index].load(ordering: .relaxed)
    while seen & (Self.alone | Self.wanted) == 0 {
      let outcome = words[index].compareExchange(
        expected: seen, desired: seen + 1, ordering: .sequentiallyConsistent)
      if outcome.exchanged { return true }
      seen = outcome.original
    }
    return false
  }

  private func takeAlone(_ index: Int) -> Bool {
    var seen = words[index].load(ordering: .relaxed)
    while true {
      let free = seen & ~Self.wanted == 0
      let outcome = words[index].compareExchange(
        expected: seen, desired: free ? Self.alone : seen | Self.wanted, ordering: .sequentiallyConsistent)
      if outcome.exchanged { return free }
      seen = outcome.original
    }
  }

  /// Lets go, and wakes the threads that put requests aside.
  func release(_ regions: UInt64, alone exclusive: Bool) {
    var left = regions
    while left != 0 {
      let index = left.trailingZeroBitCount
      if exclusive {
        // Somebody may want it by now: only our bit goes.
        words[index].bitwiseAnd(~Self.alone, ordering: .sequentiallyConsistent)
      } else {
        words[index].wrappingSubtract(1, ordering: .sequentiallyConsistent)
      }
      left &= left - 1
    }
    if waiting.load(ordering: .sequentiallyConsistent) > 0 { wake() }
  }

  private func wake() {
    wakers.withLock { fds in
      for fd in fds {
        var one: UInt64 = 1
        _ = write(fd, &one, 8)
      }
    }
  }
}
