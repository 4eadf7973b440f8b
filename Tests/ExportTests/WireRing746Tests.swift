// FUSE over io_uring as minor 46 of the protocol has it: pools of buffers, zero copy, queues added one by one. By bytes
// only: the kernel that this was written on offers minor 45, and no kernel that has them has run it (docs/init.md).

import CFuseKernel
import Testing

@testable import ExportUnderTest

@Suite struct WireRing746Tests {
  /// What makes the rest of this file apply: the kernel's own offer, never its version.
  @Test func poolsAreProbedForInTheOffer() throws {
    func offers(_ flags2: UInt32) throws -> Bool {
      let words = LoopRig.halves([7, 46, 131_072, 0x73FF_FFFB, flags2]) + [UInt8](repeating: 0, count: 44)
      let bytes = LoopRig.request(26, unique: 2, words)
      let request = bytes.withUnsafeBytes { raw in (try? DeviceFrame.parse(raw)).flatMap { InitRequest($0) } }
      return try #require(request).offered.contains(.hasIOUringBufferPools)
    }
    #expect(try offers(0x0000_0FFD) == true)
    #expect(try offers(0x0000_07FD) == false)
  }

  @Test func commandsHaveTheKernelsNumbers() {
    #expect(RingCommand(rawValue: 3) == .addQueue && RingCommand(rawValue: 4) == .addBufferPool)
    #expect(RingQueueFlags.zeroCopy.rawValue == 1 && RingEntryFlags.zeroCopy.rawValue == 1)
    #expect(OpenReplyFlags.ringZeroCopy.rawValue == 256)
  }

  @Test func theCommandAreaOfANewQueue() {
    let area = fuse_uring_cmd_req(queue: 5, flags: .zeroCopy)
    #expect(
      bytes(area)
        == hex(
          """
          0100000000000000 0000000000000000   # flags: zero copy, commit_id
          0500 000000000000                   # qid, padding
          0000000000000000 00000000 00000000  # nothing of a pool
          """))
  }

  @Test func theCommandAreaOfAPool() {
    let area = fuse_uring_cmd_req(queue: 5, pool: UnsafeRawPointer(bitPattern: 0x7F00_1234_5000)!, length: 0x40_0000)
    #expect(
      bytes(area)
        == hex(
          """
          0000000000000000 0000000000000000   # flags, which must be 0, commit_id
          0500 000000000000                   # qid, padding
          0050341200 7f0000 00004000 00000000 # uaddr, len, reserved
          """))
  }

  @Test func theCommandAreaOfAnEntryWithZeroCopy() {
    let area = fuse_uring_cmd_req(queue: 2, bufferIndex: 9)
    #expect(
      bytes(area)
        == hex(
          """
          0000000000000000 0000000000000000   # flags, commit_id
          0200 000000000000                   # qid, padding
          0900 000000000000 0000000000000000  # ent_zero_copy_buf_index
          """))
  }

  /// A WRITE of 100 bytes whose data lies in a pool at 1 MiB; `pool` is how large the kernel was told that it is.
  private func payload(offset: UInt32, size: UInt32, pool: Int, flags: UInt64 = 0) throws -> Range<Int>? {
    var block = [UInt8](repeating: 0, count: RingFrame.size)
    block.replaceSubrange(0..<40, with: LoopRig.request(16, unique: 6, length: 40))
    let words = LoopRig.words([flags, 6]) + LoopRig.halves([size, offset]) + LoopRig.words([0])
    block.replaceSubrange(256..<288, with: words)
    return try block.withUnsafeBytes { try RingFrame.poolPayload($0.baseAddress!, pool: pool) }
  }

  @Test func aPayloadLiesWhereTheEntrySays() throws {
    #expect(try payload(offset: 1 << 20, size: 100, pool: 4 << 20) == (1 << 20)..<((1 << 20) + 100))
    #expect(try payload(offset: 0, size: 0, pool: 4 << 20) == 0..<0)
  }

  /// Only the ends of a request that is not copied lie in the pool.
  @Test func aZeroCopyPayloadIsNotInThePool() throws {
    #expect(try payload(offset: 1 << 20, size: 100, pool: 4 << 20, flags: 1) == nil)
  }

  @Test(
    arguments: [
      (4 << 20, 1, 4 << 20), (UInt32.max, UInt32.max, 4 << 20), (0, UInt32.max, 4 << 20), (0, 1, 0), (4095, 2, 4096),
    ] as [(UInt32, UInt32, Int)])
  func aPayloadBeyondThePoolIsRefused(_ offset: UInt32, _ size: UInt32, _ pool: Int) {
    #expect(throws: RingFrame.FrameError.self) { try payload(offset: offset, size: size, pool: pool) }
  }

  /// A queue that has not asked for zero copy must not take what it has not got for data.
  @Test func zeroCopyUnaskedIsRefused() {
    var block = [UInt8](repeating: 0, count: RingFrame.size)
    block.replaceSubrange(0..<40, with: LoopRig.request(16, unique: 6, length: 180))
    block.replaceSubrange(256..<288, with: LoopRig.words([1, 6]) + LoopRig.halves([100, 0]) + LoopRig.words([0]))
    #expect(throws: RingFrame.FrameError.noPayload) {
      try block.withUnsafeBytes { try RingFrame.parse($0.baseAddress!, room: 8192).commitID }
    }
  }

  /// Without a pool the field is padding, whatever stands there.
  @Test func withoutAPoolTheOffsetIsNotRead() throws {
    var block = [UInt8](repeating: 0, count: RingFrame.size)
    block.replaceSubrange(0..<40, with: LoopRig.request(17, unique: 6))
    block.replaceSubrange(
      256..<288, with: LoopRig.words([0, 6]) + LoopRig.halves([0, UInt32.max]) + LoopRig.words([0]))
    let (view, id) = try block.withUnsafeBytes { try RingFrame.parse($0.baseAddress!, room: 8192) }
    #expect(id == 6 && view.payloadLength == 0)
  }

  private func bytes<T>(_ value: T) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}
