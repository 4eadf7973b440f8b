// One export across its threads: from prepared memory to the last collected completion.

import CFuseKernel
import CLinux
import Glibc
import Synchronization

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
/// Unchecked: the channels are made by the starting thread, handed over in a letter, and from then on touched
/// by `thread` only, until it has told that they are finished.
struct ThreadShare: @unchecked Sendable {
  let thread: IOThread
  var channels: [UnsafeMutablePointer<Channel>] = []
}

/// What has become of an export, as its threads tell it.
struct ExportStatus: Sendable {
  var isInitialized = false
  var sharesRegistered = 0
  var sharesReady = 0
  var sharesDrained = 0
  var channelsFinished = 0
  var failure: String?
  /// The kernel ended the connection.
  var isLost = false
  var counters: [CounterRecord] = []
}

/// A channel's counters with the channel's name as statistics give it: `device.0`, `queue.1`.
struct CounterRecord: Sendable, Comparable {
  let name: String
  let counters: Counters
  /// Devices before queues, each by number.
  private let order: (Int, Int)

  init(_ kind: Channel.Kind, index: Int, counters: Counters) {
    name = (kind == .device ? "device." : "queue.") + String(index)
    order = (kind == .device ? 0 : 1, index)
    self.counters = counters
  }

  init(_ channel: Channel) {
    self.init(channel.kind, index: channel.index, counters: channel.counters)
  }

  static func < (left: CounterRecord, right: CounterRecord) -> Bool { left.order < right.order }
  static func == (left: CounterRecord, right: CounterRecord) -> Bool { left.order == right.order }
}

/// An export while it is served. Driven by the daemon's thread; threads call the `@Sendable`-safe half below.
final class ExportServer: Sendable {
  let transport: Transport
  let depth: Int
  /// Unchecked pointer: all of the state's mutable parts are atomics and locks.
  nonisolated(unsafe) let state: UnsafeMutablePointer<ExportState>
  let node: NodeView
  let shares: [ThreadShare]
  private let memory: MemoryOwner
  /// Unchecked pointer: all of it is atomic. Nil where no two threads share a device.
  private nonisolated(unsafe) let watch: UnsafeMutablePointer<DeviceWatch>?
  private let status = Mutex(ExportStatus())
  /// An eventfd of this export's own, rung at every change of status. Exactly one thread may listen at a time.
  let bell: Int32

  /// Maps all memory and lays out every channel; nothing is served yet.
  /// - Parameters:
  ///   - threads: the iothreads, at least one.
  ///   - depth: slots of a device channel, entries of a ring queue.
  init(
    transport: Transport, threads: [IOThread], depth: Int, state: consuming ExportState,
    node: NodeView, possibleCPUs: Int
  ) throws(SystemError) {
    self.transport = transport
    self.depth = depth
    self.node = node
    let plan = Self.plan(transport, threads: threads.count, possibleCPUs: possibleCPUs)
    let bytes = plan.reduce(0) { $0 + SlotPool.bytes($1.kind, depth: Self.depth(of: $1, depth)) }
    memory = MemoryOwner(try Pages(size: bytes))
    bell = try checked(clinux_eventfd(), "cannot make an eventfd")
    self.state = .allocate(capacity: 1)
    self.state.initialize(to: state)
    let sharesDevice = transport == .multithread && threads.count > 1
    let watch: UnsafeMutablePointer<DeviceWatch>? = sharesDevice ? .allocate(capacity: 1) : nil
    watch?.initialize(to: DeviceWatch(bells: threads.map(\.mailbox.fd)))
    self.watch = watch
    var shares = threads.map { ThreadShare(thread: $0) }
    var next = memory.pages.start
    for place in plan {
      let channel = UnsafeMutablePointer<Channel>.allocate(capacity: 1)
      let channelDepth = Self.depth(of: place, depth)
      channel.initialize(
        to: Channel(
          kind: place.kind, index: place.index, export: self.state, server: Unmanaged<ExportServer>.nowhere,
          node: node, slots: SlotPool(place.kind, depth: channelDepth, channel: channel, memory: next),
          watch: watch, isAside: place.isAside))
      next += SlotPool.bytes(place.kind, depth: channelDepth)
      shares[place.thread].channels.append(channel)
    }
    self.shares = shares
    if case .null(readZeroes: false, _) = node.leaf.pointee.kind {
      for channel in shares.flatMap(\.channels) { try channel.pointee.slots.shareBulk(memory.pages) }
    }
    for channel in allChannels {
      channel.pointee.server = Unmanaged.passUnretained(self)
      guard channel.pointee.kind == .device else { continue }
      for index in (0..<channel.pointee.slots.depth).reversed() {
        let slot = channel.pointee.slots.slots + index
        slot.pointee.next = channel.pointee.free
        channel.pointee.free = slot
      }
    }
  }

