// FALLOCATE in every mode at every place, and LSEEK.

import Glibc
import Testing

@testable import ExportUnderTest

private let keep = AllocationMode.keepSize
private let punch = AllocationMode.punchHole
private let zero = AllocationMode.zeroRange

@Suite(.needsRing) struct HandlerAllocationTests {
  private let length: UInt64 = 65_536
  private let file: TemporaryFile
  private let pattern = TemporaryFile.pattern(65_536)

  init() throws { file = try TemporaryFile(length: 65_536) }

  private func rig(writable: Bool = true, growable: Bool = false, unmaps: Bool = false) throws -> RequestRig {
    var options = FileNodeOptions(filename: file.path, locking: .off)
    options.unmaps = unmaps
    return try RequestRig(.file(options), writable: writable, growable: growable)
  }

  /// The pattern with zeroes in `range`, as long as it or `range` says.
  private func zeroed(_ range: Range<Int>) -> [UInt8] {
    var bytes = pattern + zeroes(max(0, range.upperBound - pattern.count))
    bytes.replaceSubrange(range, with: zeroes(range.count))
    return bytes
  }

  // MARK: Refusals

  @Test(arguments: [0, keep, punch | keep, zero, zero | keep, 8]) func aReadOnlyExportRefusesAll(
    _ mode: Int32
  ) throws {
    #expect(try rig(writable: false).fallocate(mode, 0, 1) == .failed(EACCES))
  }

  @Test(arguments: [4, 8, 32, 64, 1 << 30, Int32.min, punch | zero, punch | zero | keep, 8 | keep])
  func otherModesAreNotSupported(_ mode: Int32) throws {
    let answer = try rig().answer(.fallocate(offset: 0, length: 1, mode: UInt32(bitPattern: mode)))
    #expect(answer == .failed(EOPNOTSUPP))
  }

  @Test func aPunchMustKeepTheSize() throws {
    #expect(try rig().fallocate(punch, 0, 4096) == .failed(EINVAL))
    #expect(file.bytes == pattern)
  }

  @Test(arguments: [0, keep, punch | keep, zero, zero | keep]) func rangesThatNoFileHas(_ mode: Int32) throws {
    let rig = try rig(growable: true)
    #expect(rig.fallocate(mode, 0, 0) == .failed(EINVAL))
    #expect(rig.fallocate(mode, UInt64(Int64.max), 1) == .failed(EFBIG))
    #expect(rig.fallocate(mode, 1, .max) == .failed(EFBIG))
    #expect(rig.fallocate(mode, .max, 1) == .failed(EFBIG))
    #expect(rig.steps.isEmpty && file.bytes == pattern)
  }

  // MARK: Mode 0

  @Test func allocationInsideIsNotSupported() throws {
    let rig = try rig(growable: true)
    #expect(rig.fallocate(0, 0, 4096) == .failed(EOPNOTSUPP))
    #expect(rig.fallocate(0, length - 1, 1) == .failed(EOPNOTSUPP))
    #expect(rig.fallocate(0, length - 1, 4096) == .failed(EOPNOTSUPP))
    #expect(rig.fallocate(keep, 0, 4096) == .failed(EOPNOTSUPP))
    #expect(rig.fallocate(keep, length - 1, 4096) == .failed(EOPNOTSUPP))
    #expect(rig.length == length)
  }

  @Test(arguments: [true, false]) func allocationAtTheEndExtends(_ growable: Bool) throws {
    let rig = try rig(growable: growable)
    let before = file.allocatedBytes
    #expect(rig.fallocate(0, length, 8192) == .done)
    #expect(rig.steps == [.allocate])
    #expect(rig.length == length + 8192)
    #expect(file.bytes == pattern + zeroes(8192))
    #expect(file.allocatedBytes >= before + 8192)
    #expect(rig.fallocate(0, length + 20_000, 4096) == .done)
    #expect(rig.length == length + 24_096)
    #expect(file.bytes == pattern + zeroes(24_096))
  }

  // MARK: KEEP_SIZE at or beyond the end

  @Test(arguments: [keep, punch | keep, zero | keep]) func nothingIsDoneBeyondTheEnd(_ mode: Int32) throws {
    let rig = try rig(growable: true)
    let before = file.allocatedBytes
    #expect(rig.fallocate(mode, length, 4096) == .done)
    #expect(rig.fallocate(mode, length + 1, 1 << 30) == .done)
    #expect(rig.steps.isEmpty)
    #expect(rig.length == length && file.allocatedBytes == before)
  }

  // MARK: PUNCH_HOLE and ZERO_RANGE

  @Test(arguments: [punch | keep, zero | keep, zero], [false, true])
  func aRangeInsideReadsAsZeroes(_ mode: Int32, _ unmaps: Bool) throws {
    let rig = try rig(unmaps: unmaps)
    #expect(rig.fallocate(mode, 4096, 8192) == .done)
    #expect(rig.length == length)
    #expect(file.bytes == zeroed(4096..<12_288))
    #expect(rig.fallocate(mode, 20_001, 5003) == .done)  // no multiple of a block
    #expect(Array(file.bytes[19_000..<26_000]) == Array(zeroed(20_001..<25_004)[19_000..<26_000]))
  }

