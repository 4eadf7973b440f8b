// What can be asked of a /dev/fuse descriptor beside requests.

import CFuseKernel
import CLinux
import Glibc

/// A /dev/fuse descriptor that somebody else has opened.
enum FuseDevice {
  /// The number of its connection; nil where the kernel does not tell (before Linux 6.17, or without /proc).
  static func connection(of fd: Int32) -> UInt32? {
    let label = "fuse_connection:"
    guard let text = readFile("/proc/self/fdinfo/\(fd)"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix(label) })
    else { return nil }
    return UInt32(line.dropFirst(label.count).filter { $0 != "\t" && $0 != " " })
  }

  /// Whether `fd` is one at all.
  static func isDevice(_ fd: Int32) -> Bool {
    var status = stat()
    guard fstat(fd, &status) == 0, status.st_mode & S_IFMT == S_IFCHR else { return false }
    // Documentation/admin-guide/devices.txt: 10 229 is /dev/fuse.
    return clinux_major(UInt64(status.st_rdev)) == 10 && clinux_minor(UInt64(status.st_rdev)) == 229
  }

  /// Has the kernel send again what was read over any descriptor of the connection and not answered
  /// (FUSE_NOTIFY_RESEND, fs/fuse/dev.c, fuse_resend).
  /// - Throws: where the kernel cannot (before Linux 6.9), or the descriptor was never mounted.
  static func resend(_ fd: Int32) throws(SystemError) {
    var message = fuse_out_header(
      len: UInt32(MemoryLayout<fuse_out_header>.size), error: Int32(CFUSE_NOTIFY_RESEND), unique: 0)
    while write(fd, &message, MemoryLayout<fuse_out_header>.size) < 0 {
      guard errno != EINTR else { continue }
      let remedy =
        switch errno {
        case EINVAL: "Linux 6.9 or later is needed"
        case EPERM: "the descriptor is not mounted"
        default: nil as String?
        }
      throw SystemError("cannot have pending requests sent again", code: errno, remedy: remedy)
    }
  }
}
