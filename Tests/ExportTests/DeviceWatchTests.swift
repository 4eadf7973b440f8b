// Threads that share a device: who may sleep without a poll of its fd, and who wakes it.

import CLinux
import Glibc
import Testing

@testable import ExportUnderTest

/// The watch behind a reference: expectations copy what they look at.
private final class Held {
  let watch: DeviceWatch

  init(_ bells: [Int32]) { watch = DeviceWatch(bells: bells) }
  func look() { watch.look() }
  func lookAway() { watch.lookAway() }
  func rests(_ index: Int) -> Bool { watch.rests(index) }
  func rises(_ index: Int) { watch.rises(index) }
  func wake() { watch.wake() }
}

@Suite struct DeviceWatchTests {
  private let bells: [Int32] = [clinux_eventfd(), clinux_eventfd()]

  private func rang(_ index: Int) -> Bool {
    var count: UInt64 = 0
    return read(bells[index], &count, 8) == 8
  }

  @Test func whoeverSleepsLastIsPolled() {
    let watch = Held(bells)
    #expect(!watch.rests(0), "nobody looks")
    watch.look()
    #expect(watch.rests(1))
    watch.lookAway()
    #expect(!watch.rests(0), "the one that looked must be woken by the kernel")
    for bell in bells { close(bell) }
  }

  @Test func aThreadThatRestsIsWokenOnce() {
    let watch = Held(bells)
    watch.wake()
    #expect(!rang(0) && !rang(1), "nobody rests")
    watch.look()
    #expect(watch.rests(1))
    watch.wake()
    watch.wake()
    #expect(!rang(0) && rang(1))
    #expect(!rang(1))
    #expect(watch.rests(1))
    watch.rises(1)
    watch.wake()
    #expect(!rang(1), "it is awake")
    for bell in bells { close(bell) }
  }

  @Test func threadsBeyondTheLastBitAreAlwaysPolled() {
    let watch = Held(bells)
    watch.look()
    #expect(!watch.rests(64))
    for bell in bells { close(bell) }
  }
}
