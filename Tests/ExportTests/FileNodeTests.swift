// file nodes: any offset and any length, cached and direct, against an array that does the same.

import CLinux
import Glibc
import Testing

@testable import ExportUnderTest

/// How a file node is opened in a test.
struct FileVariant: CustomTestStringConvertible {
  let isDirect: Bool
  let unmaps: Bool

  var testDescription: String { (isDirect ? "direct" : "cached") + (unmaps ? ", unmap" : "") }

  static let all = [false, true].flatMap { direct in
    [false, true].map { FileVariant(isDirect: direct, unmaps: $0) }
  }

  func node(_ file: TemporaryFile, locking: FileNodeOptions.Locking = .off) throws -> Node {
    var options = FileNodeOptions(filename: file.path, locking: locking)
    options.isDirect = isDirect
    options.unmaps = unmaps
    return try .file(options)
  }
}

@Suite(.needsRing, .needsDirect) struct FileNodeTests {
  private func file(_ length: Int) throws -> TemporaryFile {
    try TemporaryFile(length: length, in: TestMachine.directDirectory!)
  }

  @Test func aDirectNodeHasAnAlignment() throws {
    let direct = try FileVariant(isDirect: true, unmaps: false).node(file(4096))
    let buffered = try FileVariant(isDirect: false, unmaps: false).node(file(4096))
    // A view does not keep its node alive.
    withExtendedLifetime((direct, buffered)) {
      #expect(direct.view.alignment >= 512 && direct.view.alignment <= 4096)
      #expect(buffered.view.alignment == 1)
    }
  }

