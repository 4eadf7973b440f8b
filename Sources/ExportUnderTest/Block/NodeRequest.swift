// One operation on a node, as the thread that owns it carries it from begin to end.

/// What a node is asked to do, and how far it has come. Lives in the slot of the FUSE request it serves.
struct NodeRequest: BitwiseCopyable {
  enum Kind: UInt8 {
    case read, write, flush
    /// The range reads as zeroes, and its blocks may go (a hole).
    case discard
    /// The range reads as zeroes and stays allocated where the file system can.
    case zero
    /// The same, and the node grows to the range's end.
    case zeroExtending
    /// The node's length becomes `newLength`.
    case truncate
    /// The range is allocated; the node's length grows to its end.
    case allocate
  }

  /// What the completion that comes next belongs to.
  enum Phase: UInt8 {
    /// The transfer itself.
    case transfer
    /// Read-modify-write of a direct node: the first block, the last block, the widened write.
    case readHead, readTail, writeWidened
    /// Bytes that go through the page cache: the tail of a direct file whose length is no multiple of a block.
    case writeBuffered
    /// fallocate of one piece; or zeroes written where the file system cannot.
    case allocatePiece, writeZeroes
    /// The length that follows an allocation.
    case setEnd
    /// A filter lets it wait: before it begins, or before it fails with `failure`.
    case delayed, failing
  }

  var kind: Kind
  var phase = Phase.transfer
  /// The filters have seen it.
  var isFiltered = false
  /// Holds the regions exclusively.
  var exclusive = false
  /// Bytes between the aligned start of a widened read and what was asked for.
  var skip: UInt32 = 0
  /// What was asked for: from the window's start.
  var offset: UInt64
  /// The same from the leaf's start; set when the leaf is first asked.
  var leafOffset: UInt64 = 0
  var length: UInt64
  /// Truncate: the node's length to be, from the window's start.
  var newLength: UInt64 = 0
  /// Bytes of `length` (reads: from the aligned start) that are through.
  var done: UInt64 = 0
  /// The positive errno with which a filter lets it fail.
  var failure: Int32 = 0
  /// The regions held, a bit each; 0 when none.
  var regions: UInt64 = 0
  /// READ and WRITE: page aligned, with two pages of room behind the largest transfer.
  var buffer: UnsafeMutableRawPointer
  /// Two pages for the blocks at the ends of a read-modify-write.
  var scratch: UnsafeMutableRawPointer
  /// Where a latency's time lies while the kernel reads it: (seconds, nanoseconds).
  var timer: (Int64, Int64) = (0, 0)
  /// What completions of this operation carry.
  let tag: Tag
}

extension UnsafeMutablePointer<NodeRequest> {
  /// What must hold whenever the operation's thread carries it on.
  @inline(__always)
  func checkInvariant() {
    invariant(pointee.failure == 0 || pointee.phase == .failing, "only a filter's failure has an errno")
    invariant(
      pointee.done <= pointee.length + UInt64(pointee.skip) + 2 * UInt64(pageSize), "no more is done than asked")
    invariant(UInt(bitPattern: pointee.buffer) % UInt(pageSize) == 0, "buffers lie on page boundaries")
  }
}

/// Where an operation on a node stands.
enum Progress: Equatable {
  /// Over: bytes moved (READ, WRITE) or 0, or a negative errno.
  case done(Int32)
  /// A completion will come.
  case pending
  /// Another operation holds the range; begin it again later.
  case blocked
}
