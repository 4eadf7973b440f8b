// A request slot: made once, used for one FUSE request after another.

import Glibc

/// One FUSE request from its arrival to its reply. Its address is stable: everything that is submitted for
/// the request carries it.
///
/// The slot's memory, all of it mapped once:
/// `head … payload`: the request's header and arguments, in front of a page boundary (device), or an entry's
/// header block elsewhere (ring); `payload`: the largest transfer plus two pages of room for widened direct
/// I/O; behind it two pages of scratch.
struct Slot: BitwiseCopyable {
  /// Bytes of memory behind `payload`.
  static func payloadSpan(_ limit: TransferLimit) -> Int { limit.bytes + 4 * pageSize }
  /// The part of it that is scratch.
  private static func scratchOffset(_ limit: TransferLimit) -> Int { limit.bytes + 2 * pageSize }

  // MARK: The transport's
  /// The channel that the request came over.
  let channel: UnsafeMutableRawPointer
  /// The header block of a ring entry; of a device slot, where a read puts the request.
  let head: UnsafeMutableRawPointer
  let payload: UnsafeMutableRawPointer
  /// The next free slot, the next that waits for its regions, or the next whose node operation has completed.
  var next: UnsafeMutablePointer<Slot>?
  /// What a ring answer must name.
  var commitID: UInt64 = 0

  // MARK: The request's
  var unique: UInt64 = 0
  var pid: UInt32 = 0
  var operation = Operation.unsupported
  var stage = Stage.only
  var io: NodeRequest
  /// OPEN with O_TRUNC: where on the node the range begins that is being erased.
  var eraseStart: UInt64 = 0
  /// What the node operation's last completion said.
  var result: Int32 = 0

  // MARK: The answer's
  /// 0 or a negative errno.
  var error: Int32 = 0
  /// Bytes of the reply's body in `payload`.
  var replyLength = 0

  /// Which part of an operation the node is working on.
  enum Stage: UInt8 {
    case only
    /// O_DSYNC: the data of a WRITE is written and must become stable before the answer.
    case synchronizing
  }

  /// - Parameter address: where the slot will be, as long as it is used.
  init(
    at address: UnsafeMutablePointer<Slot>, channel: UnsafeMutableRawPointer, head: UnsafeMutableRawPointer,
    payload: UnsafeMutableRawPointer, limit: TransferLimit
  ) {
    self.channel = channel
    self.head = head
    self.payload = payload
    io = NodeRequest(
      kind: .flush, offset: 0, length: 0, buffer: payload, scratch: payload + Self.scratchOffset(limit),
      tag: Tag(.node, address))
  }
}

extension UnsafeMutablePointer<Slot> {
  /// The slot's node operation, in place.
  @inline(__always) var io: UnsafeMutablePointer<NodeRequest> {
    (UnsafeMutableRawPointer(self) + MemoryLayout<Slot>.offset(of: \.io)!)
      .assumingMemoryBound(to: NodeRequest.self)
  }

  @inline(__always)
  func prepare(_ kind: NodeRequest.Kind, offset: UInt64 = 0, length: UInt64 = 0) -> Outcome {
    io.pointee.kind = kind
    io.pointee.phase = .transfer
    io.pointee.skip = 0
    io.pointee.isFiltered = false
    io.pointee.offset = offset
    io.pointee.length = length
    io.pointee.done = 0
    io.pointee.failure = 0
    return .node
  }

  /// The node is to have `newLength` bytes.
  func prepareTruncate(to newLength: UInt64) -> Outcome {
    io.pointee.newLength = newLength
    return prepare(.truncate)
  }

  /// The kernel sends the request again: another process had it, and may have carried it out.
  var isResent: Bool { pointee.unique & RequestHeader.resendBit != 0 }

  /// What must hold while the slot has no request.
  func checkIdle() {
    invariant(io.pointee.regions == 0, "a slot without a request holds no regions")
    invariant(io.pointee.tag.address == UnsafeMutableRawPointer(self), "completions find their slot")
    let room = pointee.io.scratch - pointee.payload
    invariant(pointee.replyLength >= 0 && pointee.replyLength <= room, "a reply fits its payload")
  }

  @inline(__always)
  func reply(length: Int = 0) -> Outcome {
    pointee.error = 0
    pointee.replyLength = length
    return .reply
  }

  @inline(__always)
  func fail(_ code: Int32) -> Outcome {
    pointee.error = -code
    pointee.replyLength = 0
    return .reply
  }
}

/// What happens with a slot next.
enum Outcome {
  /// The answer is in the slot.
  case reply
  /// Nothing is answered (FORGET).
  case noReply
  /// The node has to work on `io` first.
  case node
}
