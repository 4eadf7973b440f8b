// The operations of the FUSE protocol, by number and by the name that statistics show.

/// An operation a kernel can ask for (enum fuse_opcode of the kernel's ABI).
///
/// Numbers above these will appear in newer kernels; they are answered ENOSYS like those an export of one
/// file has no use for.
enum Opcode: UInt32, CaseIterable, Sendable {
  case lookup = 1
  case forget = 2
  case getAttributes = 3
  case setAttributes = 4
  case open = 14
  case read = 15
  case write = 16
  case statfs = 17
  case release = 18
  case fsync = 20
  case setXattr = 21
  case getXattr = 22
  case listXattr = 23
  case removeXattr = 24
  case flush = 25
  case initialize = 26
  case getLock = 31
  case setLock = 32
  case setLockWait = 33
  case access = 34
  case interrupt = 36
  case destroy = 38
  case ioctl = 39
  case poll = 40
  case notifyReply = 41
  case batchForget = 42
  case fallocate = 43
  case lseek = 46
  case copyFileRange = 47
  case statx = 52
  case copyFileRange64 = 53

  /// The kernel's own word for the operation, as `FUSE_` is left away in traces.
  var name: String {
    switch self {
    case .lookup: "LOOKUP"
    case .forget: "FORGET"
    case .getAttributes: "GETATTR"
    case .setAttributes: "SETATTR"
    case .open: "OPEN"
    case .read: "READ"
    case .write: "WRITE"
    case .statfs: "STATFS"
    case .release: "RELEASE"
    case .fsync: "FSYNC"
    case .setXattr: "SETXATTR"
    case .getXattr: "GETXATTR"
    case .listXattr: "LISTXATTR"
    case .removeXattr: "REMOVEXATTR"
    case .flush: "FLUSH"
    case .initialize: "INIT"
    case .getLock: "GETLK"
    case .setLock: "SETLK"
    case .setLockWait: "SETLKW"
    case .access: "ACCESS"
    case .interrupt: "INTERRUPT"
    case .destroy: "DESTROY"
    case .ioctl: "IOCTL"
    case .poll: "POLL"
    case .notifyReply: "NOTIFY_REPLY"
    case .batchForget: "BATCH_FORGET"
    case .fallocate: "FALLOCATE"
    case .lseek: "LSEEK"
    case .copyFileRange: "COPY_FILE_RANGE"
    case .statx: "STATX"
    case .copyFileRange64: "COPY_FILE_RANGE_64"
    }
  }

  /// The name that statistics use for any number.
  static func name(of number: Int) -> String {
    Opcode(rawValue: UInt32(number))?.name ?? "OPCODE_\(number)"
  }
}
