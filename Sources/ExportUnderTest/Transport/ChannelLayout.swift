// Which channels an export has, which thread serves each, and the memory that all of them need.

import Glibc

/// How requests travel.
enum Transport: String, Sendable {
  /// The mount's one fd, one thread.
  case legacy
  /// The mount's fd and clones of it, a thread each.
  case multithread
  /// FUSE over io_uring: a queue per possible CPU, dealt to the threads.
  case ioUring = "io_uring"
}

/// The channels of one export on one thread.
///
/// Unchecked: the channels are made by the starting thread, handed over in a task, and from then on touched by
/// `thread` only, until it has told that they are finished.
struct ThreadChannels: @unchecked Sendable {
  let thread: IOThread
  var channels: [UnsafeMutablePointer<Channel>] = []
}

/// Which channels an export has and which thread serves each: made once, before anything is served, and never changed.
/// It owns the channels, their slots and the one mapping that all payloads lie in.
final class ChannelLayout: Sendable {
  /// By thread, in the order in which the threads were given.
  let threads: [ThreadChannels]
  /// Channels in all threads.
  let count: Int
  /// Ring queues, or device fds.
  let queues: Int
  private let memory: Pages
  /// Unchecked pointer: all of it is atomic. Nil where no two threads share a device.
  private nonisolated(unsafe) let sharedPollers: UnsafeMutablePointer<SharedDevicePollers>?

  /// Maps all memory and lays out every channel.
  /// - Parameters:
  ///   - threads: at least one.
  ///   - depth: slots of a device channel, entries of a ring queue.
  ///   - export: outlives the layout, as `trace` does.
  init(
    _ transport: Transport, threads: [IOThread], depth: Int, node: NodeView,
    export: UnsafeMutablePointer<ExportedFile>, board: ExportStatusBoard, trace: RequestTrace? = nil, possibleCPUs: Int
  ) throws(SystemError) {
    precondition(!threads.isEmpty, "an export has a thread")
    let trace = trace.map { Unmanaged.passUnretained($0) }
    let limit = export.pointee.limit
    let plan = Self.plan(transport, threads: threads.count, depth: depth, possibleCPUs: possibleCPUs)
    let memory = try Pages(size: plan.reduce(0) { $0 + SlotPool.bytes($1.kind, depth: $1.depth, limit: limit) })
    let sharesDevice = transport == .multithread && threads.count > 1
    let pollers: UnsafeMutablePointer<SharedDevicePollers>? = sharesDevice ? .allocate(capacity: 1) : nil
    pollers?.initialize(to: SharedDevicePollers(notifiers: threads.map(\.tasks.handle)))
    var dealt = threads.map { ThreadChannels(thread: $0) }
    var next = memory.start
    for place in plan {
      let channel = UnsafeMutablePointer<Channel>.allocate(capacity: 1)
      channel.initialize(
        to: Channel(
          kind: place.kind, index: place.index, export: export, board: board, trace: trace, node: node,
          slots: SlotPool(place.kind, depth: place.depth, channel: channel, memory: next, limit: limit),
          sharedPollers: pollers, isAuxiliaryDevice: place.isAuxiliaryDevice))
      next += SlotPool.bytes(place.kind, depth: place.depth, limit: limit)
      if place.kind == .device {
        for index in (0..<place.depth).reversed() { channel.release(channel.pointee.slots.slots + index) }
      }
      dealt[place.thread].channels.append(channel)
    }
    count = plan.count
    queues = plan.count { !$0.isAuxiliaryDevice }
    self.memory = memory
    self.threads = dealt
    sharedPollers = pollers
    // From here on `deinit` frees what a failure leaves.
    if case .null(readZeroes: false, _) = node.leaf.pointee.kind {
      for channel in dealt.flatMap(\.channels) { try channel.pointee.slots.shareBulk(self.memory) }
    }
  }

  deinit {
    for channel in threads.flatMap(\.channels) {
      channel.pointee.slots.deallocate()
      channel.deinitialize(count: 1)
      channel.deallocate()
    }
    sharedPollers?.deinitialize(count: 1)
    sharedPollers?.deallocate()
  }

  private struct Place {
    let kind: Channel.Kind
    let index: Int
    let thread: Int
    let depth: Int
    var isAuxiliaryDevice = false
  }

  /// The fd beside a ring needs few slots.
  private static let auxiliaryDepth = 4

  /// Which channel is served by which thread.
  private static func plan(_ transport: Transport, threads: Int, depth: Int, possibleCPUs: Int) -> [Place] {
    switch transport {
    case .legacy: return [Place(kind: .device, index: 0, thread: 0, depth: depth)]
    case .multithread: return (0..<threads).map { Place(kind: .device, index: $0, thread: $0, depth: depth) }
    case .ioUring:
      let device = Place(kind: .device, index: 0, thread: 0, depth: auxiliaryDepth, isAuxiliaryDevice: true)
      return [device]
        + (0..<possibleCPUs).map { Place(kind: .queue, index: $0, thread: $0 % threads, depth: depth) }
    }
  }

  /// Every channel stops taking requests, as soon as its thread gets to it.
  func close() {
    for share in threads {
      share.thread.tasks.post { _ in for channel in share.channels { channel.close() } }
    }
  }
}
