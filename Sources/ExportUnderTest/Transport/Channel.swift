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

  /// What a channel does in its life; `mayBecome` says in which order.
  enum Phase: CaseIterable {
    /// Requests are taken.
    case serving
    /// No more are taken, and when none is in flight the export is told.
    case draining
    /// No more are taken: the connection is gone, or cannot be trusted, or what was in flight has drained.
    case closed
    /// The connection is gone; what is still with the kernel is collected.
    case finishing
    /// Nothing of it is with the kernel any more.
    case ended

    /// Every step that a channel may take.
    func mayBecome(_ next: Phase) -> Bool {
      switch self {
      case .serving: next == .draining || next == .closed || next == .finishing
      // A hand-over that nobody took: it is served again.
      case .draining, .closed: next != self && next != .ended
      case .finishing: next == .ended
      case .ended: false
      }
    }
  }

  let kind: Kind
  /// The fd's or queue's number in the export.
  let index: Int
  let export: UnsafeMutablePointer<ExportedFile>
  /// Whom to tell what becomes of the channel.
  let board: ExportStatusBoard
  /// Where requests and answers are written down; nil where nobody asked. Its `ExportLifecycle` keeps it.
  let trace: Unmanaged<RequestTrace>?
  var node: NodeView
  /// Changed by `move(to:)` only.
  fileprivate(set) var phase = Phase.serving
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

  /// Who else polls this connection's device; nil where nobody does.
  let sharedPollers: UnsafeMutablePointer<SharedDevicePollers>?
  /// Where the kernel tells how many requests clients have in flight (see Backlog); -1 where it does not.
  var fusectlDirectory: Int32 = -1
  /// The fd beside a ring, over which little comes: it is read only when a poll says so.
  let isAuxiliaryDevice: Bool
  /// The last poll of the fd found something.
  var isReady = true
  /// A poll of the fd is with the kernel.
  var isPolled = false
  /// Its thread polls the fd itself, without pause.
  var isBusyPolled = false
  /// Commands that are with the kernel (queues only).
  var armed = 0

  var next: UnsafeMutablePointer<Channel>?
}

extension UnsafeMutablePointer<Channel> {
  /// Goes on to the next phase of the channel's life.
  func move(to next: Channel.Phase) {
    invariant(pointee.phase.mayBecome(next), "a channel's life goes by Phase.mayBecome")
    pointee.phase = next
  }

  /// Takes no more requests.
  func close() {
    if pointee.phase == .serving { move(to: .closed) }
  }

  /// Takes requests again.
  func reopen() {
    guard pointee.phase == .draining || pointee.phase == .closed else { return }
    move(to: .serving)
    pointee.isReady = true
  }

  /// Puts `slot` among those without a request (device only).
  @inline(__always)
  func release(_ slot: UnsafeMutablePointer<Slot>) {
    slot.pointee.next = pointee.free
    pointee.free = slot
  }

  /// Between turns of the loop every slot of the channel is in one place, and its thread knows in which.
  func checkInvariant() {
    #if INVARIANTS
      let depth = pointee.slots.depth
      invariant(pointee.inFlight >= 0 && pointee.armed >= 0, "counts of slots are not negative")
      switch pointee.kind {
      case .queue: invariant(pointee.inFlight + pointee.armed <= depth, "an entry is armed or in flight, not both")
      case .device:
        var free = 0
        var slot = pointee.free
        while let current = slot, free <= depth {
          invariant(current.pointee.channel == UnsafeMutableRawPointer(self), "a slot stays with its channel")
          current.checkIdle()
          free += 1
          slot = current.pointee.next
        }
        invariant(free + pointee.inFlight == depth, "a slot is free or in flight")
        invariant(pointee.armed == 0, "a device has no commands")
      }
      invariant(pointee.phase != .ended || pointee.inFlight + pointee.armed == 0, "an ended channel holds nothing")
    #endif
  }
}

/// The slots of one channel, and their memory.
struct SlotPool {
  let slots: UnsafeMutablePointer<Slot>
  let depth: Int
  /// Bytes of the largest READ and WRITE.
  let maxTransfer: Int
  /// For REGISTER: header block and payload of each entry, two a slot (queues only).
  let iovecs: UnsafeMutablePointer<iovec>?

  /// Address space of a channel's slots in bytes; resident memory follows use.
  static func bytes(_ kind: Channel.Kind, depth: Int, limit: TransferLimit) -> Int {
    depth * (pageSize + Slot.payloadSpan(limit))
  }

  /// Lays `depth` slots of `channel` out in `memory`, which holds `bytes(kind, depth:, limit:)`.
  init(
    _ kind: Channel.Kind, depth: Int, channel: UnsafeMutableRawPointer, memory: UnsafeMutableRawPointer,
    limit: TransferLimit
  ) {
    self.depth = depth
    maxTransfer = limit.bytes
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
        payload = payloads + index * Slot.payloadSpan(limit)
        iovecs![2 * index] = iovec(iov_base: head, iov_len: RingFrame.size)
        iovecs![2 * index + 1] = iovec(iov_base: payload, iov_len: limit.bytes)
      case .device:
        payload = memory + index * (pageSize + Slot.payloadSpan(limit)) + pageSize
        head = payload - DeviceFrame.prefix
      }
      let slot = slots + index
      slot.initialize(to: Slot(at: slot, channel: channel, head: head, payload: payload, limit: limit))
    }
  }

  /// Behind its first page, which holds replies, every payload becomes the same memory: for a node that neither
  /// keeps what is written nor fills what is read, one piece that stays in the processor's cache is enough.
  func shareBulk(_ memory: borrowing Pages) throws(SystemError) {
    try memory.share(
      maxTransfer - pageSize, at: (0..<depth).map { slots[$0].payload + pageSize })
  }

  func deallocate() {
    slots.deallocate()
    iovecs?.deallocate()
  }
}