  deinit {
    for channel in allChannels {
      channel.pointee.slots.deallocate()
      channel.deallocate()
    }
    watch?.deinitialize(count: 1)
    watch?.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
    close(bell)
  }

  private var allChannels: [UnsafeMutablePointer<Channel>] { shares.flatMap(\.channels) }

  /// Ring queues, or device fds.
  var queues: Int { allChannels.count { !$0.pointee.isAside } }

  private struct Place {
    let kind: Channel.Kind
    let index: Int
    let thread: Int
    var isAside = false
  }

  /// Which channel is served by which thread.
  private static func plan(_ transport: Transport, threads: Int, possibleCPUs: Int) -> [Place] {
    switch transport {
    case .legacy: return [Place(kind: .device, index: 0, thread: 0)]
    case .multithread: return (0..<threads).map { Place(kind: .device, index: $0, thread: $0) }
    case .ioUring:
      let device = Place(kind: .device, index: 0, thread: 0, isAside: true)
      return [device] + (0..<possibleCPUs).map { Place(kind: .queue, index: $0, thread: $0 % threads) }
    }
  }

  /// The fd beside a ring needs few slots.
  private static func depth(of place: Place, _ depth: Int) -> Int { place.isAside ? 4 : depth }

  // MARK: Starting, by the daemon's thread

  /// Registers the node's files with every thread's ring.
  func prepare() throws {
    for share in shares {
      let node = node
      node.leaf.pointee.locks.wakers.withLock { $0.append(share.thread.mailbox.fd) }
      share.thread.mailbox.post { thread in
        do {
          try thread.adopt(share.channels, node)
          self.tell { $0.sharesReady += 1 }
        } catch {
          self.tell { $0.failure = "\(error)" }
        }
      }
    }
    try wait("its threads take the export") { $0.sharesReady == self.shares.count }
  }

  /// Begins to serve the mounted `device`.
  /// - Parameters:
  ///   - clones: one for each further thread.
  ///   - control: the connection's folder of control files, for Crowd; -1 where there is none.
  ///
  /// Both stay open until `finish`, and are then closed by whoever opened them.
  func open(device: Int32, clones: [Int32], control: Int32) throws {
    let fds = [device] + clones
    // The thread that reads INIT comes last: its answer makes it write to the others.
    for (number, share) in shares.enumerated().reversed() {
      let fd = transport == .multithread ? fds[number] : device
      share.thread.mailbox.post { thread in
        do {
          try thread.open(share.channels, fd: fd, control: control)
        } catch {
          self.tell { $0.failure = "\(error)" }
        }
      }
    }
    try wait("the kernel begins to talk to it") {
      $0.isInitialized && (self.transport != .ioUring || $0.sharesRegistered == self.shares.count)
    }
    // A refused entry is reported in the round after its registration.
    tell { $0.sharesReady = 0 }
    for share in shares { share.thread.mailbox.post { _ in self.tell { $0.sharesReady += 1 } } }
    try wait("its threads answer") { $0.sharesReady == self.shares.count }
  }

  private func wait(
    _ what: String, milliseconds: Int = 5000, until condition: (ExportStatus) -> Bool
  ) throws(StartFailure) {
    guard waitFor(milliseconds: milliseconds, { $0.failure != nil || condition($0) }) else {
      throw StartFailure(description: "gave up waiting until \(what)")
    }
    if let failure = currentStatus.failure { throw StartFailure(description: failure) }
  }

  // MARK: Stopping, by the daemon's thread

  /// Takes no more requests, and waits until those in flight are answered; false when that took too long.
  func drain(milliseconds: Int) -> Bool {
    tell { $0.sharesDrained = 0 }
    for share in shares {
      share.thread.mailbox.post { $0.drain(share.channels) }
    }
    return waitFor(milliseconds: milliseconds) { $0.sharesDrained >= self.allChannels.count }
  }

