// Replies as bytes: every kind of body, and the headers of both transports.

import Glibc
import Testing

@testable import ExportUnderTest

@Suite struct WireReplyTests {
  @Test func theHeaderCountsItself() {
    let bytes = body {
      Reply.header(at: $0, unique: 0x0102, error: 0, length: 8); return Reply.headerSize
    }
    #expect(
      bytes
        == hex(
          """
          18000000            # len 24
          00000000            # error
          0201000000000000    # unique
          """))
  }

  @Test func anErrorIsNegativeAndAlone() {
    let bytes = body {
      Reply.header(at: $0, unique: 4, error: -ENOSPC, length: 0); return Reply.headerSize
    }
    #expect(
      bytes
        == hex(
          """
          10000000            # len 16
          e4ffffff            # error -28
          0400000000000000    # unique
          """))
  }

  @Test func attributesThatMayNotBeKeptAreValidForNoTime() {
    let time = timespec(tv_sec: 1, tv_nsec: 0)
    var file = FileAttributes(
      size: 1, blocks: 1, mode: 0o100600, uid: 0, gid: 0, blockSize: 512,
      times: FileTimes(access: time, modification: time, change: time))
    #expect(body { Reply.attributes(file, into: $0) }.first == 1)
    file.mayBeKept = false
    #expect(body { Reply.attributes(file, into: $0) }.prefix(8).allSatisfy { $0 == 0 })
  }

  @Test func attributes() {
    let file = FileAttributes(
      size: 0x10_0000, blocks: 2048, mode: 0o100600, uid: 1000, gid: 1001, blockSize: 4096,
      times: FileTimes(
        access: timespec(tv_sec: 0x65, tv_nsec: 1), modification: timespec(tv_sec: -2, tv_nsec: 2),
        change: timespec(tv_sec: 0x67, tv_nsec: 0x3B9A_C9FF)))
    #expect(
      body { Reply.attributes(file, into: $0) }
        == hex(
          """
          0100000000000000            # attr_valid: 1 s
          00000000 00000000           # attr_valid_nsec, dummy
          0100000000000000            # ino 1
          0000100000000000            # size 1 MiB
          0008000000000000            # blocks 2048
          6500000000000000            # atime
          feffffffffffffff            # mtime, before 1970
          6700000000000000            # ctime
          01000000 02000000 ffc99a3b  # their nanoseconds
          80810000 01000000           # mode 0100600, nlink 1
          e8030000 e9030000           # uid, gid
          00000000 00100000           # rdev, blksize 4096
          00000000                    # flags
          """))
  }

  @Test func opened() {
    #expect(
      body { Reply.opened(into: $0) }
        == hex(
          """
          0000000000000000    # fh
          41000000 00000000   # direct_io, parallel_direct_writes; backing_id
          """))
  }

  @Test func written() {
    #expect(
      body { Reply.written(0x1234, into: $0) }
        == hex(
          """
          34120000 00000000   # size, padding
          """))
  }

  @Test func position() {
    #expect(body { Reply.position(0x1_0000_0000, into: $0) } == hex("0000000001000000  # offset 4 GiB"))
  }

  @Test func fileSystem() {
    #expect(
      body { Reply.fileSystem(length: 4097, blockSize: 4096, into: $0) }
        == hex(
          """
          0200000000000000    # blocks, rounded up
          0000000000000000    # bfree
          0000000000000000    # bavail
          0100000000000000    # files
          0000000000000000    # ffree
          00100000 ff000000   # bsize 4096, namelen 255
          00100000 00000000   # frsize, padding
          \(String(repeating: "00", count: 24))  # spare
          """))
  }

  // MARK: Over the ring

  /// A header block of which every byte is 0xEE, after a reply was written into it.
  private func ringReply(error: Int32, length: Int) -> [UInt8] {
    var block = [UInt8](repeating: 0xEE, count: RingFrame.size)
    block.withUnsafeMutableBytes { RingFrame.reply($0.baseAddress!, unique: 6, error: error, length: length) }
    return block
  }

  @Test func aRingReplyHasItsHeaderInTheBlockAndItsBodyInThePayload() {
    let block = ringReply(error: 0, length: 104)
    #expect(
      Array(block[..<16])
        == hex(
          """
          78000000            # len 120: the header and 104 bytes
          00000000            # error
          0600000000000000    # unique
          """))
    #expect(Array(block[272..<276]) == hex("68000000  # payload_sz 104"))
    // Nothing else is touched: flags and commit id are the kernel's.
    #expect(block[16..<272].allSatisfy { $0 == 0xEE })
    #expect(block[276...].allSatisfy { $0 == 0xEE })
  }

  @Test func aRingErrorHasNoPayload() {
    let block = ringReply(error: -EIO, length: 104)
    #expect(
      Array(block[..<16])
        == hex(
          """
          10000000            # len 16
          fbffffff            # error -5
          0600000000000000    # unique
          """))
    #expect(Array(block[272..<276]) == hex("00000000  # payload_sz"))
  }
}
