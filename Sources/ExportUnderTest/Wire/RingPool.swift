// What minor 46 of the protocol adds to FUSE over io_uring: a queue with a pool of payload buffers, and without a copy.
// Nothing asks for it yet: it stands behind `InitFlags.hasIOUringBufferPools`, which no kernel has offered here.

import CFuseKernel

/// `fuse_uring_cmd_req.flags` of FUSE_IO_URING_CMD_ADD_QUEUE (include/uapi/linux/fuse.h).
struct RingQueueFlags: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt64
  /// `FUSE_URING_ZERO_COPY`: for processes with CAP_SYS_ADMIN, and with a pool only.
  static let zeroCopy = RingQueueFlags(rawValue: 1 << 0)
}

/// `fuse_uring_ent_in_out.flags` (include/uapi/linux/fuse.h).
struct RingEntryFlags: OptionSet, BitwiseCopyable, Sendable {
  let rawValue: UInt64
  /// `FUSE_URING_ENT_ZERO_COPY`: the data lies in the client's own pages, at the entry's place in the ring's table.
  static let zeroCopy = RingEntryFlags(rawValue: 1 << 0)
}

extension fuse_uring_cmd_req {
  /// Adds queue `queue` (FUSE_IO_URING_CMD_ADD_QUEUE): before its pool and its entries.
  init(queue: UInt16, flags: RingQueueFlags) {
    self.init()
    qid = queue
    self.flags = flags.rawValue
  }

  /// Gives `queue` its pool (FUSE_IO_URING_CMD_ADD_BUFPOOL): after the queue, before its first entry.
  init(queue: UInt16, pool: UnsafeRawPointer, length: UInt32) {
    self.init()
    qid = queue
    bufpool = fuse_uring_bufpool(uaddr: UInt64(UInt(bitPattern: pool)), len: length, reserved: 0)
  }

  /// Registers an entry of a queue with zero copy (FUSE_IO_URING_CMD_REGISTER): `bufferIndex` is its place in the
  /// ring's table of buffers.
  init(queue: UInt16, bufferIndex: UInt16) {
    self.init()
    qid = queue
    ent_zero_copy_buf_index = bufferIndex
  }
}

extension RingFrame {
  /// Where in a pool of `pool` bytes the payload of the request in the header block at `block` lies; nil when it is in
  /// the client's own pages.
  /// - Throws: `FrameError` when it would reach beyond the pool.
  static func poolPayload(_ block: UnsafeRawPointer, pool: Int) throws(FrameError) -> Range<Int>? {
    let words = entryWords(block)
    guard !RingEntryFlags(rawValue: words.flags).contains(.zeroCopy) else { return nil }
    let start = Int(words.offset)
    guard start <= pool, Int(words.payload_sz) <= pool - start else {
      throw .payloadTooLarge(says: words.payload_sz, room: max(0, pool - start))
    }
    return start..<(start + Int(words.payload_sz))
  }
}
