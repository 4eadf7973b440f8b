// file: the bytes of a regular file or block device, through the serving thread's own io_uring.

import CLinux
import Glibc
import Synchronization

/// The file driver: turns a node operation into ring entries, one after another until it is done.
struct FileDriver {
  let node: NodeView

  private var leaf: UnsafeMutablePointer<Leaf> { node.leaf }
  private var loop: UnsafeMutablePointer<EventLoop> { node.loop }
  private var mask: UInt64 { UInt64(leaf.pointee.alignment) - 1 }

  /// Pieces in which large ranges are allocated or zeroed, so that one request never holds the file for long.
  private static let piece: UInt64 = 256 << 20

  @inline(__always)
  func begin(_ request: UnsafeMutablePointer<NodeRequest>) -> Progress {
    switch request.pointee.kind {
    case .read:
      request.pointee.skip = UInt32(truncatingIfNeeded: request.pointee.leafOffset & mask)
      read(request)
    case .write:
      guard (request.pointee.leafOffset | request.pointee.length) & mask == 0 else {
        return UnalignedWrite(node: node).begin(request)
      }
      write(request)
    case .flush:
      loop.pointee.synchronizeData(node.file, request.pointee.tag)
    case .truncate:
      return truncate(request)
    case .discard, .zero, .zeroExtending, .allocate:
      request.pointee.phase = .allocatePiece
      allocate(request)
    }
    return .pending
  }

  @inline(__always)
  func resume(_ request: UnsafeMutablePointer<NodeRequest>, result: Int32) -> Progress {
    switch request.pointee.phase {
    case .transfer:
      switch request.pointee.kind {
      case .read: return resumeRead(request, result)
      case .write: return resumeWrite(request, result)
      default:
        leaf.pointee.refreshLength()
        return .done(min(result, 0))
      }
    case .readHead, .readTail, .writeWidened, .writeBuffered:
      return UnalignedWrite(node: node).resume(request, result: result)
    case .allocatePiece: return resumeAllocate(request, result)
    case .setEnd: return resumeSetEnd(request, result)
    case .writeZeroes: return resumeZeroes(request, result)
    case .delayed, .failing: preconditionFailure("the filters' waits end in NodeView")
    }
  }

  // MARK: Reading and writing aligned ranges

  /// Asks for what is missing, from the aligned start, in whole blocks.
  @inline(__always)
  private func read(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    let wanted = (UInt64(r.skip) + r.length + mask) & ~mask
    loop.pointee.read(
      node.file, r.buffer + Int(r.done), Int(wanted - r.done), at: r.leafOffset - UInt64(r.skip) + r.done, r.tag)
  }

  @inline(__always)
  private func resumeRead(
    _ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32
  ) -> Progress {
    guard result >= 0 else {
      guard isTransient(result) else { return .done(result) }
      read(request)
      return .pending
    }
    request.pointee.done += UInt64(result)
    let r = request.pointee
    let end = UInt64(r.skip) + r.length
    if r.done < end {
      if result > 0 && r.done & mask == 0 {
        read(request)
        return .pending
      }
      // The file ends here, though the node does not: somebody cut it. What is gone reads as zeroes.
      memset(r.buffer + Int(r.done), 0, Int(end - r.done))
    }
    if r.skip > 0 { memmove(r.buffer, r.buffer + Int(r.skip), Int(r.length)) }
    return .done(Int32(r.length))
  }

  @inline(__always)
  private func write(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    // A short direct write can leave an unaligned rest, which only the page cache takes.
    let file = r.done & mask == 0 ? node.file : node.bufferedFile
    loop.pointee.write(file, r.buffer + Int(r.done), Int(r.length - r.done), at: r.leafOffset + r.done, r.tag)
  }

  @inline(__always)
  private func resumeWrite(
    _ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32
  ) -> Progress {
    if result > 0 { request.pointee.done += UInt64(result) }
    if request.pointee.done < request.pointee.length && (result > 0 || isTransient(result)) {
      write(request)
      return .pending
    }
    return written(request, result)
  }

  /// The end of a write, whole or not: what did reach the file counts.
  @inline(__always)
  func written(_ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32) -> Progress {
    let r = request.pointee
    if r.leafOffset + r.done > leaf.pointee.length.load(ordering: .relaxed) { leaf.pointee.refreshLength() }
    if r.done > 0 { return .done(Int32(r.done)) }
    return .done(result < 0 ? result : -ENOSPC)
  }

  @inline(__always)
  func isTransient(_ result: Int32) -> Bool { result == -EAGAIN || result == -EINTR }

  // MARK: Length and allocation

