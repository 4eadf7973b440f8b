// The flags of INIT by their names in the kernel, and what follows for a file export where one is taken or left.

/// One capability bit of INIT (include/uapi/linux/fuse.h): 0 to 31 travel in `flags`, 32 and up in `flags2`.
package struct InitFlag: Sendable, Equatable {
  /// The bit's number.
  package var bit: Int
  /// Its name in the kernel's header.
  package var name: String
  /// What follows where the kernel offers it and the export takes it; nil where nothing does for a file export.
  package var taken: String?
  /// What follows where the kernel offers it and the export leaves it.
  package var left: String?

  private init(_ bit: Int, _ name: String, taken: String? = nil, left: String? = nil) {
    self.bit = bit
    self.name = "FUSE_\(name)"
    self.taken = taken
    self.left = left
  }

  /// The flag's bit as a mask.
  package var mask: UInt64 { 1 << UInt64(bit) }

  /// The bit's name, or its number where this table does not know it.
  package static func name(_ bit: Int) -> String { all.first { $0.bit == bit }?.name ?? "bit \(bit)" }

  /// The flag called `name`, without its `FUSE_`.
  static func mask(_ name: String) -> UInt64 { all.first { $0.name == "FUSE_\(name)" }?.mask ?? 0 }

  /// What the kernel's header knows at protocol 7.45, in the order of the bits. The effects are those of
  /// fs/fuse/inode.c, process_init_reply, and of who reads what that function sets.
  package static let all: [InitFlag] = [
    InitFlag(0, "ASYNC_READ", taken: "read-ahead of a cached file is in flight in several requests"),
    InitFlag(1, "POSIX_LOCKS", taken: "fcntl locks are asked of the export", left: "fcntl locks stay in the kernel"),
    InitFlag(2, "FILE_OPS"),
    InitFlag(
      3, "ATOMIC_O_TRUNC", taken: "O_TRUNC comes with OPEN; the export decides what it does",
      left: "open with O_TRUNC sends SETATTR with size 0"),
    InitFlag(4, "EXPORT_SUPPORT"),
    InitFlag(5, "BIG_WRITES", taken: "a cached write is larger than a page", left: "a cached write is one page"),
    InitFlag(6, "DONT_MASK"),
    InitFlag(7, "SPLICE_WRITE"), InitFlag(8, "SPLICE_MOVE"), InitFlag(9, "SPLICE_READ"),
    InitFlag(10, "FLOCK_LOCKS", taken: "flock is asked of the export", left: "flock stays in the kernel"),
    InitFlag(11, "HAS_IOCTL_DIR"),
    InitFlag(12, "AUTO_INVAL_DATA", taken: "the page cache is dropped when mtime or size change behind it"),
    InitFlag(13, "DO_READDIRPLUS"), InitFlag(14, "READDIRPLUS_AUTO"),
    InitFlag(
      15, "ASYNC_DIO", taken: "libaio and io_uring clients have many requests open at a time",
      left: "libaio and io_uring requests are served one at a time, inside the client's submission"),
    InitFlag(
      16, "WRITEBACK_CACHE",
      taken: "the kernel keeps written data, size and times; another writer of the image is not seen"),
    InitFlag(17, "NO_OPEN_SUPPORT"),
    InitFlag(18, "PARALLEL_DIROPS"),
    InitFlag(19, "HANDLE_KILLPRIV", taken: "the export clears set-user-id bits"),
    InitFlag(20, "POSIX_ACL"),
    InitFlag(
      21, "ABORT_ERROR", taken: "after an abort the export reads ECONNABORTED",
      left: "after an abort the export reads ENODEV, as after an unmount"),
    InitFlag(22, "MAX_PAGES", taken: "max_pages counts", left: "a request has 32 pages at most"),
    InitFlag(23, "CACHE_SYMLINKS"), InitFlag(24, "NO_OPENDIR_SUPPORT"),
    InitFlag(25, "EXPLICIT_INVAL_DATA"),
    InitFlag(26, "MAP_ALIGNMENT"), InitFlag(27, "SUBMOUNTS"),
    InitFlag(
      28, "HANDLE_KILLPRIV_V2", taken: "no GETXATTR of security.capability before writes and truncates",
      left: "GETXATTR of security.capability precedes cached writes and truncates"),
    InitFlag(29, "SETXATTR_EXT"),
    InitFlag(30, "INIT_EXT", taken: "flags2 counts", left: "no flag from bit 32 up counts, whatever flags2 says"),
    InitFlag(31, "INIT_RESERVED"),
    InitFlag(32, "SECURITY_CTX"), InitFlag(33, "HAS_INODE_DAX"), InitFlag(34, "CREATE_SUPP_GROUP"),
    InitFlag(35, "HAS_EXPIRE_ONLY"),
    InitFlag(
      36, "DIRECT_IO_ALLOW_MMAP", taken: "MAP_SHARED works on a file opened with FOPEN_DIRECT_IO",
      left: "MAP_SHARED of a file opened with FOPEN_DIRECT_IO fails with ENODEV"),
    InitFlag(37, "PASSTHROUGH", taken: "the kernel may read and write a backing file without the export"),
    InitFlag(38, "NO_EXPORT_SUPPORT"),
    InitFlag(39, "HAS_RESEND"),
    InitFlag(40, "ALLOW_IDMAP", taken: "the mount can be idmapped", left: "an idmapped mount is refused"),
    InitFlag(
      41, "OVER_IO_URING", taken: "requests travel over the ring once every queue has an entry",
      left: "requests travel over /dev/fuse"),
    InitFlag(42, "REQUEST_TIMEOUT", taken: "a request that is not answered in time ends the connection"),
  ]
}
