// What the kernel tells of a FUSE connection, and lets one do to it, beside the device.

import CLinux
import Glibc

/// The FUSE control file system (Documentation/filesystems/fuse.rst): a folder with a few files for each connection.
enum FuseControlFS {
  /// Opens the folder of connection `number`; -1 where that is not to be had.
  static func open(_ number: UInt32) -> Int32 {
    // A mount of our own that nobody sees needs no standard place, but privilege; the standard one is the user's too.
    let root = clinux_open_fusectl()
    guard root < 0 else {
      defer { close(root) }
      return max(-1, clinux_open_at(root, "\(number)", []))
    }
    return max(-1, clinux_open(standard + "\(number)", []))
  }

  private static let standard = "/sys/fs/fuse/connections/"
}
