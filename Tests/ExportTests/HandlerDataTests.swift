// READ, WRITE, FSYNC and FLUSH: what they answer at every edge.

import Glibc
import Testing

@testable import ExportUnderTest

@Suite(.needsRing) struct HandlerDataTests {
  private let file: TemporaryFile

  init() throws { file = try TemporaryFile(length: 10_000) }

  private func bench(writable: Bool = true, growable: Bool = false, readOnlyNode: Bool = false) throws
    -> Bench
  {
    let node = try Node.file(FileNodeOptions(filename: file.path, isReadOnly: readOnlyNode, locking: .off))
    return try Bench(node, writable: writable, growable: growable)
  }

  private let pattern = TemporaryFile.pattern(10_000)
  private let maxTransfer = UInt32(Negotiation.maxTransfer)

  // MARK: READ

  @Test func readsInsideTheFile() throws {
    #expect(try bench().read(3, 1000) == .replied(Array(pattern[3..<1003])))
  }

  @Test func aReadAcrossTheEndIsCut() throws {
    let bench = try bench()
    #expect(bench.read(9_990, 100) == .replied(Array(pattern[9_990...])))
    #expect(bench.read(0, maxTransfer) == .replied(pattern))
  }

  @Test(arguments: [10_000, 10_001, UInt64.max]) func aReadBeyondTheEndIsEmpty(_ offset: UInt64) throws {
    let bench = try bench()
    #expect(bench.read(offset, 512) == .done)
    #expect(bench.steps.isEmpty)
  }

  @Test func aReadOfNothingIsEmpty() throws { #expect(try bench().read(0, 0) == .done) }

  @Test func aReadThatIsTooLargeIsRefused() throws {
    #expect(try bench().read(0, maxTransfer + 1) == .failed(EINVAL))
    #expect(try bench().read(UInt64.max, .max) == .failed(EINVAL))
  }

  /// The node was 10 000 bytes when the export began; somebody cut the image since.
  @Test func whatIsGoneBehindTheNodesBackReadsAsZeroes() throws {
    let bench = try bench()
    #expect(truncate(file.path, 5000) == 0)
    // What another request left in the buffer must not be told.
    memset(bench.payload, 0xAB, 10_000)
    #expect(bench.read(4000, 2000) == .replied(Array(pattern[4000..<5000]) + zeroes(1000)))
  }

  @Test func aNodesErrorIsTheAnswer() throws {
    let bench = try bench()
    bench.injected = [-EIO]
    #expect(bench.read(0, 512) == .failed(EIO))
    #expect(bench.read(0, 1) == .replied([1]))  // and the export goes on
  }

  // MARK: WRITE

  @Test func writesInsideTheFile() throws {
    let bench = try bench()
    #expect(bench.write(7, [9, 8, 7]) == .wrote(3))
    #expect(bench.steps == [.write])
    #expect(file.bytes == Array(pattern[..<7]) + [9, 8, 7] + Array(pattern[10...]))
  }

  @Test func aFixedSizeHasNoSpaceAtItsEnd() throws {
    let bench = try bench()
    #expect(bench.write(10_000, [1]) == .failed(ENOSPC))
    #expect(bench.write(20_000, [1]) == .failed(ENOSPC))
    #expect(bench.steps.isEmpty)
    #expect(file.bytes == pattern)
  }

  @Test func aWriteAcrossAFixedEndIsCut() throws {
    let bench = try bench()
    #expect(bench.write(9_998, [1, 2, 3, 4]) == .wrote(2))
    #expect(file.bytes == Array(pattern[..<9_998]) + [1, 2])
  }

  @Test func aGrowableExportGrowsAndTheGapIsZero() throws {
    let bench = try bench(growable: true)
    #expect(bench.write(9_998, [1, 2, 3, 4]) == .wrote(4))
    #expect(bench.length == 10_002)
    #expect(bench.write(12_000, [5]) == .wrote(1))
    #expect(bench.length == 12_001)
    #expect(file.bytes == Array(pattern[..<9_998]) + [1, 2, 3, 4] + zeroes(1998) + [5])
    #expect(bench.read(11_990, 100) == .replied(zeroes(10) + [5]))
  }

  @Test func refusalsOfWrites() throws {
    let bench = try bench()
    #expect(bench.answer(.write(offset: 0, size: maxTransfer + 1, flags: 0)) == .failed(EINVAL))
    #expect(bench.answer(.write(offset: UInt64(Int64.max), size: 1, flags: 0)) == .failed(EINVAL))
    #expect(bench.answer(.write(offset: .max, size: 1, flags: 0)) == .failed(EINVAL))
    #expect(try self.bench(writable: false).write(0, [1]) == .failed(EACCES))
    // Too large comes first, then the permission, then the overflow.
    let closed = try self.bench(writable: false)
    #expect(closed.answer(.write(offset: 0, size: maxTransfer + 1, flags: 0)) == .failed(EINVAL))
    #expect(closed.answer(.write(offset: .max, size: 1, flags: 0)) == .failed(EACCES))
    #expect(file.bytes == pattern)
  }

  @Test func aWriteOfNothingWritesNothing() throws { #expect(try bench().write(0, []) == .wrote(0)) }

  @Test(arguments: [O_DSYNC, O_SYNC]) func aSynchronousWriteIsFlushedBeforeItsAnswer(_ flag: Int32) throws {
    let bench = try bench()
    #expect(bench.write(0, [1, 2], flags: flag) == .wrote(2))
    #expect(bench.steps == [.write, .flush])
  }

  @Test func aFlushThatFailsFailsItsWrite() throws {
    let bench = try bench()
    bench.injected = [2, -EIO]
    #expect(bench.write(0, [1, 2], flags: O_DSYNC) == .failed(EIO))
  }

  @Test func aSynchronousWriteThatFailsIsNotFlushed() throws {
    let bench = try bench()
    bench.injected = [-EIO]
    #expect(bench.write(0, [1, 2], flags: O_DSYNC) == .failed(EIO))
    #expect(bench.steps == [.write])
  }

  @Test func aShortWriteOfTheNodeIsToldAsSuch() throws {
    let bench = try bench()
    bench.injected = [1]
    #expect(bench.write(0, [1, 2]) == .wrote(1))
    bench.injected = [1, 0]
    #expect(bench.write(0, [1, 2], flags: O_DSYNC) == .wrote(1))
    #expect(bench.steps == [.write, .flush])
  }

  @Test func theLargestTransferGoesThrough() throws {
    let bench = try bench(growable: true)
    let bytes = TemporaryFile.pattern(Int(maxTransfer))
    #expect(bench.write(5, bytes) == .wrote(maxTransfer))
    #expect(bench.read(5, maxTransfer) == .replied(bytes))
  }

  // MARK: Durability

  @Test(arguments: [ExportUnderTest.Operation.fsync, .flush]) func dataBecomesStable(
    _ operation: ExportUnderTest.Operation
  ) throws {
    let bench = try bench()
    #expect(bench.answer(operation) == .done)
    #expect(bench.steps == [.flush])
    bench.injected = [-EIO]
    #expect(bench.answer(operation) == .failed(EIO))
  }

  @Test func aReadOnlyNodeHasNothingToFlush() throws {
    let bench = try bench(writable: false, readOnlyNode: true)
    #expect(bench.answer(.fsync) == .done)
    #expect(bench.steps.isEmpty)
  }
}
