// null-co and raw: a node without storage, and windows on nodes.

import Glibc
import Testing

@testable import ExportUnderTest

@Suite(.needsRing) struct NullNodeTests {
  private func null(zeroes: Bool, latency: UInt64 = 0) throws -> RequestRig {
    try RequestRig(.null(size: 1 << 20, readZeroes: zeroes, latency: latency, isReadOnly: false))
  }

  private func fill(_ rig: RequestRig, _ byte: UInt8, _ count: Int) {
    memset(rig.payload, Int32(byte), count)
  }

  @Test(arguments: [0, 1000] as [UInt64]) func readsLeaveTheBufferOrZeroIt(_ latency: UInt64) throws {
    let bare = try null(zeroes: false, latency: latency)
    fill(bare, 0xAB, 512)
    #expect(bare.run(.read, 0, 512) == 512)
    #expect(bare.payload.load(as: UInt64.self) == 0xABAB_ABAB_ABAB_ABAB)
    let zeroing = try null(zeroes: true, latency: latency)
    fill(zeroing, 0xAB, 513)
    #expect(zeroing.run(.read, 0, 512) == 512)
    #expect(UnsafeRawBufferPointer(start: zeroing.payload, count: 512).allSatisfy { $0 == 0 })
    #expect(zeroing.payload.load(fromByteOffset: 512, as: UInt8.self) == 0xAB)
  }

  @Test(arguments: [0, 1000] as [UInt64]) func everythingElseIsDoneByDoingNothing(_ latency: UInt64) throws {
    let rig = try null(zeroes: false, latency: latency)
    #expect(rig.run(.write, 5, 512) == 512)
    #expect(rig.run(.flush) == 0)
    #expect(rig.run(.discard, 0, 4096) == 0)
    #expect(rig.run(.zero, 0, 4096) == 0)
    for kind in [NodeRequest.Kind.truncate, .allocate, .zeroExtending] {
      #expect(rig.run(kind, 0, 1) == -ENOTSUP)
    }
  }

  /// Whether a latency is a real wait shows in how an operation begins: without one it is over at once.
  @Test func onlyALatencyWaits() throws {
    #expect(try null(zeroes: true).begin(.read, 0, 512) == .done(512))
    #expect(try null(zeroes: true, latency: 1000).begin(.read, 0, 512) == .pending)
  }

  // MARK: raw

  @Test func aWindowsPlaceIsChecked() throws {
    let node = Node.null(size: 1000, readZeroes: true, latency: 0, isReadOnly: false)
    func failure(_ offset: UInt64, _ size: UInt64?) -> String? {
      do {
        _ = try Node.raw(node, offset: offset, size: size, isReadOnly: false)
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      failure(0, nil) == nil && failure(1000, nil) == nil && failure(0, 1000) == nil
        && failure(1000, 0) == nil)
    #expect(
      failure(1001, nil) == "Offset (1001) cannot be greater than size of the containing file (1000)")
    #expect(
      failure(500, 501)
        == "The sum of offset (500) and size (501) has to be smaller or equal to the actual size of the containing "
        + "file (1000)")
    #expect(failure(1, .max) != nil)
  }

  @Test func aWindowOfAWindowStaysInside() throws {
    let whole = Node.null(size: 1000, readZeroes: true, latency: 0, isReadOnly: false)
    let outer = try Node.raw(whole, offset: 100, size: 500, isReadOnly: false)
    let inner = try Node.raw(outer, offset: 50, size: nil, isReadOnly: true)
    #expect(outer.view.length == 500 && !outer.view.canResize)
    #expect(inner.view.start == 150 && inner.view.length == 450 && inner.isReadOnly)
    let readOnly = try Node.raw(inner, offset: 0, size: nil, isReadOnly: false)
    #expect(readOnly.isReadOnly)
  }

  @Test func aWindowOnAFile() throws {
    let file = try TemporaryFile(length: 10_000)
    let pattern = file.bytes
    let whole = try Node.file(FileNodeOptions(filename: file.path, locking: .off))
    let window = try RequestRig(.raw(whole, offset: 3000, size: 2000, isReadOnly: false), growable: true)
    #expect(window.length == 2000)
    #expect(window.read(1990, 100) == .replied(Array(pattern[4990..<5000])))
    #expect(window.write(0, [7, 7]) == .wrote(2))
    #expect(window.write(1999, [8, 8]) == .wrote(1))
    #expect(window.write(2000, [9]) == .failed(ENOSPC))
    #expect(window.change(AttributeBits.size, size: 1) == .failed(ENOTSUP))
    #expect(window.fallocate(AllocationMode.zeroRange | AllocationMode.keepSize, 1000, 1 << 20) == .done)
    var expected = pattern
    expected.replaceSubrange(3000..<3002, with: [7, 7])
    expected.replaceSubrange(4000..<5000, with: zeroes(1000))
    #expect(file.bytes == expected)
    #expect(window.answer(.open(flags: UInt32(O_TRUNC))) == .opened)
    expected.replaceSubrange(3000..<5000, with: zeroes(2000))
    #expect(file.bytes == expected)
  }

  @Test func anOpenWindowGrowsWithItsFile() throws {
    let file = try TemporaryFile(length: 10_000)
    let whole = try Node.file(FileNodeOptions(filename: file.path, locking: .off))
    let window = try RequestRig(.raw(whole, offset: 9000, size: nil, isReadOnly: false), growable: true)
    #expect(window.length == 1000)
    #expect(window.write(1000, [1]) == .wrote(1))
    #expect(window.length == 1001 && file.bytes.count == 10_001)
    #expect(window.change(AttributeBits.size, size: 10).attributes?.size == 10)
    #expect(file.bytes.count == 9010)
    // The file ends before its window begins.
    #expect(truncate(file.path, 100) == 0)
    whole.view.leaf.pointee.refreshLength()
    #expect(window.length == 0 && window.read(0, 10) == .done)
  }
}
