// What a cell needs of the disk, who waits for whom, and what is said of a disk that is too small.

import Synchronization
import Testing

@testable import Harness

@Suite struct DiskRoomTests {
  private final class Flag: Sendable {
    let value = Mutex(false)
  }

  private func scenario(_ image: ImagePlan, node: NodeKind = .file, disk: Int64 = 0) -> Scenario {
    var scenario = Scenario(name: "a", title: "a", tags: [], steps: [])
    scenario.image = image
    scenario.export.node = node
    scenario.requires.disk = disk
    return scenario
  }

  @Test func whatAScenarioNeedsIsKnownFromItsImage() {
    let margin = DiskRoom.margin
    #expect(DiskRoom.needed(by: scenario(ImagePlan(size: 1 << 20))) == 1 << 20 + margin)
    #expect(DiskRoom.needed(by: scenario(ImagePlan(size: 1 << 30), node: .null)) == margin)
    // Seven terabytes of hole are nothing, and what is written in it is little.
    let sparse = ImagePlan(
      size: 7 << 40, fill: .hole,
      extents: [
        .init(offset: 5 << 40, length: 64 << 10, fill: .pattern), .init(offset: 0, length: 1 << 40, fill: .hole),
      ])
    #expect(DiskRoom.needed(by: scenario(sparse)) == 64 << 10 + margin)
    #expect(DiskRoom.needed(by: scenario(sparse, disk: 4 << 30)) == 4 << 30 + 64 << 10 + margin)
    #expect(DiskRoom.needed(by: scenario(sparse, disk: .max)) == .max)
  }

  @Test func extentsUponOneAnotherAreNoMoreThanTheImage() {
    let twice = ImagePlan(
      size: 1 << 20, fill: .zero,
      extents: [.init(offset: 0, length: 1 << 20, fill: .pattern), .init(offset: 0, length: 1 << 20, fill: .zero)])
    #expect(twice.dataBytes == 1 << 20)
    let largest = ImagePlan(size: .max, fill: .zero, extents: [.init(offset: 0, length: .max, fill: .zero)])
    #expect(largest.dataBytes == .max)
  }

  @Test func sizesAreRoundedDown() {
    #expect(DiskRoom.text(4 << 30 + 116 << 20) == "4.1 GiB")
    #expect(DiskRoom.text(3 << 30) == "3.0 GiB")
    #expect(DiskRoom.text(1536 << 10) == "1.5 MiB")
    #expect(DiskRoom.text(.max) == "17179869183.9 GiB")
  }

  @Test func aDiskThatIsTooSmallIsASkip() async throws {
    let room = DiskRoom { _ in 3 << 30 }
    #expect(try await room.reserve(4 << 30 + 116 << 20, in: "/") == "needs 4.1 GiB in TMPDIR, 3.0 GiB are free")
    // What was refused holds no room.
    #expect(try await room.reserve(3 << 30, in: "/") == nil)
  }

  @Test func whatIsPromisedIsGivenToNobodyElseUntilItIsBack() async throws {
    let room = DiskRoom { _ in 100 }
    let hasReleased = Flag()
    #expect(try await room.reserve(60, in: "/") == nil)
    let second = Task { () async throws -> Bool in
      let reason = try await room.reserve(60, in: "/")
      return reason == nil && hasReleased.value.withLock { $0 }
    }
    // What fits beside the first need not wait for what does not.
    #expect(try await room.reserve(40, in: "/") == nil)
    room.release(40)
    hasReleased.value.withLock { $0 = true }
    room.release(60)
    #expect(try await second.value)
  }

  @Test func whereNothingIsKnownNothingIsMissing() async throws {
    let room = DiskRoom { _ in nil }
    #expect(try await room.reserve(.max, in: "/nothing/here") == nil)
    #expect(DiskRoom.freeBytes(of: "/nothing/here") == nil)
    #expect(DiskRoom.missing(forImage: .max - DiskRoom.margin, in: "/")?.hasPrefix("needs 8589934591.9 GiB") == true)
  }
}
