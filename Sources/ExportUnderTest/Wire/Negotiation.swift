// INIT: what the kernel offers, what the export wants, and the reply that follows. A pure function.

import CFuseKernel
import Glibc

/// The capability bits of INIT that this export knows, each with its name in the kernel's include/uapi/linux/fuse.h;
/// 32 and up travel in flags2.
struct InitFlags: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt64

  /// `FUSE_ASYNC_READ`: read-ahead may be in flight.
  static let asyncRead = InitFlags(rawValue: 1 << 0)
  /// `FUSE_ATOMIC_O_TRUNC`: O_TRUNC comes with OPEN, so that a fixed-size export can keep its length.
  static let atomicOpenTruncate = InitFlags(rawValue: 1 << 3)
  /// `FUSE_BIG_WRITES`: cached writes of more than a page.
  static let bigWrites = InitFlags(rawValue: 1 << 5)
  /// `FUSE_ASYNC_DIO`: libaio and io_uring requests are in flight together; without it they run one at a time.
  static let asyncDirectIO = InitFlags(rawValue: 1 << 15)
  /// `FUSE_ABORT_ERROR`: a read of the device tells an abort (ECONNABORTED) from an unmount (ENODEV).
  static let abortError = InitFlags(rawValue: 1 << 21)
  /// `FUSE_MAX_PAGES`: `max_pages` counts; without it requests end at 128 KiB.
  static let maxPages = InitFlags(rawValue: 1 << 22)
  /// `FUSE_INIT_EXT`: `flags2` counts.
  static let extended = InitFlags(rawValue: 1 << 30)
  /// `FUSE_DIRECT_IO_ALLOW_MMAP`: MAP_SHARED of a file that is opened with direct_io.
  static let directIOAllowMmap = InitFlags(rawValue: 1 << 36)
  /// `FUSE_HAS_RESEND`: what a server has read and not answered can be had again (docs/handover.md). The kernel tells
  /// it, and does not look at the answer.
  static let hasResend = InitFlags(rawValue: 1 << 39)
  /// `FUSE_ALLOW_IDMAP`: the mount may be mapped to other owners (mount_setattr(2)). The kernel takes it only with
  /// default_permissions, which every mount here has (fs/fuse/inode.c, process_init_reply).
  static let allowIDMap = InitFlags(rawValue: 1 << 40)
  /// `FUSE_OVER_IO_URING`: requests travel over the ring.
  static let overIOUring = InitFlags(rawValue: 1 << 41)
  /// `FUSE_REQUEST_TIMEOUT`: the answer may bound a request's time. Never asked for (docs/init.md).
  static let requestTimeout = InitFlags(rawValue: 1 << 42)
  /// `FUSE_HAS_IO_URING_BUFPOOL`: queues may be added with a pool of buffers (7.46). Never asked for (docs/init.md).
  static let hasIOUringBufferPools = InitFlags(rawValue: 1 << 43)
}

/// The kernel's side of INIT.
struct InitRequest: Equatable {
  let major: UInt32
  let minor: UInt32
  let maxReadahead: UInt32
  let offered: InitFlags

  /// Kernels before minor 36 send 16 bytes; nil when there are fewer.
  init?(_ view: RequestView) {
    guard view.argumentsLength >= 16 else { return nil }
    major = view.arguments.loadUnaligned(as: UInt32.self)
    minor = view.arguments.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
    maxReadahead = view.arguments.loadUnaligned(fromByteOffset: 8, as: UInt32.self)
    var bits = UInt64(view.arguments.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    if bits & InitFlags.extended.rawValue != 0, view.argumentsLength >= 20 {
      bits |= UInt64(view.arguments.loadUnaligned(fromByteOffset: 16, as: UInt32.self)) << 32
    }
    offered = InitFlags(rawValue: bits)
  }
}

/// The export's side of INIT, and why a kernel is refused.
enum Negotiation {
  /// The minor whose structures CFuseKernel declares.
  static let minor: UInt32 = 45
  /// Asynchronous direct I/O counts as background: the kernel's 12 would cap the queue depth of clients.
  static let maxBackground: UInt16 = 65535

  enum InitError: Error, Equatable, CustomStringConvertible {
    case truncated
    case version(major: UInt32, minor: UInt32)
    case noRing
    case repeated

    var description: String {
      switch self {
      case .truncated: "the kernel's INIT request is too short"
      case .version(let major, let minor): "the kernel speaks FUSE \(major).\(minor); 7.9 is the least"
      case .noRing:
        "the kernel does not offer FUSE over io_uring: Linux 6.14 or later is needed, and "
          + "'echo Y > /sys/module/fuse/parameters/enable_uring' (as root) switches it on"
      case .repeated: "the kernel sent INIT twice"
      }
    }

    /// The errno of the reply.
    var code: Int32 { self == .truncated ? EINVAL : EPROTO }
  }

  /// The reply to `request`.
  /// - Parameters:
  ///   - ring: whether requests shall travel over io_uring; refused when not offered, never ignored.
  ///   - limit: the largest request that the export has buffers for.
  static func reply(
    to request: InitRequest, ring: Bool, limit: TransferLimit
  ) throws(InitError) -> fuse_init_out {
    guard request.major == 7, request.minor >= 9 else {
      throw .version(major: request.major, minor: request.minor)
    }
    var wanted: InitFlags = [
      .asyncRead, .atomicOpenTruncate, .bigWrites, .asyncDirectIO, .abortError, .maxPages, .extended,
      .directIOAllowMmap, .hasResend, .allowIDMap,
    ]
    if ring {
      guard request.offered.contains(.overIOUring) else { throw .noRing }
      wanted.insert(.overIOUring)
    }
    let granted = wanted.intersection(request.offered)
    var out = fuse_init_out()
    out.major = 7
    out.minor = min(minor, request.minor)
    out.max_readahead = request.maxReadahead
    out.flags = UInt32(truncatingIfNeeded: granted.rawValue)
    out.flags2 = UInt32(granted.rawValue >> 32)
    out.max_background = maxBackground
    out.congestion_threshold = UInt16(UInt32(maxBackground) * 3 / 4)
    out.max_write = UInt32(limit.bytes)
    out.time_gran = 1
    out.max_pages = granted.contains(.maxPages) ? limit.pages : 0
    return out
  }

  /// Writes the reply's body; kernels before minor 23 take its first 24 bytes.
  static func encode(_ reply: fuse_init_out, into body: UnsafeMutableRawPointer) -> Int {
    body.storeBytes(of: reply, as: fuse_init_out.self)
    return reply.minor < 23 ? 24 : MemoryLayout<fuse_init_out>.size
  }
}