  /// After the connection is gone: collects what is still with the kernel. False when it did not come back.
  func finish(milliseconds: Int) -> Bool {
    for share in shares {
      share.thread.mailbox.post { $0.finish(share.channels) }
    }
    let finished = waitFor(milliseconds: milliseconds) { $0.channelsFinished == self.allChannels.count }
    if finished {
      tell { $0.sharesReady = 0 }
      for share in shares {
        share.thread.mailbox.post { thread in
          thread.release(share.channels)
          self.tell { $0.sharesReady += 1 }
        }
        node.leaf.pointee.locks.wakers.withLock { wakers in
          if let index = wakers.firstIndex(of: share.thread.mailbox.fd) { wakers.remove(at: index) }
        }
      }
    }
    return finished && waitFor(milliseconds: milliseconds) { $0.sharesReady == self.shares.count }
  }

  /// Counters of every channel, read by their threads.
  func countersNow() -> [CounterRecord] {
    let finished = currentStatus.counters
    guard finished.isEmpty else { return finished.sorted() }
    let gathered = Gathered()
    for share in shares {
      share.thread.mailbox.post { _ in
        let records = share.channels.map { CounterRecord($0.pointee) }
        gathered.records.withLock { $0 += records }
        self.tell { _ in }
      }
    }
    _ = waitFor(milliseconds: 2000) { _ in gathered.records.withLock { $0.count } == self.allChannels.count }
    return gathered.records.withLock { $0.sorted() }
  }

  private final class Gathered: Sendable {
    let records = Mutex<[CounterRecord]>([])
  }

  var currentStatus: ExportStatus { status.withLock { $0 } }

  /// Sleeps until the status fulfils `condition`, at most `milliseconds`.
  private func waitFor(milliseconds: Int, _ condition: (ExportStatus) -> Bool) -> Bool {
    let end = monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    while !condition(currentStatus) {
      let now = monotonicNanoseconds()
      guard now < end else { return false }
      var request = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
      if poll(&request, 1, Int32((end - now) / 1_000_000 + 1)) > 0 {
        var count: UInt64 = 0
        _ = read(bell, &count, 8)
      }
    }
    return true
  }

  // MARK: Told by the threads

  func tell(_ change: (inout ExportStatus) -> Void) {
    status.withLock { change(&$0) }
    var one: UInt64 = 1
    _ = write(bell, &one, 8)
  }

  /// The answer to INIT; the second INIT of a connection is an error.
  func negotiate(_ view: RequestView) -> Result<fuse_init_out, Negotiation.Refusal> {
    do throws(Negotiation.Refusal) {
      guard let request = InitRequest(view) else { throw .truncated }
      guard !currentStatus.isInitialized else { throw .repeated }
      return .success(try Negotiation.reply(to: request, ring: transport == .ioUring))
    } catch {
      if error == .repeated { report("\(error)") } else { tell { $0.failure = "\(error)" } }
      return .failure(error)
    }
  }

  /// INIT is answered: a ring's entries can be registered.
  func initialized() {
    tell { $0.isInitialized = true }
    guard transport == .ioUring else { return }
    for share in shares {
      share.thread.mailbox.post { thread in
        for channel in share.channels where channel.pointee.kind == .queue { thread.register(channel) }
        self.tell { $0.sharesRegistered += 1 }
      }
    }
  }

  func registrationFailed(_ code: Int32) {
    tell { $0.failure = "the kernel refused or lost an io_uring entry: \(errnoText(code))" }
  }

  func connectionEnded() { tell { $0.isLost = true } }

  /// Nothing that comes can be trusted: every channel of the export stops taking requests. The process lives.
  func halt() {
    for share in shares {
      share.thread.mailbox.post { _ in
        for channel in share.channels { channel.pointee.isClosed = true }
      }
    }
  }
}

/// Keeps a mapping alive as long as its export.
private final class MemoryOwner: Sendable {
  let pages: Pages
  init(_ pages: consuming Pages) { self.pages = pages }
}

extension Unmanaged where Instance == ExportServer {
  /// Stands in until the server exists.
  static var nowhere: Unmanaged<ExportServer> {
    .fromOpaque(UnsafeRawPointer(bitPattern: 8)!)
  }
}
