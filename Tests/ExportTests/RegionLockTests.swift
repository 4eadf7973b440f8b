// RegionLocks: which regions a range has, who may hold them together, and who is told when they are free.

import Synchronization
import Testing

@testable import ExportUnderTest

/// The locks behind a reference: expectations copy what they look at.
private final class Held {
  let locks = RegionLocks()

  func acquire(_ regions: UInt64, exclusive: Bool) -> Bool { locks.acquire(regions, exclusive: exclusive) }
  func release(_ regions: UInt64, exclusive: Bool) { locks.release(regions, exclusive: exclusive) }
}

@Suite struct RegionLockTests {
  private let region: UInt64 = 1 << 20

  @Test func regionsOfRanges() {
    #expect(RegionLocks.regions(offset: 0, length: 0) == 0)
    #expect(RegionLocks.regions(offset: 0, length: 1) == 1)
    #expect(RegionLocks.regions(offset: region - 1, length: 1) == 1)
    #expect(RegionLocks.regions(offset: region - 1, length: 2) == 0b11)
    #expect(RegionLocks.regions(offset: region, length: region) == 0b10)
    #expect(RegionLocks.regions(offset: region, length: region + 1) == 0b110)
  }

  @Test func regionsWrapAround() {
    #expect(RegionLocks.regions(offset: 64 * region, length: 1) == 1)
    #expect(RegionLocks.regions(offset: 63 * region, length: 1) == 1 << 63)
    #expect(RegionLocks.regions(offset: 63 * region, length: 2 * region) == UInt64(1) << 63 | 1)
    #expect(RegionLocks.regions(offset: (64 + 62) * region, length: 4 * region) == UInt64(0b11) << 62 | 0b11)
  }

  @Test func aLongRangeHasThemAll() {
    #expect(RegionLocks.regions(offset: 0, length: 63 * region) == .max >> 1)
    #expect(RegionLocks.regions(offset: 5, length: 63 * region) == .max)
    #expect(RegionLocks.regions(offset: 0, length: 64 * region) == .max)
    #expect(RegionLocks.regions(offset: 7 * region, length: UInt64(Int64.max)) == .max)
  }

  @Test func writersShareAndAReadModifyWriteDoesNot() {
    let locks = Held()
    #expect(locks.acquire(0b11, exclusive: false))
    #expect(locks.acquire(0b110, exclusive: false))
    #expect(locks.acquire(0b1000, exclusive: true))
    #expect(!locks.acquire(0b1000, exclusive: false))
    #expect(!locks.acquire(0b1000, exclusive: true))
    locks.release(0b1000, exclusive: true)
    #expect(locks.acquire(0b1000, exclusive: true))
  }

  @Test func allRegionsOrNone() {
    let locks = Held()
    #expect(locks.acquire(0b100, exclusive: true))
    #expect(!locks.acquire(0b111, exclusive: true))
    #expect(!locks.acquire(0b111, exclusive: false))
    // The first two were given back.
    #expect(locks.acquire(0b11, exclusive: true))
  }

  /// Or a stream of aligned writes would keep a read-modify-write out for ever.
  @Test func whoWantsARegionAloneKeepsNewcomersOut() {
    let locks = Held()
    #expect(locks.acquire(1, exclusive: false))
    #expect(locks.acquire(1, exclusive: false))
    #expect(!locks.acquire(1, exclusive: true))
    #expect(!locks.acquire(1, exclusive: false))
    locks.release(1, exclusive: false)
    #expect(!locks.acquire(1, exclusive: true))
    locks.release(1, exclusive: false)
    #expect(!locks.acquire(1, exclusive: false))
    #expect(locks.acquire(1, exclusive: true))
    locks.release(1, exclusive: true)
    #expect(locks.acquire(1, exclusive: false))
  }

  @Test func aReleaseWakesThoseWhoWaitAndNobodyElse() throws {
    let locks = Held()
    let notifier = try EventNotifier()
    locks.locks.wakers.withLock { $0.append(notifier.handle) }
    #expect(locks.acquire(1, exclusive: true))
    locks.release(1, exclusive: true)
    let early = notifier.clear()
    #expect(!early)
    #expect(locks.acquire(1, exclusive: false))
    locks.locks.waiting.wrappingAdd(1, ordering: .sequentiallyConsistent)
    locks.release(1, exclusive: false)
    let signalled = notifier.clear()
    #expect(signalled)
  }
}
