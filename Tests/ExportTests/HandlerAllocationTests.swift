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

  private func bench(writable: Bool = true, growable: Bool = false, unmaps: Bool = false) throws -> Bench {
    var options = FileNodeOptions(filename: file.path, locking: .off)
    options.unmaps = unmaps
    return try Bench(.file(options), writable: writable, growable: growable)
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
    #expect(try bench(writable: false).fallocate(mode, 0, 1) == .failed(EACCES))
  }

  @Test(arguments: [4, 8, 32, 64, 1 << 30, Int32.min, punch | zero, punch | zero | keep, 8 | keep])
  func otherModesAreNotSupported(_ mode: Int32) throws {
    let answer = try bench().answer(.fallocate(offset: 0, length: 1, mode: UInt32(bitPattern: mode)))
    #expect(answer == .failed(EOPNOTSUPP))
  }

  @Test func aPunchMustKeepTheSize() throws {
    #expect(try bench().fallocate(punch, 0, 4096) == .failed(EINVAL))
    #expect(file.bytes == pattern)
  }

  @Test(arguments: [0, keep, punch | keep, zero, zero | keep]) func rangesThatNoFileHas(_ mode: Int32) throws {
    let bench = try bench(growable: true)
    #expect(bench.fallocate(mode, 0, 0) == .failed(EINVAL))
    #expect(bench.fallocate(mode, UInt64(Int64.max), 1) == .failed(EFBIG))
    #expect(bench.fallocate(mode, 1, .max) == .failed(EFBIG))
    #expect(bench.fallocate(mode, .max, 1) == .failed(EFBIG))
    #expect(bench.steps.isEmpty && file.bytes == pattern)
  }

  // MARK: Mode 0

  @Test func allocationInsideIsNotSupported() throws {
    let bench = try bench(growable: true)
    #expect(bench.fallocate(0, 0, 4096) == .failed(EOPNOTSUPP))
    #expect(bench.fallocate(0, length - 1, 1) == .failed(EOPNOTSUPP))
    #expect(bench.fallocate(0, length - 1, 4096) == .failed(EOPNOTSUPP))
    #expect(bench.fallocate(keep, 0, 4096) == .failed(EOPNOTSUPP))
    #expect(bench.fallocate(keep, length - 1, 4096) == .failed(EOPNOTSUPP))
    #expect(bench.length == length)
  }

  @Test(arguments: [true, false]) func allocationAtTheEndExtends(_ growable: Bool) throws {
    let bench = try bench(growable: growable)
    let before = file.allocatedBytes
    #expect(bench.fallocate(0, length, 8192) == .done)
    #expect(bench.steps == [.allocate])
    #expect(bench.length == length + 8192)
    #expect(file.bytes == pattern + zeroes(8192))
    #expect(file.allocatedBytes >= before + 8192)
    #expect(bench.fallocate(0, length + 20_000, 4096) == .done)
    #expect(bench.length == length + 24_096)
    #expect(file.bytes == pattern + zeroes(24_096))
  }

  // MARK: KEEP_SIZE at or beyond the end

  @Test(arguments: [keep, punch | keep, zero | keep]) func nothingIsDoneBeyondTheEnd(_ mode: Int32) throws {
    let bench = try bench(growable: true)
    let before = file.allocatedBytes
    #expect(bench.fallocate(mode, length, 4096) == .done)
    #expect(bench.fallocate(mode, length + 1, 1 << 30) == .done)
    #expect(bench.steps.isEmpty)
    #expect(bench.length == length && file.allocatedBytes == before)
  }

  // MARK: PUNCH_HOLE and ZERO_RANGE

  @Test(arguments: [punch | keep, zero | keep, zero], [false, true])
  func aRangeInsideReadsAsZeroes(_ mode: Int32, _ unmaps: Bool) throws {
    let bench = try bench(unmaps: unmaps)
    #expect(bench.fallocate(mode, 4096, 8192) == .done)
    #expect(bench.length == length)
    #expect(file.bytes == zeroed(4096..<12_288))
    #expect(bench.fallocate(mode, 20_001, 5003) == .done)  // no multiple of a block
    #expect(Array(file.bytes[19_000..<26_000]) == Array(zeroed(20_001..<25_004)[19_000..<26_000]))
  }

  @Test func aPunchGivesBlocksBackOnlyWithUnmap() throws {
    let before = file.allocatedBytes
    #expect(try bench().fallocate(punch | keep, 0, 32_768) == .done)
    #expect(file.allocatedBytes == before)
    #expect(try bench(unmaps: true).fallocate(punch | keep, 0, 32_768) == .done)
    #expect(file.allocatedBytes <= before - 32_768)
    #expect(file.bytes == zeroed(0..<32_768))
  }

  @Test(arguments: [punch | keep, zero | keep], [false, true])
  func aRangeAcrossTheEndIsCut(_ mode: Int32, _ unmaps: Bool) throws {
    let bench = try bench(growable: true, unmaps: unmaps)
    #expect(bench.fallocate(mode, 65_000, 1 << 20) == .done)
    #expect(bench.length == length)
    #expect(file.bytes == zeroed(65_000..<65_536))
  }

  @Test(arguments: [true, false]) func zeroRangeExtends(_ growable: Bool) throws {
    let bench = try bench(growable: growable)
    #expect(bench.fallocate(zero, 65_000, 10_000) == .done)
    #expect(bench.steps == [.zeroExtending])
    #expect(bench.length == 75_000)
    #expect(file.bytes == zeroed(65_000..<75_000))
    #expect(bench.fallocate(zero, 80_000, 1000) == .done)
    #expect(bench.length == 81_000)
    #expect(file.bytes == zeroed(65_000..<81_000))
  }

  @Test func zeroRangeUpToTheEndDoesNotExtend() throws {
    let bench = try bench()
    #expect(bench.fallocate(zero, 65_000, 536) == .done)
    #expect(bench.steps == [.zero])
    #expect(bench.length == length)
  }

  @Test func aNodeOfFixedSizeCannotBeExtended() throws {
    let bench = try Bench(.null(size: 1 << 20, readZeroes: true, latency: 0, isReadOnly: false))
    #expect(bench.fallocate(0, 1 << 20, 1) == .failed(ENOTSUP))
    #expect(bench.fallocate(zero, 1 << 20, 1) == .failed(ENOTSUP))
    #expect(bench.fallocate(zero, 0, 1 << 20) == .done)
    #expect(bench.fallocate(punch | keep, 0, 1 << 30) == .done)
  }

  @Test(arguments: [EOPNOTSUPP, EIO, ENOSPC]) func aNodesErrorIsTheAnswer(_ code: Int32) throws {
    let bench = try bench(unmaps: true)
    bench.injected = [-code]
    #expect(bench.fallocate(punch | keep, 0, 4096) == .failed(code))
  }

  // MARK: LSEEK

  private func seek(_ bench: Bench, _ offset: UInt64, _ whence: Int32) -> Answer {
    bench.answer(.lseek(offset: offset, whence: UInt32(bitPattern: whence)))
  }

  @Test func dataAndHolesComeFromTheImage() throws {
    let bench = try bench(unmaps: true)
    #expect(bench.fallocate(punch | keep, 16_384, 16_384) == .done)
    #expect(seek(bench, 0, SeekOrigin.data) == .position(0))
    #expect(seek(bench, 0, SeekOrigin.hole) == .position(16_384))
    #expect(seek(bench, 20_000, SeekOrigin.data) == .position(32_768))
    #expect(seek(bench, 20_000, SeekOrigin.hole) == .position(20_000))
    #expect(seek(bench, 40_000, SeekOrigin.hole) == .position(length))
  }

  @Test func seeksAtTheEnd() throws {
    let bench = try bench(unmaps: true)
    #expect(seek(bench, length, SeekOrigin.hole) == .position(length))
    #expect(seek(bench, length, SeekOrigin.data) == .failed(ENXIO))
    #expect(seek(bench, length + 1, SeekOrigin.hole) == .failed(ENXIO))
    #expect(seek(bench, .max, SeekOrigin.data) == .failed(ENXIO))
    #expect(bench.fallocate(punch | keep, 32_768, 32_768) == .done)
    #expect(seek(bench, 32_768, SeekOrigin.data) == .failed(ENXIO))
  }

  @Test(arguments: [0, 1, 2, 5, -1]) func otherOriginsAreRefused(_ whence: Int32) throws {
    #expect(try seek(bench(), 0, whence) == .failed(EINVAL))
  }

  @Test func aNullNodeIsAllDataOrAllHole() throws {
    let data = try Bench(.null(size: 4096, readZeroes: false, latency: 0, isReadOnly: false))
    #expect(seek(data, 7, SeekOrigin.data) == .position(7))
    #expect(seek(data, 7, SeekOrigin.hole) == .position(4096))
    let hole = try Bench(.null(size: 4096, readZeroes: true, latency: 0, isReadOnly: false))
    #expect(seek(hole, 7, SeekOrigin.data) == .failed(ENXIO))
    #expect(seek(hole, 7, SeekOrigin.hole) == .position(7))
  }
}
