// INIT: what the kernel offers, what the export wants, and the reply that follows. A pure function.

import CFuseKernel
import Glibc

/// The capability bits of INIT that this export knows (FUSE_* of the kernel's ABI); 32 and up travel in flags2.
struct InitFlags: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt64

  /// Read-ahead may be in flight.
  static let asyncRead = InitFlags(rawValue: 1 << 0)
  /// O_TRUNC comes with OPEN, so that a fixed-size export can ignore it.
  static let atomicOpenTruncate = InitFlags(rawValue: 1 << 3)
  /// Cached writes of more than a page.
  static let bigWrites = InitFlags(rawValue: 1 << 5)
  /// libaio and io_uring requests are in flight together; without it they run one at a time.
  static let asyncDirectIO = InitFlags(rawValue: 1 << 15)
  /// `max_pages` counts; without it requests end at 128 KiB.
  static let maxPages = InitFlags(rawValue: 1 << 22)
  /// `flags2` counts.
  static let extended = InitFlags(rawValue: 1 << 30)
  /// MAP_SHARED of a file that is opened with direct_io.
  static let directIOAllowMmap = InitFlags(rawValue: 1 << 36)
  /// Requests travel over the ring.
  static let overIOUring = InitFlags(rawValue: 1 << 41)
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
  /// The largest READ and WRITE in the kernel's pages: its own limit unless an administrator raised it.
  static let maxPages: UInt16 = 256
  /// The same in bytes.
  static let maxTransfer = Int(maxPages) * 4096
  /// Asynchronous direct I/O counts as background: the kernel's 12 would cap the queue depth of clients.
  static let maxBackground: UInt16 = 65535

  enum Refusal: Error, Equatable, CustomStringConvertible {
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
  /// - Parameter ring: whether requests shall travel over io_uring; refused when not offered, never ignored.
  static func reply(to request: InitRequest, ring: Bool) throws(Refusal) -> fuse_init_out {
    guard request.major == 7, request.minor >= 9 else {
      throw .version(major: request.major, minor: request.minor)
    }
    var wanted: InitFlags = [
      .asyncRead, .atomicOpenTruncate, .bigWrites, .asyncDirectIO, .maxPages, .extended, .directIOAllowMmap,
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
    out.max_write = UInt32(maxTransfer)
    out.time_gran = 1
    out.max_pages = granted.contains(.maxPages) ? maxPages : 0
    return out
  }

  /// Writes the reply's body; kernels before minor 23 take its first 24 bytes.
  static func encode(_ reply: fuse_init_out, into body: UnsafeMutableRawPointer) -> Int {
    body.storeBytes(of: reply, as: fuse_init_out.self)
    return reply.minor < 23 ? 24 : MemoryLayout<fuse_init_out>.size
  }
}