  /// Random operations of every kind, on the node and on an array; both must agree after each.
  @Test(arguments: FileVariant.all, [1, 2, 3] as [UInt64])
  func theNodeDoesWhatAnArrayDoes(_ variant: FileVariant, _ seed: UInt64) throws {
    var random = Seeded(seed)
    let file = try file(70_001)
    var model = file.bytes
    let rig = try RequestRig(variant.node(file), growable: true)
    let block = Int(max(512, rig.view.alignment))
    for step in 0..<120 {
      let (offset, length) = place(in: model.count, block, &random)
      let range = offset..<(offset + length)
      switch UInt32.random(in: 0..<10, using: &random) {
      case 0...4:
        let bytes = (0..<length).map { _ in UInt8.random(in: 1...255, using: &random) }
        #expect(rig.write(UInt64(offset), bytes) == (length == 0 ? .wrote(0) : .wrote(UInt32(length))))
        if length > 0 { grow(&model, to: range.upperBound) }
        if length > 0 { model.replaceSubrange(range, with: bytes) }
      case 5:
        clear(
          &model, range,
          rig.fallocate(AllocationMode.punchHole | AllocationMode.keepSize, UInt64(offset), UInt64(length)))
      case 6:
        clear(
          &model, range,
          rig.fallocate(AllocationMode.zeroRange | AllocationMode.keepSize, UInt64(offset), UInt64(length)))
      case 7 where length > 0:
        #expect(rig.fallocate(AllocationMode.zeroRange, UInt64(offset), UInt64(length)) == .done)
        grow(&model, to: range.upperBound)
        clear(&model, range, .done)
      case 8 where step % 4 == 0:
        #expect(
          rig.change(AttributeBits.size, size: UInt64(range.upperBound)).attributes?.size
            == UInt64(range.upperBound))
        grow(&model, to: range.upperBound)
        model.removeLast(model.count - range.upperBound)
      default:
        #expect(
          rig.read(UInt64(offset), UInt32(length))
            == .replied(Array(model.dropFirst(offset).prefix(length))))
      }
      #expect(rig.length == UInt64(model.count))
    }
    #expect(file.bytes == model)
    #expect(rig.read(0, 1 << 20) == .replied(model))
  }

  /// An offset and a length, near block edges and the end more often than chance would have it.
  private func place(in count: Int, _ block: Int, _ random: inout Seeded) -> (Int, Int) {
    func near(_ limit: Int) -> Int {
      let any = Int.random(in: 0...max(1, limit), using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: return any / block * block
      case 1: return max(0, any / block * block + Int.random(in: -1...1, using: &random))
      case 2: return max(0, limit + Int.random(in: -block...1, using: &random))
      default: return any
      }
    }
    let offset = near(min(count, 90_000))
    return (offset, near(Int.random(in: 0..<3, using: &random) == 0 ? block : 10_000))
  }

  private func grow(_ model: inout [UInt8], to count: Int) {
    if count > model.count { model += zeroes(count - model.count) }
  }

  private func clear(_ model: inout [UInt8], _ range: Range<Int>, _ answer: Answer) {
    // A range of no bytes is refused, as fallocate(2) does.
    #expect(answer == (range.isEmpty ? .failed(EINVAL) : .done))
    let inside = range.clamped(to: 0..<model.count)
    model.replaceSubrange(inside, with: zeroes(inside.count))
  }

  /// Every kind of edge of a read-modify-write: offsets and lengths around a block, from file start to its tail.
  @Test(arguments: [16_384, 16_384 + 100, 700]) func unalignedWritesTouchNothingElse(_ size: Int) throws {
    let file = try file(size)
    let variant = FileVariant(isDirect: true, unmaps: false)
    let rig = try RequestRig(variant.node(file))
    let block = Int(rig.view.alignment)
    var model = file.bytes
    var value: UInt8 = 1
    let starts = [0, 1, block - 1, block, block + 1, 2 * block - 1, size - block - 1, size - 2, size - 1]
    for offset in Set(starts.filter { $0 >= 0 && $0 < size }) {
      for length in [1, 2, block - 1, block, block + 1, 2 * block, 2 * block + 2, size]
      where offset + length <= size {
        value = value % 250 + 1
        let bytes = [UInt8](repeating: value, count: length)
        #expect(rig.write(UInt64(offset), bytes) == .wrote(UInt32(length)), "\(length) bytes at \(offset)")
        model.replaceSubrange(offset..<(offset + length), with: bytes)
        #expect(rig.read(0, UInt32(size)) == .replied(model), "\(length) bytes at \(offset)")
      }
    }
    #expect(file.bytes == model)
  }

  @Test(arguments: [1, 511, 512, 513, 4095, 4097, 10_001]) func readsAtTheTail(_ size: Int) throws {
    let file = try file(size)
    let bytes = file.bytes
    let rig = try RequestRig(FileVariant(isDirect: true, unmaps: false).node(file))
    for offset in [0, size / 2, max(0, size - 513), max(0, size - 512), size - 1] {
      #expect(
        rig.read(UInt64(offset), 4096) == .replied(Array(bytes[offset...].prefix(4096))), "at \(offset)")
    }
  }

  @Test func anUnalignedWriteThatFailsToReadItsBlockFails() throws {
    let file = try file(16_384)
    let rig = try RequestRig(FileVariant(isDirect: true, unmaps: false).node(file))
    // The image is cut behind the node's back: the block that the write lies in is gone.
    #expect(truncate(file.path, 0) == 0)
    #expect(rig.write(8192 + 5, [1]) == .failed(EIO))
    // And the next request is not kept out by what this one held.
    #expect(rig.change(AttributeBits.size, size: 4096).attributes?.size == 4096)
    #expect(rig.write(5, [1]) == .wrote(1))
  }

  /// Two serving threads, each with a write of some bytes of one block: the second waits for the first.
  @Test(arguments: [16_384, 16_384 + 100]) func overlappingWritersLoseNothing(_ size: Int) throws {
    let file = try file(size)
    var model = file.bytes
    let node = try FileVariant(isDirect: true, unmaps: false).node(file)
    let (first, second) = (try RequestRig(node), try RequestRig(node))
    var random = Seeded(7)
    for turn in 0..<40 {
      let near = [0, 8192, size - 300].randomElement(using: &random)!
      let ranges = (0..<2).map { _ in
        let start = near + Int.random(in: 0..<200, using: &random)
        return start..<(start + Int.random(in: 1...100, using: &random))
      }
      for (index, rig) in [first, second].enumerated() {
        memset(rig.payload, Int32(1 + (2 * turn + index) % 250), ranges[index].count)
      }
      var progress = first.begin(.write, UInt64(ranges[0].lowerBound), UInt64(ranges[0].count))
      #expect(progress == .pending)
      #expect(second.begin(.write, UInt64(ranges[1].lowerBound), UInt64(ranges[1].count)) == .blocked)
      while progress == .pending { progress = first.step() }
      #expect(progress == .done(Int32(ranges[0].count)))
      #expect(second.run(.write, UInt64(ranges[1].lowerBound), UInt64(ranges[1].count)) == Int32(ranges[1].count))
      for (index, range) in ranges.enumerated() {
        model.replaceSubrange(range, with: [UInt8](repeating: UInt8(1 + (2 * turn + index) % 250), count: range.count))
      }
      #expect(file.bytes == model)
    }
  }

  @Test func aHeldRegionPutsAWriteAside() throws {
    let file = try file(16_384)
    let rig = try RequestRig(FileVariant(isDirect: true, unmaps: false).node(file))
    let leaf = rig.view.leaf
    let held = leaf.pointee.locks.acquire(1, exclusive: true)
    #expect(held)
    #expect(rig.begin(.write, 0, 4096) == .blocked)
    #expect(rig.begin(.write, 1, 1) == .blocked)
    #expect(rig.begin(.truncate, 8192) == .blocked)
    #expect(rig.read(1, 1) == .replied([file.bytes[1]]))  // reads hold nothing
    leaf.pointee.locks.release(1, exclusive: true)
    #expect(rig.run(.write, 1, 1) == 1)
    #expect(rig.run(.truncate, 8192) == 0)
  }

  // MARK: Opening

  private func failure(_ options: FileNodeOptions) -> String? {
    do {
      _ = try Node.file(options)
      return nil
    } catch { return "\(error)" }
  }

  @Test func whatCannotBeOpenedIsNamed() {
    #expect(
      failure(FileNodeOptions(filename: "/nonexistent/disk.img"))
        == "Could not open '/nonexistent/disk.img': No such file or directory")
    #expect(failure(FileNodeOptions(filename: "/")) == "'/' is neither a regular file nor a block device")
  }

  @Test func aWriterLockedByOthersIsRefused() throws {
    let file = try file(4096)
    let other = clinux_open(file.path, .writable)
    defer { close(other) }
    // Byte 201: "nobody else may write", as qemu's own tools hold it.
    #expect(clinux_lock_shared(other, 201) == 0)
    #expect(
      failure(FileNodeOptions(filename: file.path))
        == "Failed to get \"write\" lock: is another process using the image [\(file.path)]?")
    #expect(failure(FileNodeOptions(filename: file.path, isReadOnly: true)) == nil)
    #expect(failure(FileNodeOptions(filename: file.path, locking: .off)) == nil)
  }
}
