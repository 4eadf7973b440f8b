// The bottom of a chain of nodes: a file or nothing at all, with what its users in all threads share.

import CLinux
import Glibc
import Synchronization

/// What stores the bytes.
enum LeafKind: BitwiseCopyable {
  /// A regular file or block device.
  case file
  /// null-co: nothing is stored; reads leave the buffer as it is, or zero it.
  case null(readZeroes: Bool, latency: UInt64)
}

/// A leaf's facts and its shared state. Its address is stable; exports and threads point to it.
struct Leaf: ~Copyable {
  let kind: LeafKind
  /// The file; -1 for null.
  let fd: Int32
  /// A second, cached description of a direct file, for the bytes that direct I/O cannot address; else -1.
  let bufferedFD: Int32
  /// Offsets and lengths of I/O are multiples of this; 1 when anything goes.
  let alignment: UInt32
  /// Whether discarded ranges give their blocks back (`discard=unmap`).
  let unmaps: Bool
  let isWritable: Bool
  let canResize: Bool
  /// Bytes; of a file, as last seen.
  let length: Atomic<UInt64>
  let locks = RegionLocks()
  private let refreshing = Mutex(())

  init(
    kind: LeafKind, fd: Int32 = -1, bufferedFD: Int32 = -1, alignment: UInt32 = 1, unmaps: Bool = false,
    isWritable: Bool = true, canResize: Bool = false, length: UInt64
  ) {
    self.kind = kind
    self.fd = fd
    self.bufferedFD = bufferedFD
    self.alignment = alignment
    self.unmaps = unmaps
    self.isWritable = isWritable
    self.canResize = canResize
    self.length = Atomic(length)
  }

  deinit {
    if bufferedFD >= 0 { close(bufferedFD) }
    if fd >= 0 { close(fd) }
  }

  /// Reads the file's length again, after an operation that may have changed it.
  ///
  /// Under a lock, so that the value that stays is the newest one read, whichever thread comes last.
  func refreshLength() {
    guard canResize else { return }
    refreshing.withLock { _ in
      var status = stat()
      if fstat(fd, &status) == 0 { length.store(UInt64(status.st_size), ordering: .releasing) }
    }
  }

  /// What the image's file system tells of it; nil where there is no regular file.
  func status() -> stat? {
    guard fd >= 0 else { return nil }
    var status = stat()
    guard fstat(fd, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return status
  }
}