  @Test func aPunchGivesBlocksBackOnlyWithUnmap() throws {
    let before = file.allocatedBytes
    #expect(try rig().fallocate(punch | keep, 0, 32_768) == .done)
    #expect(file.allocatedBytes == before)
    #expect(try rig(unmaps: true).fallocate(punch | keep, 0, 32_768) == .done)
    #expect(file.allocatedBytes <= before - 32_768)
    #expect(file.bytes == zeroed(0..<32_768))
  }

  @Test(arguments: [punch | keep, zero | keep], [false, true])
  func aRangeAcrossTheEndIsCut(_ mode: Int32, _ unmaps: Bool) throws {
    let rig = try rig(growable: true, unmaps: unmaps)
    #expect(rig.fallocate(mode, 65_000, 1 << 20) == .done)
    #expect(rig.length == length)
    #expect(file.bytes == zeroed(65_000..<65_536))
  }

  @Test(arguments: [true, false]) func zeroRangeExtends(_ growable: Bool) throws {
    let rig = try rig(growable: growable)
    #expect(rig.fallocate(zero, 65_000, 10_000) == .done)
    #expect(rig.steps == [.zeroExtending])
    #expect(rig.length == 75_000)
    #expect(file.bytes == zeroed(65_000..<75_000))
    #expect(rig.fallocate(zero, 80_000, 1000) == .done)
    #expect(rig.length == 81_000)
    #expect(file.bytes == zeroed(65_000..<81_000))
  }

  @Test func zeroRangeUpToTheEndDoesNotExtend() throws {
    let rig = try rig()
    #expect(rig.fallocate(zero, 65_000, 536) == .done)
    #expect(rig.steps == [.zero])
    #expect(rig.length == length)
  }

  @Test func aNodeOfFixedSizeCannotBeExtended() throws {
    let rig = try RequestRig(.null(size: 1 << 20, readZeroes: true, latency: 0, isReadOnly: false))
    #expect(rig.fallocate(0, 1 << 20, 1) == .failed(ENOTSUP))
    #expect(rig.fallocate(zero, 1 << 20, 1) == .failed(ENOTSUP))
    #expect(rig.fallocate(zero, 0, 1 << 20) == .done)
    #expect(rig.fallocate(punch | keep, 0, 1 << 30) == .done)
  }

  @Test(arguments: [EOPNOTSUPP, EIO, ENOSPC]) func aNodesErrorIsTheAnswer(_ code: Int32) throws {
    let rig = try rig(unmaps: true)
    rig.injected = [-code]
    #expect(rig.fallocate(punch | keep, 0, 4096) == .failed(code))
  }

  // MARK: LSEEK

  private func seek(_ rig: RequestRig, _ offset: UInt64, _ whence: Int32) -> Answer {
    rig.answer(.lseek(offset: offset, whence: UInt32(bitPattern: whence)))
  }

  @Test func dataAndHolesComeFromTheImage() throws {
    let rig = try rig(unmaps: true)
    #expect(rig.fallocate(punch | keep, 16_384, 16_384) == .done)
    #expect(seek(rig, 0, SeekOrigin.data) == .position(0))
    #expect(seek(rig, 0, SeekOrigin.hole) == .position(16_384))
    #expect(seek(rig, 20_000, SeekOrigin.data) == .position(32_768))
    #expect(seek(rig, 20_000, SeekOrigin.hole) == .position(20_000))
    #expect(seek(rig, 40_000, SeekOrigin.hole) == .position(length))
  }

  @Test func seeksAtTheEnd() throws {
    let rig = try rig(unmaps: true)
    #expect(seek(rig, length, SeekOrigin.hole) == .position(length))
    #expect(seek(rig, length, SeekOrigin.data) == .failed(ENXIO))
    #expect(seek(rig, length + 1, SeekOrigin.hole) == .failed(ENXIO))
    #expect(seek(rig, .max, SeekOrigin.data) == .failed(ENXIO))
    #expect(rig.fallocate(punch | keep, 32_768, 32_768) == .done)
    #expect(seek(rig, 32_768, SeekOrigin.data) == .failed(ENXIO))
  }

  @Test(arguments: [0, 1, 2, 5, -1]) func otherOriginsAreRefused(_ whence: Int32) throws {
    #expect(try seek(rig(), 0, whence) == .failed(EINVAL))
  }

  @Test func aNullNodeIsAllDataOrAllHole() throws {
    let data = try RequestRig(.null(size: 4096, readZeroes: false, latency: 0, isReadOnly: false))
    #expect(seek(data, 7, SeekOrigin.data) == .position(7))
    #expect(seek(data, 7, SeekOrigin.hole) == .position(4096))
    let hole = try RequestRig(.null(size: 4096, readZeroes: true, latency: 0, isReadOnly: false))
    #expect(seek(hole, 7, SeekOrigin.data) == .failed(ENXIO))
    #expect(seek(hole, 7, SeekOrigin.hole) == .position(7))
  }
}
