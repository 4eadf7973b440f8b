// A channel: one way by which requests of one export reach one thread. A device fd, or a queue of the ring.

import Glibc

/// What a channel has served. Written by its thread only, and handed out by it.
struct Counters: BitwiseCopyable {
  /// By opcode; numbers that the kernel does not know yet share the last one.
  var requests = InlineArray<64, UInt64>(repeating: 0)
  var bytesRead: UInt64 = 0
  var bytesWritten: UInt64 = 0
  var errors: UInt64 = 0
  var maxInFlight = 0

  @inline(__always)
  mutating func count(_ opcode: UInt32) {
    requests[Int(min(opcode, 63))] &+= 1
  }
}

/// A channel's state in its thread. Its address is stable; slots and completions carry it.
struct Channel {
  enum Kind {
    /// A /dev/fuse fd: the mount's own, or a clone of it.
    case device
    /// A queue of FUSE over io_uring.
    case queue
  }

  let kind: Kind
  /// The fd's or queue's number in the export.
  let index: Int
  let export: UnsafeMutablePointer<ExportState>
  var server: Unmanaged<ExportServer>
  var node: NodeView
  /// The /dev/fuse fd; -1 before the mount.
  var fd: Int32 = -1
  /// The same in the thread's table of files (queues only).
  var file: Int32 = -1
  let slots: SlotPool
  /// Slots without a request (device only).
  var free: UnsafeMutablePointer<Slot>?
  /// Requests taken and not yet answered.
  var inFlight = 0
  var counters = Counters()

  /// Who else waits for this connection's requests; nil when nobody does.
  let watch: UnsafeMutablePointer<DeviceWatch>?
  /// Where the kernel tells how many requests clients have in flight (see Crowd); -1 where it does not.
  var control: Int32 = -1
  /// The fd beside a ring, over which little comes: it is read only when a poll says so.
  let isAside: Bool
  /// The last poll of the fd found something.
  var isReady = true
  /// A poll of the fd is with the kernel.
  var isPolled = false
  /// Its thread looks at the fd without pause.
  var isLookedAt = false
  /// Commands that are with the kernel (queues only).
  var armed = 0
  /// No more requests are taken: the export stops, was halted, or its connection is gone.
  var isClosed = false
  /// The export is stopping: tell when nothing is in flight.
  var isDraining = false
  /// The connection is gone; once nothing is with the kernel, the channel ends.
  var isFinishing = false

  var next: UnsafeMutablePointer<Channel>?
}

/// The slots of one channel, and their memory.
struct SlotPool {
  let slots: UnsafeMutablePointer<Slot>
  let depth: Int
  /// For REGISTER: header block and payload of each entry, two a slot (queues only).
  let iovecs: UnsafeMutablePointer<iovec>?

  /// Address space of a channel's slots in bytes; resident memory follows use.
  static func bytes(_ kind: Channel.Kind, depth: Int) -> Int {
    depth * (pageSize + Slot.payloadSpan)
  }

  /// Lays `depth` slots of `channel` out in `memory`, which holds `bytes(kind, depth:)`.
  init(_ kind: Channel.Kind, depth: Int, channel: UnsafeMutableRawPointer, memory: UnsafeMutableRawPointer) {
    self.depth = depth
    slots = .allocate(capacity: depth)
    let iovecs: UnsafeMutablePointer<iovec>? = kind == .queue ? .allocate(capacity: 2 * depth) : nil
    self.iovecs = iovecs
    // A queue's header blocks share pages: an idle queue keeps few of them.
    let headStride = kind == .queue ? 512 : pageSize
    let payloads = memory + depth * pageSize
    for index in 0..<depth {
      let payload: UnsafeMutableRawPointer
      let head: UnsafeMutableRawPointer
      switch kind {
      case .queue:
        head = memory + index * headStride
        payload = payloads + index * Slot.payloadSpan
        iovecs![2 * index] = iovec(iov_base: head, iov_len: RingFrame.size)
        iovecs![2 * index + 1] = iovec(iov_base: payload, iov_len: Negotiation.maxTransfer)
      case .device:
        payload = memory + index * (pageSize + Slot.payloadSpan) + pageSize
        head = payload - DeviceFrame.prefix
      }
      (slots + index).initialize(to: Slot(channel: channel, head: head, payload: payload))
    }
  }

  /// Behind its first page, which holds replies, every payload becomes the same memory: for a node that neither
  /// keeps what is written nor fills what is read, one piece that stays in the processor's cache is enough.
  func shareBulk(_ memory: borrowing Pages) throws(SystemError) {
    try memory.share(
      Negotiation.maxTransfer - pageSize, at: (0..<depth).map { slots[$0].payload + pageSize })
  }

  func deallocate() {
    slots.deallocate()
    iovecs?.deallocate()
  }
}
