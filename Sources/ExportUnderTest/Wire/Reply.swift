// Reply bodies as bytes: each function writes one body and returns its length.

import CFuseKernel
import Glibc

/// What GETATTR and SETATTR tell of the exported file.
struct FileAttributes: BitwiseCopyable {
  var size: UInt64
  /// 512-byte units.
  var blocks: UInt64
  /// Type and permission bits; the type must be a regular file, or the kernel gives the inode up.
  var mode: UInt32
  var uid: UInt32
  var gid: UInt32
  /// The preferred size of I/O; a power of two.
  var blockSize: UInt32
  /// Whether the kernel may use them again; otherwise it asks again each time.
  var mayBeKept = true
  var times: FileTimes
}

/// A file's three times.
struct FileTimes: BitwiseCopyable {
  var access: timespec
  var modification: timespec
  var change: timespec
}

/// What OPEN's reply says of the open file, each with its name in the kernel's include/uapi/linux/fuse.h.
struct OpenReplyFlags: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt32
  /// `FOPEN_DIRECT_IO`: every read and write reaches the export.
  static let directIO = OpenReplyFlags(rawValue: 1 << 0)
  /// `FOPEN_PARALLEL_DIRECT_WRITES`: writers inside the file do not exclude each other.
  static let parallelDirectWrites = OpenReplyFlags(rawValue: 1 << 6)
  /// `FOPEN_IO_URING_ZERO_COPY`, since minor 46: data goes past the payload buffers (see RingPool).
  static let ringZeroCopy = OpenReplyFlags(rawValue: 1 << 8)
}

/// Writers of reply bodies.
enum Reply {
  /// Bytes of the reply header.
  static let headerSize = MemoryLayout<fuse_out_header>.size

  /// The reply header in front of a body of `length` bytes (a device fd wants both in one write).
  static func header(at address: UnsafeMutableRawPointer, unique: UInt64, error: Int32, length: Int) {
    let header = fuse_out_header(len: UInt32(headerSize + length), error: error, unique: unique)
    address.storeBytes(of: header, as: fuse_out_header.self)
  }

  /// Seconds for which the kernel may use attributes without asking again (QEMU's value).
  static let attributesValidSeconds: UInt64 = 1

  static func attributes(_ file: FileAttributes, into body: UnsafeMutableRawPointer) -> Int {
    var out = fuse_attr_out()
    out.attr_valid = file.mayBeKept ? attributesValidSeconds : 0
    out.attr.ino = 1
    out.attr.size = file.size
    out.attr.blocks = file.blocks
    (out.attr.atime, out.attr.atimensec) = words(file.times.access)
    (out.attr.mtime, out.attr.mtimensec) = words(file.times.modification)
    (out.attr.ctime, out.attr.ctimensec) = words(file.times.change)
    out.attr.mode = file.mode
    out.attr.nlink = 1
    out.attr.uid = file.uid
    out.attr.gid = file.gid
    out.attr.blksize = file.blockSize
    return store(out, body)
  }

  /// Seconds before 1970 travel as the same bits (struct fuse_attr of the kernel's ABI).
  private static func words(_ time: timespec) -> (UInt64, UInt32) {
    (UInt64(bitPattern: Int64(time.tv_sec)), UInt32(truncatingIfNeeded: time.tv_nsec))
  }

  static func opened(into body: UnsafeMutableRawPointer) -> Int {
    let flags: OpenReplyFlags = [.directIO, .parallelDirectWrites]
    return store(fuse_open_out(fh: 0, open_flags: flags.rawValue, backing_id: 0), body)
  }

  static func written(_ size: UInt32, into body: UnsafeMutableRawPointer) -> Int {
    store(fuse_write_out(size: size, padding: 0), body)
  }

  static func position(_ offset: UInt64, into body: UnsafeMutableRawPointer) -> Int {
    store(fuse_lseek_out(offset: offset), body)
  }

  static func fileSystem(length: UInt64, blockSize: UInt32, into body: UnsafeMutableRawPointer) -> Int {
    var out = fuse_statfs_out()
    out.blocks = (length + UInt64(blockSize) - 1) / UInt64(blockSize)
    out.files = 1
    out.bsize = blockSize
    out.frsize = blockSize
    out.namelen = 255
    return store(out, body)
  }

  private static func store<T: BitwiseCopyable>(_ value: T, _ body: UnsafeMutableRawPointer) -> Int {
    body.storeBytes(of: value, as: T.self)
    return MemoryLayout<T>.size
  }
}
