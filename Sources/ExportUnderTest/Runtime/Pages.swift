// Memory for buffers that the kernel copies from and into: page aligned, zero, untouched until used.

import Glibc

/// Bytes of a memory page, the alignment of every payload.
let pageSize = 4096

/// An anonymous mapping, returned to the kernel when its owner ends.
///
/// Pages cost resident memory only once they are touched: an idle export's payload buffers are free.
///
/// Unchecked: the mapping's address never changes; who may touch its bytes is the slots' business.
struct Pages: ~Copyable, @unchecked Sendable {
  let start: UnsafeMutableRawPointer
  let size: Int

  /// Maps `size` bytes, rounded up to whole pages.
  init(size: Int) throws(SystemError) {
    let whole = (size + pageSize - 1) / pageSize * pageSize
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let start = mmap(nil, whole, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED else {
      throw SystemError("cannot map \(whole) bytes for request buffers", code: errno)
    }
    // Huge pages would make one touched payload cost 2 MiB.
    madvise(start, whole, MADV_NOHUGEPAGE)
    self.start = start
    self.size = whole
  }

  deinit {
    munmap(start, size)
  }
}
