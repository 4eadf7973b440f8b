// The machine's limit on the size of a FUSE request, as an administrator has set it.

/// Reader of /proc/sys/fs/fuse/max_pages_limit.
enum MachineLimit {
  /// The limit now. A mount takes it over when it is made (fs/fuse/inode.c, fuse_conn_init).
  static var current: TransferLimit { parse(readFile("/proc/sys/fs/fuse/max_pages_limit")) }

  /// What `text`, the file's, says; the usual limit where it says nothing.
  static func parse(_ text: String?) -> TransferLimit {
    let digits = text?.split(separator: "\n").first.map { ByteText($0.utf8) }
    return digits?.decimal.map { TransferLimit(pages: $0) } ?? .usual
  }
}