  private func truncate(
    _ request: UnsafeMutablePointer<NodeRequest>
  ) -> Progress {
    guard node.canResize else { return .done(-ENOTSUP) }
    let (length, isBeyond) = request.pointee.newLength.addingReportingOverflow(node.start)
    guard !isBeyond, length <= UInt64(Int64.max) else { return .done(-EFBIG) }
    if loop.pointee.hasTruncate {
      loop.pointee.truncate(node.file, to: length, request.pointee.tag)
      return .pending
    }
    let outcome = ftruncate(leaf.pointee.fd, off_t(length)) == 0 ? 0 : -errno
    leaf.pointee.refreshLength()
    return .done(outcome)
  }

  private func allocate(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    let mode =
      switch r.kind {
      // The length follows when all of it is there: what fails half way shows nobody a longer file.
      case .allocate: AllocationMode.keepSize
      case .discard where leaf.pointee.unmaps: AllocationMode.punchHole | AllocationMode.keepSize
      case .zeroExtending: AllocationMode.zeroRange
      default: AllocationMode.zeroRange | AllocationMode.keepSize
      }
    loop.pointee.allocate(node.file, mode: mode, r.leafOffset + r.done, min(Self.piece, r.length - r.done), r.tag)
  }

  private func resumeAllocate(
    _ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32
  ) -> Progress {
    let r = request.pointee
    if result == 0 { request.pointee.done += min(Self.piece, r.length - r.done) }
    if result == 0 ? request.pointee.done < r.length : isTransient(result) {
      allocate(request)
      return .pending
    }
    if r.kind == .allocate {
      guard result == 0 else {
        giveBack(r)
        return .done(result)
      }
      request.pointee.phase = .setEnd
      setEnd(request)
      return .pending
    }
    // A block device takes whole sectors only, though a client may name any range.
    let isOddRange = result == -EINVAL && !leaf.pointee.canResize
    let mustWrite = result == -EOPNOTSUPP && !(r.kind == .discard && leaf.pointee.unmaps)
    if mustWrite || isOddRange {
      request.pointee.phase = .writeZeroes
      writeZeroes(request)
      return .pending
    }
    return extended(request, result)
  }

  private func extended(_ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32) -> Progress {
    if request.pointee.kind == .zeroExtending { leaf.pointee.refreshLength() }
    return .done(result)
  }

  /// Makes the file as long as what was allocated, by its last byte: unlike a truncation this never cuts what
  /// somebody else has written behind it meanwhile.
  private func setEnd(_ request: UnsafeMutablePointer<NodeRequest>) {
    loop.pointee.allocate(
      node.file, mode: 0, request.pointee.leafOffset + request.pointee.length - 1, 1, request.pointee.tag)
  }

  private func resumeSetEnd(
    _ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32
  ) -> Progress {
    if isTransient(result) {
      setEnd(request)
      return .pending
    }
    leaf.pointee.refreshLength()
    if result != 0 { giveBack(request.pointee) }
    return .done(result)
  }

  /// Frees what a failed allocation has set aside behind the end: nobody could see it, to free it by hand.
  private func giveBack(_ r: NodeRequest) {
    var status = stat()
    guard fstat(leaf.pointee.fd, &status) == 0, UInt64(status.st_size) <= r.leafOffset else { return }
    // To the length that it has: blocks behind it go, bytes stay.
    _ = ftruncate(leaf.pointee.fd, status.st_size)
  }

  /// The file system cannot zero a range: zeroes are written, through the page cache where the node is direct.
  private func writeZeroes(_ request: UnsafeMutablePointer<NodeRequest>) {
    let r = request.pointee
    let file = node.bufferedFile >= 0 ? node.bufferedFile : node.file
    let count = min(r.length - r.done, UInt64(Zeroes.size))
    loop.pointee.write(file, Zeroes.start, Int(count), at: r.leafOffset + r.done, r.tag)
  }

  private func resumeZeroes(
    _ request: UnsafeMutablePointer<NodeRequest>, _ result: Int32
  ) -> Progress {
    if result > 0 { request.pointee.done += UInt64(result) }
    guard result > 0 || isTransient(result) else { return extended(request, result < 0 ? result : -ENOSPC) }
    guard request.pointee.done < request.pointee.length else { return extended(request, 0) }
    writeZeroes(request)
    return .pending
  }
}

/// A piece of zero bytes to write from. Only ever read, so that it costs no memory of its own.
enum Zeroes {
  static let size = 1 << 20
  nonisolated(unsafe) static let start: UnsafeRawPointer = {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let start = mmap(nil, size, PROT_READ, flags, -1, 0), start != MAP_FAILED else {
      fatalError("cannot map \(size) bytes of zeroes: \(errnoText(errno))")
    }
    return UnsafeRawPointer(start)
  }()
}
