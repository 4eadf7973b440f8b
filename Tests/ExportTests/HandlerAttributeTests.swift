// GETATTR, SETATTR, OPEN and the operations that change nothing.

import Glibc
import Testing

@testable import ExportUnderTest

@Suite(.needsRing) struct HandlerAttributeTests {
  private let file: TemporaryFile
  private let pattern = TemporaryFile.pattern(10_000)

  init() throws { file = try TemporaryFile(length: 10_000) }

  private func rig(
    writable: Bool = true, growable: Bool = false, allowsOthers: Bool = false
  ) throws -> RequestRig {
    let node = try Node.file(FileNodeOptions(filename: file.path, locking: .off))
    return try RequestRig(node, writable: writable, growable: growable, allowsOthers: allowsOthers)
  }

  private func null() throws -> RequestRig {
    try RequestRig(.null(size: 1 << 20, readZeroes: true, latency: 0, isReadOnly: false))
  }

  /// ftruncate's and the kernel's own: size, handle, lock owner.
  private let resize: AttributeBits = [.size, .fileHandle, .lockOwner]

  // MARK: GETATTR

  @Test func theFileAsItIs() throws {
    let answer = try rig().answer(.getAttributes)
    #expect(answer.attributes?.size == 10_000)
    #expect(answer.attributes?.mode == 0o100600)
    guard case .replied(let bytes) = answer else { return }
    let blocks = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 32, as: UInt64.self) }
    #expect(Int(blocks) * 512 == file.allocatedBytes)
    let owner = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 84, as: UInt32.self) }
    #expect(owner == getuid())
  }

  @Test func aReadOnlyExportIs0400() throws {
    #expect(try rig(writable: false).answer(.getAttributes).attributes?.mode == 0o100400)
  }

  @Test func theTimesAreTheImagesOwn() throws {
    // Before 1970, in 1970, after 2038.
    for seconds in [-86_400, 0, 5_000_000_000] {
      let times = [timespec(tv_sec: seconds, tv_nsec: 1), timespec(tv_sec: seconds + 1, tv_nsec: 999_999_999)]
      try #require(utimensat(AT_FDCWD, file.path, times, 0) == 0)
      let rig = try rig()
      let before = rig.times
      #expect(before?.access.tv_sec == seconds && before?.access.tv_nsec == 1)
      #expect(before?.modification.tv_sec == seconds + 1 && before?.modification.tv_nsec == 999_999_999)
      _ = rig.read(0, 4096)
      #expect(rig.times?.access.tv_sec == seconds && rig.times?.modification.tv_sec == seconds + 1)
      #expect(rig.write(0, [1]) == .wrote(1))
      #expect(try #require(rig.times).modification.tv_sec > 1_700_000_000)
    }
  }

  @Test func aNodeWithoutTimesHasTheExportsStartUntilItIsWritten() throws {
    let rig = try null()
    let start = try #require(rig.times)
    usleep(2000)
    #expect(rig.times == start)
    _ = rig.read(0, 512)
    #expect(rig.change(AttributeBits.modificationTime).attributes != nil)
    #expect(rig.times == start)
    #expect(rig.write(0, [1]) == .wrote(1))
    let written = try #require(rig.times)
    #expect(written.modification.nanoseconds > start.modification.nanoseconds)
    usleep(2000)
    #expect(rig.times == written)
  }

  @Test func blocksOfUnknownAllocationAreRoundedUp() throws {
    let rig = try RequestRig(.null(size: 1025, readZeroes: false, latency: 0, isReadOnly: false))
    #expect(rig.view.blocks(nil) == 3)
  }

  // MARK: SETATTR: refusals, all before any change

  @Test(arguments: [UInt32(1) << 12, 1 << 31]) func unknownBitsAreNotSupported(_ number: UInt32) throws {
    let bit = AttributeBits(rawValue: number)
    let rig = try rig()
    #expect(rig.change([bit, .size, .mode], size: 1, mode: 0o400) == .failed(ENOTSUP))
    #expect(rig.mode == 0o600 && file.bytes == pattern)
  }

  @Test(arguments: [AttributeBits.uid, AttributeBits.gid]) func ownersNeedAllowOther(_ bit: AttributeBits) throws {
    let closed = try rig()
    #expect(closed.change([bit, .mode], mode: 0o400, uid: 7, gid: 8) == .failed(ENOTSUP))
    #expect(closed.mode == 0o600)
    let open = try rig(allowsOthers: true)
    #expect(open.change(bit, uid: 7, gid: 8).attributes != nil)
    #expect(open.uid == (bit == AttributeBits.uid ? 7 : getuid()))
    #expect(open.gid == (bit == AttributeBits.gid ? 8 : getgid()))
  }

  @Test(arguments: [UInt32(0o640), 0o604, 0o610, 0o601, 0o100620]) func groupAndOthersNeedAllowOther(
    _ mode: UInt32
  ) throws {
    let closed = try rig()
    #expect(closed.change([.mode, .size], size: 5, mode: mode) == .failed(EPERM))
    #expect(closed.mode == 0o600 && file.bytes == pattern)
    let open = try rig(allowsOthers: true)
    #expect(open.change(AttributeBits.mode, mode: mode).attributes?.mode == 0o100000 | mode)
  }

  @Test(arguments: [UInt32(0o200), 0o220, 0o602]) func aReadOnlyExportTakesNoWriteBit(_ mode: UInt32) throws {
    let rig = try rig(writable: false, allowsOthers: true)
    #expect(rig.change(AttributeBits.mode, mode: mode) == .failed(EROFS))
    #expect(rig.mode == 0o400)
    #expect(rig.change(AttributeBits.mode, mode: 0o444).attributes?.mode == 0o100444)
  }

  @Test func aReadOnlyExportKeepsItsSize() throws {
    let rig = try rig(writable: false)
    #expect(rig.change(resize, size: 10_000) == .failed(EACCES))
    #expect(rig.change([.size, .mode], size: 1, mode: 0o000) == .failed(EACCES))
    #expect(rig.mode == 0o400 && file.bytes == pattern)
  }

  @Test func aSizeThatNoFileHasIsRefused() throws {
    let rig = try rig()
    #expect(
      rig.change([.size, .mode], size: 1 << 63, mode: 0o400) == .failed(EINVAL))
    #expect(rig.mode == 0o600)
  }

  @Test func aNodeOfFixedSizeKeepsIt() throws {
    let rig = try null()
    #expect(rig.change([.size, .mode], size: 1, mode: 0o400) == .failed(ENOTSUP))
    #expect(rig.mode == 0o600)
    #expect(rig.change(resize, size: 1 << 20).attributes?.size == 1 << 20)
  }

  @Test func aNodesErrorChangesNothing() throws {
    let rig = try rig()
    rig.injected = [-EFBIG]
    #expect(rig.change([.size, .mode], size: 1, mode: 0o400) == .failed(EFBIG))
    #expect(rig.mode == 0o600)
  }

  // MARK: SETATTR: what is done

  @Test func ignoredBitsAreAccepted() throws {
    for writable in [true, false] {
      let rig = try rig(writable: writable)
      #expect(rig.change(AttributeBits.ignored).attributes?.size == 10_000)
      #expect(rig.change(AttributeBits(rawValue: 0x1B0)).attributes != nil)  // touch
      #expect(rig.steps.isEmpty)
    }
  }

  @Test(arguments: [true, false]) func sizeWorksBothWays(_ growable: Bool) throws {
    let rig = try rig(growable: growable)
    #expect(rig.change(resize, size: 5000).attributes?.size == 5000)
    #expect(rig.steps == [.truncate])
    #expect(file.bytes == Array(pattern[..<5000]))
    #expect(rig.change(resize, size: 6000).attributes?.size == 6000)
    #expect(file.bytes == Array(pattern[..<5000]) + zeroes(1000))
    #expect(rig.length == 6000)
  }

  @Test func sizeAndModeTogether() throws {
    let rig = try rig()
    let answer = rig.change([.size, .mode], size: 3, mode: 0o100400)
    #expect(answer.attributes?.size == 3)
    #expect(answer.attributes?.mode == 0o100400)
  }

  // MARK: The kernel's clean-up after a failed write

  @Test func theKernelsCleanUpNeverCostsBytes() throws {
    let rig = try rig(growable: true)
    rig.kernelRemembers(4096)
    rig.injected = [-EIO]
    #expect(rig.write(20_000, [1]) == .failed(EIO))
    // The kernel remembers an older, smaller size than the image has.
    #expect(rig.change(resize, size: 4096).attributes?.size == 10_000)
    #expect(file.bytes == pattern)
    // Once: the next one is a user's.
    #expect(rig.change(resize, size: 4096).attributes?.size == 4096)
  }

  @Test func theCleanUpAfterARefusedWriteCostsNothing() throws {
    let rig = try rig()
    rig.kernelRemembers(4096)
    #expect(rig.write(20_000, [1]) == .failed(ENOSPC))
    #expect(rig.change(resize, size: 4096).attributes?.size == 10_000)
    #expect(file.bytes == pattern)
  }

  @Test func aShortWriteCountsAsFailed() throws {
    let rig = try rig()
    rig.kernelRemembers(4096)
    #expect(rig.write(9_999, [1, 2]) == .wrote(1))
    #expect(rig.change(resize, size: 4096).attributes?.size == 10_000)
  }

  @Test func aFlushThatFailsCountsAsAFailedWrite() throws {
    let rig = try rig(growable: true)
    rig.kernelRemembers(4096)
    rig.injected = [1, -EIO]
    #expect(rig.write(20_000, [1], flags: O_DSYNC) == .failed(EIO))
    #expect(rig.change(resize, size: 4096).attributes?.size == 10_000)
    #expect(file.bytes == pattern)
  }

  @Test func anotherTasksTruncateIsObeyed() throws {
    let rig = try rig(growable: true)
    rig.kernelRemembers(4096)
    rig.injected = [-EIO]
    #expect(rig.write(20_000, [1], pid: 100) == .failed(EIO))
    #expect(rig.change(resize, size: 4096, pid: 101).attributes?.size == 4096)
  }

  /// truncate(2) has no handle: it is never the kernel's clean-up.
  @Test func aTruncateByNameIsObeyed() throws {
    let rig = try rig(growable: true)
    rig.kernelRemembers(4096)
    rig.injected = [-EIO]
    #expect(rig.write(20_000, [1]) == .failed(EIO))
    #expect(rig.change([.size, .lockOwner], size: 4096).attributes?.size == 4096)
  }

  @Test func growingIsNoCleanUp() throws {
    let rig = try rig(growable: true)
    rig.injected = [-EIO]
    #expect(rig.write(20_000, [1]) == .failed(EIO))
    #expect(rig.change(resize, size: 15_000).attributes?.size == 15_000)
  }

  /// A request of several pieces fails piece by piece, and the kernel cleans up once; what comes then is a user's.
  @Test func afterManyFailedPiecesAUsersTruncateIsObeyed() throws {
    let rig = try rig(growable: true)
    rig.kernelRemembers(4096)
    for piece in 0..<3 {
      rig.injected = [-EIO]
      #expect(rig.write(20_000 + UInt64(piece), [1]) == .failed(EIO))
    }
    #expect(rig.change(resize, size: 4096).attributes?.size == 10_000)
    #expect(rig.change(resize, size: 4096).attributes?.size == 4096)
  }

  /// The kernel cleans up to the size that it remembers: another size is a user's.
  @Test func afterASynchronousWriteThatFailedAUsersTruncateIsObeyed() throws {
    let rig = try rig()
    rig.kernelRemembers(10_000)
    #expect(rig.write(20_000, [1]) == .failed(ENOSPC))
    #expect(rig.change(resize, size: 4096).attributes?.size == 4096)
  }

  /// The kernel takes the length for 0 after an O_TRUNC, until it asks again.
  @Test func theCleanUpAfterAnOpenThatEmptiedCostsNothing() throws {
    let rig = try rig()
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    rig.injected = [-EIO]
    #expect(rig.write(0, [1]) == .failed(EIO))
    #expect(rig.change(resize, size: 0).attributes?.size == 10_000)
    #expect(rig.change(resize, size: 0).attributes?.size == 0)
  }

  /// Between an opener's two truncations an answer may come and be overwritten: it must not be believed for long.
  @Test func attributesAreNotKeptWhileAnOpenerMayYetSetTheLengthTo0() throws {
    let rig = try rig()
    #expect(rig.answer(.getAttributes).attributes?.seconds == 1)
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    #expect(rig.answer(.getAttributes).attributes?.seconds == 0)
    rig.state.pointee.settle(1)
    #expect(rig.answer(.getAttributes).attributes?.seconds == 1)
    let growable = try self.rig(growable: true)
    #expect(growable.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    #expect(growable.answer(.getAttributes).attributes?.seconds == 1)
  }

  // MARK: OPEN

  @Test func openEmptiesAGrowableExport() throws {
    let rig = try rig(growable: true)
    #expect(rig.answer(.open(flags: UInt32(O_RDWR))) == .opened)
    #expect(file.bytes == pattern)
    #expect(rig.answer(.open(flags: UInt32(O_RDWR | O_TRUNC))) == .opened)
    #expect(rig.steps == [.truncate])
    #expect(file.bytes.isEmpty && rig.length == 0)
  }

  @Test func openZeroesAFixedSizeAndKeepsIt() throws {
    let rig = try rig()
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY))) == .opened)
    #expect(rig.steps.isEmpty && file.bytes == pattern)
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    #expect(file.bytes == zeroes(10_000) && rig.length == 10_000)
    #expect(try null().answer(.open(flags: UInt32(O_TRUNC))) == .opened)
  }

  @Test func anOpenForReadingOrOfAReadOnlyExportEmptiesNothing() throws {
    let rig = try rig(writable: false)
    #expect(rig.answer(.open(flags: UInt32(O_TRUNC))) == .opened)
    #expect(rig.steps.isEmpty && file.bytes == pattern)
  }

  @Test(arguments: [true, false]) func whatIsZeroedIsFreedOnlyWhereDiscardSaysSo(_ unmaps: Bool) throws {
    let size = 1 << 20
    let file = try TemporaryFile(length: size)
    let node = try Node.file(FileNodeOptions(filename: file.path, unmaps: unmaps, locking: .off))
    let rig = try RequestRig(node, writable: true)
    try #require(file.allocatedBytes >= size)
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    #expect(file.bytes == zeroes(size))
    #expect(unmaps ? file.allocatedBytes == 0 : file.allocatedBytes >= size)
  }

  /// Holes stay holes: zeroing all of a large sparse image would fill its disk.
  @Test func onlyDataIsZeroed() throws {
    let file = try TemporaryFile(length: 0)
    let size = 1 << 40
    try #require(truncate(file.path, off_t(size)) == 0)
    let fd = Glibc.open(file.path, O_WRONLY)
    defer { close(fd) }
    for offset in [1 << 20, 1 << 39] { try #require(pwrite(fd, pattern, 4096, off_t(offset)) == 4096) }
    let rig = try RequestRig(Node.file(FileNodeOptions(filename: file.path, locking: .off)), writable: true)
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    #expect(rig.steps == [.discard, .discard])
    #expect(file.allocatedBytes < 1 << 20 && rig.length == size)
    #expect(rig.read(1 << 39, 4096) == .replied(zeroes(4096)))
  }

  @Test func whatCannotBeFreedIsWrittenOver() throws {
    let rig = try rig()
    rig.injected = [-EOPNOTSUPP]
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    #expect(rig.steps == [.discard, .zero] && file.bytes == zeroes(10_000))
  }

  @Test func aWindowIsZeroedAndNothingBesideIt() throws {
    let whole = try Node.file(FileNodeOptions(filename: file.path, locking: .off))
    let window = try Node.raw(whole, offset: 1000, size: 5000, isReadOnly: false)
    let rig = try RequestRig(window, writable: true, growable: true)
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .opened)
    #expect(file.bytes == Array(pattern[..<1000]) + zeroes(5000) + Array(pattern[6000...]))
  }

  @Test func aFixedSizeThatCannotBeZeroedFailsToOpen() throws {
    let rig = try rig()
    rig.injected = [-EIO]
    #expect(rig.answer(.open(flags: UInt32(O_WRONLY | O_TRUNC))) == .failed(EIO))
  }

  @Test func anOpenThatCannotEmptyFails() throws {
    let rig = try rig(growable: true)
    rig.injected = [-EIO]
    #expect(rig.answer(.open(flags: UInt32(O_RDWR | O_TRUNC))) == .failed(EIO))
  }

  // MARK: The rest

  @Test func whatNeedsNoNode() throws {
    let rig = try rig()
    #expect(rig.answer(.lookup) == .failed(ENOENT))
    #expect(rig.answer(.release) == .done)
    #expect(rig.answer(.unsupported) == .failed(ENOSYS))
    #expect(rig.answer(.initialize) == .failed(ENOSYS))
    #expect(rig.steps.isEmpty)
  }

  @Test func forgetHasNoReplyAndNoError() throws {
    let rig = try rig()
    #expect(rig.answer(.lookup) == .failed(ENOENT))
    #expect(rig.answer(.forget) == .silent)
    #expect(rig.slot.pointee.error == 0)
  }

  @Test func statfsTellsTheLengthInBlocks() throws {
    #expect(
      try rig().answer(.statfs)
        == .replied(body { Reply.fileSystem(length: 10_000, blockSize: 512, into: $0) }))
  }
}
