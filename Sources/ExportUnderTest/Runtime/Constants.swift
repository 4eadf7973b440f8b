// Linux's numbers that Glibc's import leaves out.

/// Modes of fallocate(2) that FUSE lets through, each with its name in the kernel's include/uapi/linux/falloc.h.
enum AllocationMode {
  /// `FALLOC_FL_KEEP_SIZE`
  static let keepSize: Int32 = 1 << 0
  /// `FALLOC_FL_PUNCH_HOLE`
  static let punchHole: Int32 = 1 << 1
  /// `FALLOC_FL_ZERO_RANGE`
  static let zeroRange: Int32 = 1 << 4
}

/// Origins of lseek(2) that look at allocation.
enum SeekOrigin {
  /// `SEEK_DATA`
  static let data: Int32 = 3
  /// `SEEK_HOLE`
  static let hole: Int32 = 4
}
