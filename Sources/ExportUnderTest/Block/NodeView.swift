// A node as a serving thread sees it: a window on a leaf. The checked layer in front of the drivers: bounds,
// alignment and locks are settled here, so that a driver stays small.

import Glibc
import Synchronization

/// The exported node, for one thread: plain words, so that using it costs no reference counting.
///
/// Unchecked: the leaf that it points to outlives every view, and what changes in it is atomic or locked.
struct NodeView: BitwiseCopyable, @unchecked Sendable {
  let leaf: UnsafeMutablePointer<Leaf>
  /// Where the window begins on the leaf.
  let start: UInt64
  /// The window's fixed length; nil: to the leaf's end.
  let fixedLength: UInt64?
  /// FilterNode nodes in front of the leaf, the uppermost first.
  let filters: UnsafeMutablePointer<FilterNode>?
  /// The serving thread's event loop; nil before a thread serves it.
  var loop: UnsafeMutablePointer<EventLoop>!
  /// The leaf's files in that loop; -1 when there is none.
  var file: Int32 = -1
  var bufferedFile: Int32 = -1

  init(
    leaf: UnsafeMutablePointer<Leaf>, start: UInt64 = 0, fixedLength: UInt64? = nil,
    filters: UnsafeMutablePointer<FilterNode>? = nil
  ) {
    self.leaf = leaf
    self.start = start
    self.fixedLength = fixedLength
    self.filters = filters
  }

  /// Bytes that can be read.
  @inline(__always) var length: UInt64 {
    if let fixedLength { return fixedLength }
    let whole = leaf.pointee.length.load(ordering: .acquiring)
    return whole > start ? whole - start : 0
  }

  var canResize: Bool { fixedLength == nil && leaf.pointee.canResize }
  var alignment: UInt32 { leaf.pointee.alignment }

  /// Allocated 512-byte units, as `image`, the leaf's status, tells them; the length's when unknown.
  func blocks(_ image: stat?) -> UInt64 {
    guard let image, fixedLength == nil, start == 0 else { return length / 512 + (length % 512 == 0 ? 0 : 1) }
    return UInt64(clamping: image.st_blocks)
  }

  /// Starts `request`, whose range counts from the window's start; the caller has checked it against `length`.
  @inline(__always)
  func begin(_ request: UnsafeMutablePointer<NodeRequest>) -> Progress {
    invariant(isInside(request.pointee), "an operation lies inside its window, or the window can grow")
    if let filters, let progress = filter(filters, request) { return progress }
    return beginOnLeaf(request)
  }

  /// Whether the whole range of `request` is there. Where the length can change it may not be there any more.
  private func isInside(_ request: NodeRequest) -> Bool {
    let length = length
    return canResize || (request.length <= length && request.offset <= length - request.length)
  }

  @inline(__always)
  private func beginOnLeaf(
    _ request: UnsafeMutablePointer<NodeRequest>
  ) -> Progress {
    // A window may begin anywhere, and a file ends at 2^63 - 1 (loff_t of the kernel).
    let (leafOffset, isBeyond) = request.pointee.offset.addingReportingOverflow(start)
    let end = leafOffset.addingReportingOverflow(request.pointee.length)
    guard !isBeyond, !end.overflow, end.partialValue <= UInt64(Int64.max) else { return .done(-EFBIG) }
    request.pointee.leafOffset = leafOffset
    switch leaf.pointee.kind {
    case .file:
      if alignment > 1 && request.pointee.kind != .read && request.pointee.kind != .flush {
        guard lock(request) else { return .blocked }
      }
      let progress = FileDriver(node: self).begin(request)
      return settled(request, progress)
    case .null(let readZeroes, let latency):
      return NullDriver(node: self, readZeroes: readZeroes, latency: latency).begin(request)
    }
  }

  /// Carries `request` on after its completion with `result`.
  @inline(__always)
  func resume(_ request: UnsafeMutablePointer<NodeRequest>, result: Int32) -> Progress {
    request.checkInvariant()
    if filters != nil, let progress = resumeFiltered(request) { return progress }
    switch leaf.pointee.kind {
    case .file:
      let progress = FileDriver(node: self).resume(request, result: result)
      return settled(request, progress)
    case .null:
      return NullDriver.resume(request)
    }
  }

