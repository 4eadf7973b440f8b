// The image of a benchmark: preallocated, then written once, so that no sample pays for the allocation.

internal import CLinux
internal import Glibc

/// Makes images for file nodes.
package enum BenchImage {
  /// Bytes written at a time.
  private static let step = 1 << 20

  /// Makes the file `path` with `size` bytes: allocated, then written once past the page cache.
  ///
  /// Reads of an allocated but unwritten file never reach the disk, and first writes pay for the extents.
  /// - Throws: `FileError` if there is no room, or the file system does no direct I/O;
  ///   `Interrupted` if the harness is ending.
  package static func make(at path: String, size: Int64) throws {
    let created = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard created >= 0 else { throw fault(path, errno, size) }
    close(created)
    let descriptor = clinux_open(path, [.writable, .direct])
    guard descriptor >= 0 else {
      throw descriptor == -EINVAL
        ? FileError(
          file: path, message: "the file system does no direct I/O; set TMPDIR to a folder on a disk")
        : fault(path, -descriptor, size)
    }
    defer { close(descriptor) }
    let allocation = posix_fallocate(descriptor, 0, off_t(size))
    guard allocation == 0 else { throw fault(path, allocation, size) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: step, alignment: 4096)
    defer { buffer.deallocate() }
    // Neither zeroes nor one byte over and over: some storage keeps neither.
    var random = UInt64(0x9e37_79b9_7f4a_7c15)
    for index in buffer.indices {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      buffer[index] = UInt8(truncatingIfNeeded: random >> 56)
    }
    var offset: Int64 = 0
    while offset < size {
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
      let count = pwrite(descriptor, buffer.baseAddress, min(step, Int(size - offset)), off_t(offset))
      if count > 0 { offset += Int64(count) } else if errno != EINTR { throw fault(path, errno, size) }
    }
    guard fsync(descriptor) == 0 else { throw fault(path, errno, size) }
  }

  private static func fault(_ path: String, _ number: Int32, _ size: Int64) -> FileError {
    FileError(
      file: path,
      message: number == ENOSPC
        ? "no room for an image of \(ByteSize.format(size)); set TMPDIR to a roomier disk"
        : "the image cannot be made: \(String(cString: strerror(number)))")
  }
}
