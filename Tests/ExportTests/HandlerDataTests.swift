// READ, WRITE, FSYNC and FLUSH: what they answer at every edge.

import Glibc
import Testing

@testable import ExportUnderTest

@Suite(.needsRing) struct HandlerDataTests {
  private let file: TemporaryFile

  init() throws { file = try TemporaryFile(length: 10_000) }

  private func rig(writable: Bool = true, growable: Bool = false, readOnlyNode: Bool = false) throws
    -> RequestRig
  {
    let node = try Node.file(FileNodeOptions(filename: file.path, isReadOnly: readOnlyNode, locking: .off))
    return try RequestRig(node, writable: writable, growable: growable)
  }

  private let pattern = TemporaryFile.pattern(10_000)
  private let maxTransfer = UInt32(TransferLimit.usual.bytes)

  // MARK: READ

  @Test func readsInsideTheFile() throws {
    #expect(try rig().read(3, 1000) == .replied(Array(pattern[3..<1003])))
  }

  @Test func aReadAcrossTheEndIsCut() throws {
    let rig = try rig()
    #expect(rig.read(9_990, 100) == .replied(Array(pattern[9_990...])))
    #expect(rig.read(0, maxTransfer) == .replied(pattern))
  }

  @Test(arguments: [10_000, 10_001, UInt64.max]) func aReadBeyondTheEndIsEmpty(_ offset: UInt64) throws {
    let rig = try rig()
    #expect(rig.read(offset, 512) == .done)
    #expect(rig.steps.isEmpty)
  }

  @Test func aReadOfNothingIsEmpty() throws { #expect(try rig().read(0, 0) == .done) }

  @Test func aReadThatIsTooLargeIsRefused() throws {
    #expect(try rig().read(0, maxTransfer + 1) == .failed(EINVAL))
    #expect(try rig().read(UInt64.max, .max) == .failed(EINVAL))
  }

  /// The node was 10 000 bytes when the export began; somebody cut the image since.
  @Test func whatIsGoneBehindTheNodesBackReadsAsZeroes() throws {
    let rig = try rig()
    #expect(truncate(file.path, 5000) == 0)
    // What another request left in the buffer must not be told.
    memset(rig.payload, 0xAB, 10_000)
    #expect(rig.read(4000, 2000) == .replied(Array(pattern[4000..<5000]) + zeroes(1000)))
  }

  @Test func aNodesErrorIsTheAnswer() throws {
    let rig = try rig()
    rig.injected = [-EIO]
    #expect(rig.read(0, 512) == .failed(EIO))
    #expect(rig.read(0, 1) == .replied([1]))  // and the export goes on
  }

  // MARK: WRITE

  @Test func writesInsideTheFile() throws {
    let rig = try rig()
    #expect(rig.write(7, [9, 8, 7]) == .wrote(3))
    #expect(rig.steps == [.write])
    #expect(file.bytes == Array(pattern[..<7]) + [9, 8, 7] + Array(pattern[10...]))
  }

  @Test func aFixedSizeHasNoSpaceAtItsEnd() throws {
    let rig = try rig()
    #expect(rig.write(10_000, [1]) == .failed(ENOSPC))
    #expect(rig.write(20_000, [1]) == .failed(ENOSPC))
    #expect(rig.steps.isEmpty)
    #expect(file.bytes == pattern)
  }

  @Test func aWriteAcrossAFixedEndIsCut() throws {
    let rig = try rig()
    #expect(rig.write(9_998, [1, 2, 3, 4]) == .wrote(2))
    #expect(file.bytes == Array(pattern[..<9_998]) + [1, 2])
  }

  @Test func aGrowableExportGrowsAndTheGapIsZero() throws {
    let rig = try rig(growable: true)
    #expect(rig.write(9_998, [1, 2, 3, 4]) == .wrote(4))
    #expect(rig.length == 10_002)
    #expect(rig.write(12_000, [5]) == .wrote(1))
    #expect(rig.length == 12_001)
    #expect(file.bytes == Array(pattern[..<9_998]) + [1, 2, 3, 4] + zeroes(1998) + [5])
    #expect(rig.read(11_990, 100) == .replied(zeroes(10) + [5]))
  }

  @Test func refusalsOfWrites() throws {
    let rig = try rig()
    #expect(rig.answer(.write(offset: 0, size: maxTransfer + 1, flags: 0)) == .failed(EINVAL))
    #expect(rig.answer(.write(offset: UInt64(Int64.max), size: 1, flags: 0)) == .failed(EINVAL))
    #expect(rig.answer(.write(offset: .max, size: 1, flags: 0)) == .failed(EINVAL))
    #expect(try self.rig(writable: false).write(0, [1]) == .failed(EACCES))
    // Too large comes first, then the permission, then the overflow.
    let closed = try self.rig(writable: false)
    #expect(closed.answer(.write(offset: 0, size: maxTransfer + 1, flags: 0)) == .failed(EINVAL))
    #expect(closed.answer(.write(offset: .max, size: 1, flags: 0)) == .failed(EACCES))
    #expect(file.bytes == pattern)
  }

  @Test func aWriteOfNothingWritesNothing() throws { #expect(try rig().write(0, []) == .wrote(0)) }

  @Test(arguments: [O_DSYNC, O_SYNC]) func aSynchronousWriteIsFlushedBeforeItsAnswer(_ flag: Int32) throws {
    let rig = try rig()
    #expect(rig.write(0, [1, 2], flags: flag) == .wrote(2))
    #expect(rig.steps == [.write, .flush])
  }

  @Test func aFlushThatFailsFailsItsWrite() throws {
    let rig = try rig()
    rig.injected = [2, -EIO]
    #expect(rig.write(0, [1, 2], flags: O_DSYNC) == .failed(EIO))
  }

  @Test func aSynchronousWriteThatFailsIsNotFlushed() throws {
    let rig = try rig()
    rig.injected = [-EIO]
    #expect(rig.write(0, [1, 2], flags: O_DSYNC) == .failed(EIO))
    #expect(rig.steps == [.write])
  }

  @Test func aShortWriteOfTheNodeIsToldAsSuch() throws {
    let rig = try rig()
    rig.injected = [1]
    #expect(rig.write(0, [1, 2]) == .wrote(1))
    rig.injected = [1, 0]
    #expect(rig.write(0, [1, 2], flags: O_DSYNC) == .wrote(1))
    #expect(rig.steps == [.write, .flush])
  }

  @Test func theLargestTransferGoesThrough() throws {
    let rig = try rig(growable: true)
    let bytes = TemporaryFile.pattern(Int(maxTransfer))
    #expect(rig.write(5, bytes) == .wrote(maxTransfer))
    #expect(rig.read(5, maxTransfer) == .replied(bytes))
  }

  // MARK: Durability

  @Test(arguments: [ExportUnderTest.Operation.fsync, .flush]) func dataBecomesStable(
    _ operation: ExportUnderTest.Operation
  ) throws {
    let rig = try rig()
    #expect(rig.answer(operation) == .done)
    #expect(rig.steps == [.flush])
    rig.injected = [-EIO]
    #expect(rig.answer(operation) == .failed(EIO))
  }

  @Test func aReadOnlyNodeHasNothingToFlush() throws {
    let rig = try rig(writable: false, readOnlyNode: true)
    #expect(rig.answer(.fsync) == .done)
    #expect(rig.steps.isEmpty)
  }
}
