// Offsets, sizes and modes at the ends of what 64 and 32 bits can say, on every kind of node: an errno, and no trap.

import Foundation
import Glibc
import Testing

@testable import ExportUnderTest

@Suite struct HandlerExtremeTests {
  private static let offsets: [UInt64] = [
    0, 1, 4095, 4096, 65_536, 1 << 20, 1 << 31, 1 << 32, 1 << 62, (1 << 63) - 4096, (1 << 63) - 2, (1 << 63) - 1,
    1 << 63, (1 << 63) + 1, .max - 4096, .max - 1, .max,
  ]
  private static let sizes: [UInt32] = [0, 1, 511, 4096, 1 << 20, (1 << 20) + 1, 1 << 31, .max]
  /// Those that FUSE lets through, and some that it does not.
  private static let modes: [Int32] = [0, 1, 2, 3, 16, 17, 18, 8, 32, 64, .max, .min, -1]

  /// A window that begins at the end of what a file can be, windows on files, direct or not, and filters.
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    case null, lastWindow, file, window, fixedWindow, direct, filtered
    var testDescription: String { rawValue }
  }

  private let file: TemporaryFile

  init() throws {
    file = try TemporaryFile(length: 1 << 16, in: TestMachine.directDirectory ?? NSTemporaryDirectory())
  }

  private func node(_ kind: Kind) throws -> Node {
    let huge = Node.null(size: UInt64(Int64.max), readZeroes: true, latency: 0, isReadOnly: false)
    var options = FileNodeOptions(filename: ByteText(file.path))
    switch kind {
    case .null: return huge
    case .lastWindow: return try .raw(huge, offset: UInt64(Int64.max) - 10, size: nil, isReadOnly: false)
    case .file: return try .file(options)
    case .window: return try .raw(.file(options), offset: 5000, size: nil, isReadOnly: false)
    case .fixedWindow: return try .raw(.file(options), offset: 5000, size: 10_000, isReadOnly: false)
    case .direct:
      options.isDirect = true
      return try .raw(.file(options), offset: 512, size: nil, isReadOnly: false)
    case .filtered:
      let rules = [
        RuleSettings(kind: .discard, sector: UInt64(Int64.max / 512)), RuleSettings(kind: .writeZeroes, sector: 0),
      ]
      let window = try Node.raw(.file(options), offset: 5000, size: 10_000, isReadOnly: false)
      return Node(filtering: Node(filtering: window, rules: rules, isReadOnly: false), latency: 1, isReadOnly: false)
    }
  }

  private static let cases = Kind.allCases.flatMap { kind in eventLoops.map { (kind, $0) } }

  @Test(arguments: cases) func everyAnswerIsOne(_ kind: Kind, _ loop: EventLoopChoice) throws {
    guard kind != .direct || TestMachine.directDirectory != nil else { return }
    for growable in [false, true] {
      let rig = try RequestRig(try node(kind), growable: growable, allowsOthers: true, loop: loop)
      for offset in Self.offsets {
        transfer(rig, at: offset)
        allocate(rig, at: offset)
        for whence in [0, 3, 4, UInt32.max] { check(rig, .lseek(offset: offset, whence: whence)) }
      }
      for size in Self.offsets where size <= 1 << 20 || size >= 1 << 62 {
        for valid in [AttributeBits.size, [.size, .fileHandle, .lockOwner], AttributeBits(rawValue: .max)] {
          check(rig, .setAttributes(AttributeChange(valid: valid, size: size, mode: .max, uid: .max, gid: .max)))
        }
      }
      for operation in [ExportUnderTest.Operation.getAttributes, .statfs, .open(flags: .max)] { check(rig, operation) }
    }
  }

  private func transfer(_ rig: RequestRig, at offset: UInt64) {
    for size in Self.sizes {
      check(rig, .read(offset: offset, size: size))
      // What would fill the disk is not written; what ends beyond the largest file is.
      guard offset <= 1 << 20 || offset >= 1 << 62 else { continue }
      check(rig, .write(offset: offset, size: size, flags: size == 1 ? UInt32(O_DSYNC) : 0))
    }
  }

  private func allocate(_ rig: RequestRig, at offset: UInt64) {
    for mode in Self.modes {
      for length in Self.offsets where length <= 1 << 20 || length >= 1 << 62 {
        guard offset <= 1 << 20 || offset >= 1 << 62, length <= 1 << 20 || mode & 1 != 0 || offset >= 1 << 62 else {
          continue
        }
        check(rig, .fallocate(offset: offset, length: length, mode: UInt32(bitPattern: mode)))
      }
    }
  }

  private func check(_ rig: RequestRig, _ operation: ExportUnderTest.Operation) {
    if case .failed(let code) = rig.answer(operation) { #expect(code > 0 && code < 512, "\(operation): errno \(code)") }
    // Some file systems take a file of 2^62 bytes, which nobody wants to see zeroed.
    if rig.view.canResize, rig.length > 1 << 24 { _ = rig.change(.size, size: 1 << 16) }
  }

  /// A window's end may lie beyond what a file's length can say: its size plus where it begins.
  @Test(arguments: eventLoops) func aLengthBeyondTheLargestFileIsRefused(_ loop: EventLoopChoice) throws {
    let rig = try RequestRig(node(.window), growable: true, loop: loop)
    #expect(rig.change(.size, size: UInt64(Int64.max)) == .failed(EFBIG))
    #expect(rig.change(.size, size: UInt64(Int64.max) - 4999) == .failed(EFBIG))
    #expect(rig.fallocate(16, UInt64(Int64.max) - 10, 10) == .failed(EFBIG))
    #expect(rig.answer(.write(offset: UInt64(Int64.max) - 10, size: 10, flags: 0)) == .failed(EFBIG))
    #expect(file.bytes.count == 1 << 16)
  }

  /// The longest latency that an option can say is a wait, and no sum that overflows.
  @Test(arguments: eventLoops) func theLongestLatencyWaits(_ loop: EventLoopChoice) throws {
    let null = Node.null(size: 1 << 20, readZeroes: true, latency: UInt64(Int64.max), isReadOnly: false)
    let twice = Node(
      filtering: Node(filtering: null, latency: UInt64(Int64.max), isReadOnly: false), latency: UInt64(Int64.max),
      isReadOnly: false)
    for node in [null, twice] {
      let rig = try RequestRig(node, loop: loop)
      #expect(rig.begin(.read, 0, 512) == .pending)
      #expect(rig.poll() == .pending)
    }
  }

  // MARK: What is sent again

  /// The process before may have carried it out; its client has got no answer yet.
  @Test func whatIsSentAgainMayBeDoneAlready() throws {
    let rig = try RequestRig(node(.file), growable: true)
    #expect(rig.fallocate(0, 1 << 16, 4096) == .done)
    #expect(rig.fallocate(0, 1 << 16, 4096) == .failed(EOPNOTSUPP))
    rig.slot.pointee.unique = 6 | RequestHeader.resendBit
    #expect(rig.fallocate(0, 1 << 16, 4096) == .done)
    #expect(rig.length == (1 << 16) + 4096)
    // Only as far as it can have come: the rest is inside what was there before.
    #expect(rig.fallocate(0, 1 << 16, 8192) == .failed(EOPNOTSUPP))
  }

  @Test func aReleaseThatIsSentAgainIsNotCountedTwice() throws {
    let rig = try RequestRig(node(.file))
    _ = rig.answer(.open(flags: 0))
    #expect(rig.opened == 1)
    rig.slot.pointee.unique = 6 | RequestHeader.resendBit
    #expect(rig.answer(.release) == .done && rig.opened == 1)
    rig.slot.pointee.unique = 8
    #expect(rig.answer(.release) == .done && rig.opened == 0)
  }

  /// A connection's last request closes no file.
  @Test func destroyIsNoRelease() throws {
    let rig = try RequestRig(node(.file))
    _ = rig.answer(.open(flags: 0))
    #expect(rig.answer(.destroy) == .done && rig.opened == 1)
  }
}