  /// Asks the filters; nil when the request goes on to the leaf at once.
  private func filter(
    _ filters: UnsafeMutablePointer<FilterNode>, _ request: UnsafeMutablePointer<NodeRequest>
  ) -> Progress? {
    // Tried again for its regions: the filters have had it.
    guard !request.pointee.isFiltered else { return nil }
    request.pointee.isFiltered = true
    let injection = FilterNode.injection(
      filters, request.pointee.kind, offset: request.pointee.offset &+ start, length: request.pointee.length)
    if injection.code != 0 && injection.isImmediate && injection.delay == 0 { return .done(-injection.code) }
    guard injection.code != 0 || injection.delay > 0 else { return nil }
    request.pointee.phase = injection.code != 0 ? .failing : .delayed
    request.pointee.failure = injection.code
    wait(request, nanoseconds: max(1, injection.delay))
    return .pending
  }

  /// The filters' wait is over; nil when the completion was not theirs.
  private func resumeFiltered(
    _ request: UnsafeMutablePointer<NodeRequest>
  ) -> Progress? {
    switch request.pointee.phase {
    case .failing: return .done(-request.pointee.failure)
    case .delayed:
      request.pointee.phase = .transfer
      return beginOnLeaf(request)
    default: return nil
    }
  }

  /// Has `request` complete after `nanoseconds`.
  func wait(_ request: UnsafeMutablePointer<NodeRequest>, nanoseconds: UInt64) {
    withUnsafeMutablePointer(to: &request.pointee.timer) { timer in
      timer.withMemoryRebound(to: Int64.self, capacity: 2) {
        loop.pointee.wait(nanoseconds: nanoseconds, storage: $0, request.pointee.tag)
      }
    }
  }

  /// An operation that is over gives its regions back.
  @inline(__always)
  private func settled(_ request: UnsafeMutablePointer<NodeRequest>, _ progress: Progress) -> Progress {
    if request.pointee.regions != 0, case .done = progress {
      leaf.pointee.locks.release(request.pointee.regions, exclusive: request.pointee.exclusive)
      request.pointee.regions = 0
    }
    return progress
  }

  /// Takes the regions of a request on a node that needs alignment; false when somebody else holds them.
  private func lock(_ request: UnsafeMutablePointer<NodeRequest>) -> Bool {
    let mask = UInt64(alignment) - 1
    let offset = request.pointee.leafOffset
    let regions: UInt64
    let exclusive: Bool
    switch request.pointee.kind {
    case .truncate, .allocate, .zeroExtending:
      regions = .max
      exclusive = true
    case .write:
      exclusive = (offset | request.pointee.length) & mask != 0
      // Widened to whole blocks, which may reach into the next region.
      let end = (offset + request.pointee.length + mask) & ~mask
      regions = RegionLocks.regions(offset: offset & ~mask, length: end - (offset & ~mask))
    default:
      exclusive = true
      regions = RegionLocks.regions(offset: offset & ~mask, length: request.pointee.length + 2 * mask)
    }
    guard leaf.pointee.locks.acquire(regions, exclusive: exclusive) else { return false }
    request.pointee.regions = regions
    request.pointee.exclusive = exclusive
    return true
  }

  /// SEEK_DATA (3) or SEEK_HOLE (4) from `offset`, which lies inside the node: the position, or a negative errno.
  func seek(_ offset: UInt64, whence: Int32) -> Int64 {
    let end = length
    switch leaf.pointee.kind {
    case .null(let readZeroes, _):
      let isData = !readZeroes
      if whence == SeekOrigin.data { return isData ? Int64(offset) : Int64(-ENXIO) }
      return Int64(isData ? end : offset)
    case .file:
      let found = lseek(leaf.pointee.fd, off_t(offset + start), whence)
      if found >= 0 {
        let position = UInt64(found) - start
        if position < end { return Int64(position) }
        return whence == SeekOrigin.data ? Int64(-ENXIO) : Int64(end)
      }
      // EINVAL: the file system keeps no map of holes, so that all of it counts as data.
      if errno == EINVAL { return whence == SeekOrigin.data ? Int64(offset) : Int64(end) }
      return Int64(-errno)
    }
  }
}
