// A request as three parts that every transport can present, and what it asks for once they are checked.

import CFuseKernel
import Glibc

/// The header's fields that an export looks at.
struct RequestHeader: BitwiseCopyable {
  let length: UInt32
  let opcode: UInt32
  let unique: UInt64
  let pid: UInt32

  init(at address: UnsafeRawPointer) {
    let header = address.loadUnaligned(as: fuse_in_header.self)
    length = header.len
    opcode = header.opcode
    unique = header.unique
    pid = header.pid
  }

  static let size = MemoryLayout<fuse_in_header>.size
  /// `FUSE_UNIQUE_RESEND`: set in `unique` of a request that is sent again. Its answer carries it too.
  static let resendBit: UInt64 = 1 << 63
}

/// One request: header, the operation's fixed arguments, and how many bytes of each are there.
///
/// The device hands arguments and payload in one piece, the ring in two; a WRITE's data is the payload.
struct RequestView {
  let header: RequestHeader
  let arguments: UnsafeRawPointer
  /// Bytes that may be read at `arguments`.
  let argumentsLength: Int
  /// Bytes of data behind the arguments.
  let payloadLength: Int
}

/// What a request asks for. Every length has been checked against what arrived; values have not.
enum Operation: BitwiseCopyable, Equatable {
  case read(offset: UInt64, size: UInt32)
  case write(offset: UInt64, size: UInt32, flags: UInt32)
  case flush
  case fsync
  case getAttributes
  case setAttributes(AttributeChange)
  case open(flags: UInt32)
  case fallocate(offset: UInt64, length: UInt64, mode: UInt32)
  case lseek(offset: UInt64, whence: UInt32)
  case statfs
  case lookup
  case release
  /// The connection's last request.
  case destroy
  /// FORGET and BATCH_FORGET: no reply at all.
  case forget
  case initialize
  /// Known or not, an operation that this export does not offer.
  case unsupported
}

/// SETATTR's fields, as far as they mean something here.
struct AttributeChange: BitwiseCopyable, Equatable {
  /// Which fields count.
  var valid: AttributeBits
  var size: UInt64
  var mode: UInt32
  var uid: UInt32
  var gid: UInt32
}

/// The bits of SETATTR's `valid`, each with its name in the kernel's include/uapi/linux/fuse.h.
struct AttributeBits: OptionSet, BitwiseCopyable, Equatable, Sendable {
  let rawValue: UInt32
  /// `FATTR_MODE`
  static let mode = AttributeBits(rawValue: 1 << 0)
  /// `FATTR_UID`
  static let uid = AttributeBits(rawValue: 1 << 1)
  /// `FATTR_GID`
  static let gid = AttributeBits(rawValue: 1 << 2)
  /// `FATTR_SIZE`
  static let size = AttributeBits(rawValue: 1 << 3)
  /// `FATTR_ATIME`
  static let accessTime = AttributeBits(rawValue: 1 << 4)
  /// `FATTR_MTIME`
  static let modificationTime = AttributeBits(rawValue: 1 << 5)
  /// `FATTR_FH`
  static let fileHandle = AttributeBits(rawValue: 1 << 6)
  /// `FATTR_ATIME_NOW`
  static let accessTimeNow = AttributeBits(rawValue: 1 << 7)
  /// `FATTR_MTIME_NOW`
  static let modificationTimeNow = AttributeBits(rawValue: 1 << 8)
  /// `FATTR_LOCKOWNER`
  static let lockOwner = AttributeBits(rawValue: 1 << 9)
  /// `FATTR_CTIME`
  static let changeTime = AttributeBits(rawValue: 1 << 10)
  /// `FATTR_KILL_SUIDGID`
  static let killSetID = AttributeBits(rawValue: 1 << 11)

  /// Accepted and ignored: `touch` and `cp -p` work, and ftruncate always carries two of them.
  static let ignored: AttributeBits = [
    .accessTime, .modificationTime, .accessTimeNow, .modificationTimeNow, .changeTime, .fileHandle, .lockOwner,
    .killSetID,
  ]
}

extension RequestView {
  /// What is asked for, or nil when the request is shorter than its operation needs (answered EINVAL).
  func decode() -> Operation? {
    guard let opcode = Opcode(rawValue: header.opcode) else { return .unsupported }
    switch opcode {
    case .read:
      guard let a = load(fuse_read_in.self) else { return nil }
      return .read(offset: a.offset, size: a.size)
    case .write:
      guard let a = load(fuse_write_in.self), Int(a.size) <= payloadLength else { return nil }
      return .write(offset: a.offset, size: a.size, flags: a.flags)
    case .getAttributes:
      return load(fuse_getattr_in.self).map { _ in .getAttributes }
    case .setAttributes:
      return load(fuse_setattr_in.self).map {
        .setAttributes(
          AttributeChange(
            valid: AttributeBits(rawValue: $0.valid), size: $0.size, mode: $0.mode, uid: $0.uid, gid: $0.gid))
      }
    case .open:
      return load(fuse_open_in.self).map { .open(flags: $0.flags) }
    case .fallocate:
      return load(fuse_fallocate_in.self).map { .fallocate(offset: $0.offset, length: $0.length, mode: $0.mode) }
    case .lseek:
      return load(fuse_lseek_in.self).map { .lseek(offset: $0.offset, whence: $0.whence) }
    case .fsync:
      return load(fuse_fsync_in.self).map { _ in .fsync }
    case .flush:
      return load(fuse_flush_in.self).map { _ in .flush }
    case .release:
      return load(fuse_release_in.self).map { _ in .release }
    case .statfs: return .statfs
    case .destroy: return .destroy
    // The name: behind the header over a device, in the payload over a ring.
    case .lookup: return argumentsLength + payloadLength > 0 ? .lookup : nil
    case .forget, .batchForget: return .forget
    case .initialize: return .initialize
    default: return .unsupported
    }
  }

  private func load<T: BitwiseCopyable>(_ type: T.Type) -> T? {
    guard argumentsLength >= MemoryLayout<T>.size else { return nil }
    return arguments.loadUnaligned(as: T.self)
  }
}
