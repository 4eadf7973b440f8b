// Linux's numbers that Glibc's import leaves out.

/// Modes of fallocate(2) that FUSE lets through.
enum AllocationMode {
  static let keepSize: Int32 = 1
  static let punchHole: Int32 = 2
  static let zeroRange: Int32 = 16
}

/// Origins of lseek(2) that look at allocation.
enum SeekOrigin {
  static let data: Int32 = 3
  static let hole: Int32 = 4
}
