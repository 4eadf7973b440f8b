// The largest READ and WRITE of an export: as many pages as the machine lets one FUSE request have.

/// How many bytes one request may move. Fixed when an export starts: its buffers are as large.
struct TransferLimit: BitwiseCopyable, Equatable, Sendable {
  /// The kernel's own limit unless an administrator changed it (fs/fuse/fuse_i.h, FUSE_DEFAULT_MAX_PAGES_LIMIT); all
  /// that kernels before Linux 6.13 have.
  static let usual = TransferLimit(pages: 256)
  /// Two pages: the least that the kernel reads a request into (FUSE_MIN_READ_BUFFER).
  private static let minPages: UInt64 = 2
  /// 16 MiB. A queue has `queue-depth` buffers of this size, and nothing gets faster beyond it.
  private static let maxPages: UInt64 = 4096

  /// Of 4096 bytes, as INIT's `max_pages` counts.
  let pages: UInt16

  /// What `pages` becomes within the bounds above.
  init(pages: UInt64) {
    self.pages = UInt16(min(max(pages, Self.minPages), Self.maxPages))
  }

  var bytes: Int { Int(pages) * 4096 }
}
