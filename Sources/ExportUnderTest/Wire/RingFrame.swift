// How one request and its reply lie in the header block of a ring entry.

import CFuseKernel

/// The header block of a ring entry: the request's header, its arguments, and the entry's own words.
enum RingFrame {
  static let size = MemoryLayout<fuse_uring_req_header>.size
  private static let arguments = MemoryLayout<fuse_uring_req_header>.offset(of: \.op_in)!
  private static let entry = MemoryLayout<fuse_uring_req_header>.offset(of: \.ring_ent_in_out)!
  /// Bytes of an operation's arguments in the header block.
  private static let argumentsSize = 128

  /// Why an entry cannot be used.
  enum FrameError: Error, Equatable, CustomStringConvertible {
    case noCommitID
    case shortHeader(says: UInt32)
    case payloadTooLarge(says: UInt32, room: Int)
    case noPayload

    var description: String {
      switch self {
      case .noCommitID: "a ring request without a commit id"
      case .shortHeader(let says): "a ring request says that it has \(says) bytes, less than its header"
      case .noPayload: "a ring request without a copy of its data, on a queue that did not ask for that"
      case .payloadTooLarge(let says, let room): "a ring request of \(says) payload bytes in a buffer of \(room)"
      }
    }
  }

  /// The entry's own words in the header block at `block`.
  static func entryWords(_ block: UnsafeRawPointer) -> fuse_uring_ent_in_out {
    (block + entry).loadUnaligned(as: fuse_uring_ent_in_out.self)
  }

  /// The request in the header block at `block`, whose payload buffer has `room` bytes, and the id that its
  /// answer must carry.
  static func parse(_ block: UnsafeRawPointer, room: Int) throws(FrameError) -> (RequestView, commitID: UInt64) {
    let words = entryWords(block)
    let header = RequestHeader(at: block)
    guard words.commit_id != 0 else { throw .noCommitID }
    guard !RingEntryFlags(rawValue: words.flags).contains(.zeroCopy) else { throw .noPayload }
    guard header.length >= RequestHeader.size else { throw .shortHeader(says: header.length) }
    guard Int(words.payload_sz) <= room else { throw .payloadTooLarge(says: words.payload_sz, room: room) }
    // The header counts arguments and payload together; operations without arguments leave `op_in` stale.
    let rest = Int(header.length) - RequestHeader.size
    let view = RequestView(
      header: header, arguments: block + arguments,
      argumentsLength: min(argumentsSize, max(0, rest - Int(words.payload_sz))),
      payloadLength: Int(words.payload_sz))
    return (view, words.commit_id)
  }

  /// Writes the reply's header and the payload's size; the body is in the payload already.
  static func reply(_ block: UnsafeMutableRawPointer, unique: UInt64, error: Int32, length: Int) {
    let size = error == 0 ? length : 0
    let header = fuse_out_header(
      len: UInt32(MemoryLayout<fuse_out_header>.size + size), error: error, unique: unique)
    block.storeBytes(of: header, as: fuse_out_header.self)
    let words = block + entry
    words.storeBytes(
      of: UInt32(size), toByteOffset: MemoryLayout<fuse_uring_ent_in_out>.offset(of: \.payload_sz)!, as: UInt32.self)
  }
}
