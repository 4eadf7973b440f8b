// One good request per operation, byte by byte, with what it means.

import Testing

@testable import ExportUnderTest

/// A request as a kernel of minor 45 sends it.
struct WireSample: CustomTestStringConvertible {
  let name: String
  let bytes: [UInt8]
  let meaning: ExportUnderTest.Operation
  /// Bytes of arguments without which the request means nothing; 0 when it needs none.
  let needs: Int

  var testDescription: String { name }

  init(_ name: String, _ meaning: ExportUnderTest.Operation, needs: Int, _ text: String) {
    self.name = name
    self.meaning = meaning
    self.needs = needs
    bytes = hex(text)
  }

  /// The header behind `len` and `opcode`: unique, node, uid, gid, pid, lengths of extensions, padding.
  static let rest = "0200000000000000 0100000000000000 e8030000 e9030000 67120000 0000 0000"

  /// Operations whose arguments count.
  static let meaningful = [
    WireSample(
      "GETATTR", .getAttributes, needs: 16,
      """
      38000000 03000000   # len 56, opcode 3
      \(rest)
      00000000 00000000   # getattr_flags, dummy
      0000000000000000    # fh
      """),
    WireSample(
      "SETATTR",
      .setAttributes(
        AttributeChange(valid: AttributeBits(rawValue: 0x24F), size: 0x12345, mode: 0o100640, uid: 1, gid: 2)),
      needs: 88,
      """
      80000000 04000000   # len 128, opcode 4
      \(rest)
      4f020000 00000000   # valid: mode, uid, gid, size, fh, lock_owner; padding
      0000000000000000    # fh
      4523010000000000    # size 0x12345
      efcdab8967452301    # lock_owner
      0100000000000000    # atime
      0200000000000000    # mtime
      0300000000000000    # ctime
      04000000 05000000   # atimensec, mtimensec
      06000000 a0810000   # ctimensec, mode 0100640
      00000000 01000000   # unused4, uid 1
      02000000 00000000   # gid 2, unused5
      """),
    WireSample(
      "OPEN", .open(flags: 0o101002), needs: 8,
      """
      30000000 0e000000   # len 48, opcode 14
      \(rest)
      02820000 00000000   # flags O_RDWR|O_TRUNC|O_LARGEFILE, open_flags
      """),
    WireSample(
      "READ", .read(offset: 0x1_0000_0200, size: 4096), needs: 40,
      """
      50000000 0f000000   # len 80, opcode 15
      \(rest)
      0000000000000000    # fh
      0002000001000000    # offset 0x100000200
      00100000 02000000   # size 4096, read_flags: lock_owner counts
      efcdab8967452301    # lock_owner
      00c00000 00000000   # flags, padding
      """),
    WireSample(
      "WRITE", .write(offset: 3, size: 5, flags: 0o10002), needs: 40,
      """
      55000000 10000000   # len 85, opcode 16
      \(rest)
      0000000000000000    # fh
      0300000000000000    # offset 3
      05000000 00000000   # size 5, write_flags
      0000000000000000    # lock_owner
      02100000 00000000   # flags O_RDWR|O_DSYNC, padding
      68656c6c6f          # hello
      """),
    WireSample(
      "RELEASE", .release, needs: 24,
      """
      40000000 12000000   # len 64, opcode 18
      \(rest)
      0000000000000000    # fh
      02800000 00000000   # flags, release_flags
      0000000000000000    # lock_owner
      """),
    WireSample(
      "FSYNC", .fsync, needs: 16,
      """
      38000000 14000000   # len 56, opcode 20
      \(rest)
      0000000000000000    # fh
      01000000 00000000   # fsync_flags: fdatasync; padding
      """),
    WireSample(
      "FLUSH", .flush, needs: 24,
      """
      40000000 19000000   # len 64, opcode 25
      \(rest)
      0000000000000000    # fh
      00000000 00000000   # unused, padding
      0000000000000000    # lock_owner
      """),
    WireSample(
      "FALLOCATE", .fallocate(offset: 4096, length: 0x20000, mode: 3), needs: 32,
      """
      48000000 2b000000   # len 72, opcode 43
      \(rest)
      0000000000000000    # fh
      0010000000000000    # offset 4096
      0000020000000000    # length 128 KiB
      03000000 00000000   # mode KEEP_SIZE|PUNCH_HOLE, padding
      """),
    WireSample(
      "LSEEK", .lseek(offset: 512, whence: 4), needs: 24,
      """
      40000000 2e000000   # len 64, opcode 46
      \(rest)
      0000000000000000    # fh
      0002000000000000    # offset 512
      04000000 00000000   # whence SEEK_HOLE, padding
      """),
    WireSample(
      "LOOKUP", .lookup, needs: 1,
      """
      2a000000 01000000   # len 42, opcode 1
      \(rest)
      7800                # name: x
      """),
  ]

