// The operations of the FUSE protocol, by number and by the name that statistics show.

/// An operation a kernel can ask for (enum fuse_opcode of the kernel's include/uapi/linux/fuse.h).
///
/// Numbers above these will appear in newer kernels; they are answered ENOSYS like those an export of one
/// file has no use for.
enum Opcode: UInt32, CaseIterable, Sendable {
  case lookup = 1  // FUSE_LOOKUP
  case forget = 2  // FUSE_FORGET
  case getAttributes = 3  // FUSE_GETATTR
  case setAttributes = 4  // FUSE_SETATTR
  case open = 14  // FUSE_OPEN
  case read = 15  // FUSE_READ
  case write = 16  // FUSE_WRITE
  case statfs = 17  // FUSE_STATFS
  case release = 18  // FUSE_RELEASE
  case fsync = 20  // FUSE_FSYNC
  case setXattr = 21  // FUSE_SETXATTR
  case getXattr = 22  // FUSE_GETXATTR
  case listXattr = 23  // FUSE_LISTXATTR
  case removeXattr = 24  // FUSE_REMOVEXATTR
  case flush = 25  // FUSE_FLUSH
  case initialize = 26  // FUSE_INIT
  case getLock = 31  // FUSE_GETLK
  case setLock = 32  // FUSE_SETLK
  case setLockWait = 33  // FUSE_SETLKW
  case access = 34  // FUSE_ACCESS
  case interrupt = 36  // FUSE_INTERRUPT
  case destroy = 38  // FUSE_DESTROY
  case ioctl = 39  // FUSE_IOCTL
  case poll = 40  // FUSE_POLL
  case notifyReply = 41  // FUSE_NOTIFY_REPLY
  case batchForget = 42  // FUSE_BATCH_FORGET
  case fallocate = 43  // FUSE_FALLOCATE
  case lseek = 46  // FUSE_LSEEK
  case copyFileRange = 47  // FUSE_COPY_FILE_RANGE
  case statx = 52  // FUSE_STATX
  case copyFileRange64 = 53  // FUSE_COPY_FILE_RANGE_64

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
