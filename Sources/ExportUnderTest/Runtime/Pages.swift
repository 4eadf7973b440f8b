// Memory for buffers that the kernel copies from and into: page aligned, zero, untouched until used.

import CLinux
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

  /// Puts the same `size` bytes of memory at every one of `addresses`, page boundaries inside this mapping.
  func share(_ size: Int, at addresses: [UnsafeMutableRawPointer]) throws(SystemError) {
    let fd = try checked(clinux_memory_file(Int64(size)), "cannot make shared memory for request buffers")
    defer { close(fd) }
    for address in addresses {
      precondition(address >= start && address + size <= start + self.size, "inside the mapping")
      let place = mmap(address, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0)
      guard place == address else {
        throw SystemError(
          "cannot map shared memory for request buffers", code: errno, remedy: "raise vm.max_map_count")
      }
    }
  }

  deinit {
    munmap(start, size)
  }
}
