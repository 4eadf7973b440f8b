// What the floor answers: as little as the kernel takes for an answer.

import CFuseKernel
import Glibc

/// Answers to requests. Reads bring whatever the buffer holds, writes are dropped.
enum Answer {
  /// The largest READ and WRITE, in bytes: 256 pages, the kernel's own limit (FUSE_MAX_MAX_PAGES).
  static let maxTransfer = 256 * 4096
  /// The size of fuse_in_header.
  static let inHeader = MemoryLayout<fuse_in_header>.size
  /// The size of fuse_out_header.
  static let outHeader = MemoryLayout<fuse_out_header>.size
  /// Room for any request over the device: header, arguments, and the largest payload.
  static let room = maxTransfer + 4096

  // Opcodes of include/uapi/linux/fuse.h.
  private static let forget: UInt32 = 2
  private static let getattr: UInt32 = 3
  private static let setattr: UInt32 = 4
  private static let open: UInt32 = 14
  private static let read: UInt32 = 15
  private static let write: UInt32 = 16
  private static let statfs: UInt32 = 17
  private static let release: UInt32 = 18
  private static let fsync: UInt32 = 20
  private static let flush: UInt32 = 25
  private static let initialise: UInt32 = 26
  private static let interrupt: UInt32 = 36
  private static let destroy: UInt32 = 38
  private static let batchForget: UInt32 = 42

  /// Whether `opcode` takes no answer.
  static func isSilent(_ opcode: UInt32) -> Bool {
    opcode == forget || opcode == batchForget || opcode == interrupt
  }

  /// Fills `body` with the answer to `opcode` with `arguments`; its length, or a negative errno.
  @inline(__always)
  static func fill(
    for opcode: UInt32, _ arguments: UnsafeRawPointer, into body: UnsafeMutableRawPointer, size: UInt64
  ) -> Int32 {
    switch opcode {
    case read:
      let request = arguments.load(as: fuse_read_in.self)
      // A reader that goes on until the end must find one.
      return request.offset < size ? Int32(truncatingIfNeeded: min(request.size, UInt32(maxTransfer))) : 0
    case write:
      let out = fuse_write_out(size: arguments.load(as: fuse_write_in.self).size, padding: 0)
      body.storeBytes(of: out, as: fuse_write_out.self)
      return Int32(MemoryLayout<fuse_write_out>.size)
    case getattr, setattr:
      var out = fuse_attr_out()
      out.attr_valid = 1
      out.attr.ino = 1
      out.attr.size = size
      out.attr.blocks = size / 512
      out.attr.mode = UInt32(S_IFREG) | 0o600
      out.attr.nlink = 1
      out.attr.blksize = 4096
      body.storeBytes(of: out, as: fuse_attr_out.self)
      return Int32(MemoryLayout<fuse_attr_out>.size)
    case open:
      // FOPEN_DIRECT_IO and FOPEN_PARALLEL_DIRECT_WRITES.
      body.storeBytes(of: fuse_open_out(fh: 0, open_flags: 1 << 0 | 1 << 6, backing_id: 0), as: fuse_open_out.self)
      return Int32(MemoryLayout<fuse_open_out>.size)
    case statfs:
      var out = fuse_statfs_out()
      (out.bsize, out.frsize, out.namelen) = (4096, 4096, 255)
      body.storeBytes(of: out, as: fuse_statfs_out.self)
      return Int32(MemoryLayout<fuse_statfs_out>.size)
    case release, fsync, flush, destroy: return 0
    default: return -ENOSYS
    }
  }

  /// Reads INIT from `device` and answers it.
  /// - Throws: `FloorError` if the kernel does not offer what `ring` needs.
  static func negotiate(_ device: Int32, ring: Bool) throws {
    let buffer = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 4096)
    defer { buffer.deallocate() }
    var length = -1
    repeat { length = Glibc.read(device, buffer, room) } while length < 0 && errno == EINTR
    guard length >= inHeader + MemoryLayout<fuse_init_in>.size else { throw FloorError("INIT", errno: errno) }
    let header = buffer.load(as: fuse_in_header.self)
    guard header.opcode == initialise else { throw FloorError("the kernel's first request is no INIT") }
    let offer = (buffer + inHeader).load(as: fuse_init_in.self)
    // FUSE_ASYNC_READ, FUSE_BIG_WRITES, FUSE_ASYNC_DIO, FUSE_MAX_PAGES, FUSE_INIT_EXT; FUSE_OVER_IO_URING is bit 41.
    let wanted: UInt32 = 1 << 0 | 1 << 5 | 1 << 15 | 1 << 22 | 1 << 30
    let overRing: UInt32 = 1 << (41 - 32)
    guard !ring || offer.flags2 & overRing != 0 else {
      throw FloorError("the kernel does not offer FUSE over io_uring (/sys/module/fuse/parameters/enable_uring)")
    }
    var out = fuse_init_out()
    (out.major, out.minor, out.max_readahead) = (7, min(45, offer.minor), offer.max_readahead)
    out.flags = wanted & offer.flags
    out.flags2 = ring ? overRing : 0
    (out.max_background, out.congestion_threshold) = (.max, .max / 4 * 3)
    (out.max_write, out.time_gran, out.max_pages) = (UInt32(maxTransfer), 1, 256)
    let whole = outHeader + MemoryLayout<fuse_init_out>.size
    buffer.storeBytes(
      of: fuse_out_header(len: UInt32(whole), error: 0, unique: header.unique), as: fuse_out_header.self)
    (buffer + outHeader).storeBytes(of: out, as: fuse_init_out.self)
    guard Glibc.write(device, buffer, whole) == whole else { throw FloorError("answering INIT", errno: errno) }
  }
}