  /// Operations that mean the same whatever follows their header.
  static let bare = [
    WireSample(
      "STATFS", .statfs, needs: 0,
      """
      28000000 11000000   # len 40, opcode 17
      \(rest)
      """),
    WireSample(
      "DESTROY", .destroy, needs: 0,
      """
      28000000 26000000   # len 40, opcode 38
      \(rest)
      """),
    WireSample(
      "FORGET", .forget, needs: 0,
      """
      30000000 02000000   # len 48, opcode 2
      \(rest)
      0100000000000000    # nlookup
      """),
    WireSample(
      "BATCH_FORGET", .forget, needs: 0,
      """
      40000000 2a000000   # len 64, opcode 42
      \(rest)
      01000000 00000000   # count, dummy
      0100000000000000    # nodeid
      0100000000000000    # nlookup
      """),
    WireSample(
      "INIT", .initialize, needs: 0,
      """
      68000000 1a000000   # len 104, opcode 26
      \(rest)
      07000000 2d000000   # major 7, minor 45
      00000200 fbffff73   # max_readahead, flags
      fd070000            # flags2
      \(String(repeating: "00", count: 44))  # unused
      """),
  ]

  /// Operations that an export of one file does not offer.
  static let unsupported = [
    WireSample(
      "SETXATTR", .unsupported, needs: 0,
      """
      35000000 15000000   # len 53, opcode 21
      \(rest)
      01000000 00000000   # size, flags
      612e6200 31         # a.b, value 1
      """),
    WireSample(
      "GETXATTR", .unsupported, needs: 0,
      """
      34000000 16000000   # len 52, opcode 22
      \(rest)
      00000000 00000000   # size, padding
      612e6200            # a.b
      """),
    WireSample(
      "LISTXATTR", .unsupported, needs: 0,
      """
      30000000 17000000   # len 48, opcode 23
      \(rest)
      00000000 00000000   # size, padding
      """),
    WireSample(
      "REMOVEXATTR", .unsupported, needs: 0,
      """
      2c000000 18000000   # len 44, opcode 24
      \(rest)
      612e6200            # a.b
      """),
    WireSample(
      "INTERRUPT", .unsupported, needs: 0,
      """
      30000000 24000000   # len 48, opcode 36
      \(rest)
      0400000000000000    # unique of the request that is to end
      """),
    WireSample(
      "IOCTL", .unsupported, needs: 0,
      """
      48000000 27000000   # len 72, opcode 39
      \(rest)
      0000000000000000    # fh
      00000000 01540000   # flags, cmd TCGETS
      0000000000000000    # arg
      00000000 00000000   # in_size, out_size
      """),
    WireSample(
      "POLL", .unsupported, needs: 0,
      """
      40000000 28000000   # len 64, opcode 40
      \(rest)
      0000000000000000    # fh
      0000000000000000    # kh
      00000000 05000000   # flags, events
      """),
    WireSample(
      "ACCESS", .unsupported, needs: 0,
      """
      30000000 22000000   # len 48, opcode 34
      \(rest)
      04000000 00000000   # mask, padding
      """),
    WireSample(
      "STATX", .unsupported, needs: 0,
      """
      40000000 34000000   # len 64, opcode 52
      \(rest)
      00000000 00000000   # getattr_flags, reserved
      0000000000000000    # fh
      00000000 ff0f0000   # sx_flags, sx_mask
      """),
    WireSample(
      "COPY_FILE_RANGE", .unsupported, needs: 0,
      """
      60000000 2f000000   # len 96, opcode 47
      \(rest)
      0000000000000000    # fh_in
      0000000000000000    # off_in
      0100000000000000    # nodeid_out
      0000000000000000    # fh_out
      0000000000000000    # off_out
      0010000000000000    # len
      0000000000000000    # flags
      """),
    WireSample(
      "COPY_FILE_RANGE_64", .unsupported, needs: 0,
      """
      28000000 35000000   # len 40, opcode 53 (its arguments do not matter)
      \(rest)
      """),
    WireSample(
      "SETLK", .unsupported, needs: 0,
      """
      28000000 20000000   # len 40, opcode 32 (its arguments do not matter)
      \(rest)
      """),
    WireSample(
      "an operation of tomorrow", .unsupported, needs: 0,
      """
      28000000 e8030000   # len 40, opcode 1000
      \(rest)
      """),
  ]
}
