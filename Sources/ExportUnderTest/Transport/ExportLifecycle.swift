// One export across its threads, as the daemon's thread drives it: from prepared memory to the last collected
// completion.

import Glibc
import Synchronization

/// The life of an export in its threads: prepared, opened, drained, opened again or finished. Each step is a task to
/// every thread and a wait for all of them; requests are served by the threads (`ServingThread`), not here.
final class ExportLifecycle: Sendable {
  let transport: Transport
  /// Unchecked pointer: what changes in it is atomic or locked.
  nonisolated(unsafe) let file: UnsafeMutablePointer<ExportedFile>
  private let node: NodeView
  private let layout: ChannelLayout
  private let board: ExportStatusBoard
  /// Kept for the channels, which do not count references.
  private let trace: RequestTrace?

  /// Maps all memory and lays out every channel; nothing is served yet.
  /// - Parameters:
  ///   - threads: the iothreads, at least one.
  ///   - depth: slots of a device channel, entries of a ring queue.
  ///   - trace: where requests and answers are written down.
  init(
    transport: Transport, threads: [IOThread], depth: Int, file: consuming ExportedFile, node: NodeView,
    trace: RequestTrace? = nil, possibleCPUs: Int
  ) throws(SystemError) {
    self.transport = transport
    self.node = node
    self.trace = trace
    let board = try ExportStatusBoard()
    self.board = board
    let address = UnsafeMutablePointer<ExportedFile>.allocate(capacity: 1)
    address.initialize(to: file)
    do throws(SystemError) {
      layout = try ChannelLayout(
        transport, threads: threads, depth: depth, node: node, export: address, board: board, trace: trace,
        possibleCPUs: possibleCPUs)
    } catch {
      address.deinitialize(count: 1)
      address.deallocate()
      throw error
    }
    self.file = address
    address.pointee.emptiedNotifier = board.handle
    // Through the layout, which knows nobody: the board must not keep what holds it.
    board.setHaltAction { [weak layout] in layout?.close() }
  }

  deinit {
    file.deinitialize(count: 1)
    file.deallocate()
  }

  var threads: [IOThread] { layout.threads.map(\.thread) }

  /// Ring queues, or device fds.
  var queues: Int { layout.queues }

  var status: ExportStatus { board.current }

  /// Readable after every change of status. Exactly one thread may listen at a time.
  var notifierFD: Int32 { board.fd }

  // MARK: Starting

  /// Registers the node's files with every thread's ring.
  /// - Throws: what a thread could not do, or that it did not answer in time.
  func prepare() throws {
    for share in layout.threads {
      node.leaf.pointee.locks.wakers.withLock { $0.append(share.thread.tasks.handle) }
      post(to: share, telling: { $0.threadsReady += 1 }) { [node] thread throws(SystemError) in
        try thread.registerFiles(share.channels, node)
      }
    }
    try wait("its threads take the export") { [layout] in $0.threadsReady == layout.threads.count }
  }

  /// Begins to serve the mounted `device`.
  /// - Parameters:
  ///   - clones: one for each further thread.
  ///   - fusectlDirectory: the connection's folder of control files, for Backlog; -1 where there is none.
  ///   - isAdopted: another process has served it, and answered INIT.
  /// - Throws: why the kernel does not talk to the export, or that it did not in time.
  ///
  /// Both stay open until `finish`, and are then closed by whoever opened them.
  func open(device: Int32, clones: [Int32], fusectlDirectory: Int32, isAdopted: Bool = false) throws {
    let fds = [device] + clones
    let count = layout.threads.count
    precondition(transport != .multithread || fds.count == count, "each thread has a descriptor of its own")
    // The thread that reads INIT comes last: the others are there when its answer lets requests come.
    for (number, share) in layout.threads.enumerated().reversed() {
      let fd = transport == .multithread ? fds[number] : device
      post(to: share, telling: { _ in }) { thread throws(SystemError) in
        try thread.open(share.channels, fd: fd, fusectlDirectory: fusectlDirectory)
      }
    }
    if !isAdopted { try wait("the kernel begins to talk to it") { $0.isInitialized } }
    if transport == .ioUring {
      for share in layout.threads {
        post(to: share, telling: { $0.threadsRegistered += 1 }) { thread in
          for channel in share.channels where channel.pointee.kind == .queue { thread.register(channel) }
        }
      }
      try wait("its queues are registered") { $0.threadsRegistered == count }
    }
    // A refused entry is reported in the round after its registration.
    board.update { $0.threadsReady = 0 }
    for share in layout.threads { post(to: share, telling: { $0.threadsReady += 1 }) { _ in } }
    try wait("its threads answer") { $0.threadsReady == count }
  }

  /// Has `share`'s thread do `work`, and tell of it; what it throws becomes the failure of the start.
  private func post(
    to share: ThreadChannels, telling change: @escaping @Sendable (inout ExportStatus) -> Void,
    _ work: @escaping @Sendable (inout ServingThread) throws(SystemError) -> Void
  ) {
    share.thread.tasks.post { [board] thread in
      do throws(SystemError) {
        try work(&thread)
        board.update(change)
      } catch {
        board.update { $0.failure = "\(error)" }
      }
    }
  }

  private func wait(
    _ what: String, milliseconds: Int = 5000, until condition: (ExportStatus) -> Bool
  ) throws(StartError) {
    guard board.wait(milliseconds: milliseconds, until: { $0.failure != nil || condition($0) }) else {
      throw StartError(description: "gave up waiting until \(what)")
    }
    if let failure = board.current.failure { throw StartError(description: failure) }
  }

  // MARK: Stopping

  /// Takes no more requests, and waits until those in flight are answered; false when that took too long.
  func drain(milliseconds: Int) -> Bool {
    board.update { $0.channelsDrained = 0 }
    for share in layout.threads { share.thread.tasks.post { $0.drain(share.channels) } }
    return board.wait(milliseconds: milliseconds) { [layout] in $0.channelsDrained >= layout.count }
  }

  /// Takes requests again after `drain`.
  func reopen() {
    for share in layout.threads {
      share.thread.tasks.post { _ in for channel in share.channels { channel.reopen() } }
    }
  }

  /// After the connection is gone: collects what is still with the kernel. False when it did not come back.
  func finish(milliseconds: Int) -> Bool {
    for share in layout.threads { share.thread.tasks.post { $0.finish(share.channels) } }
    guard board.wait(milliseconds: milliseconds, until: { [layout] in $0.channelsFinished == layout.count }) else {
      return false
    }
    board.update { $0.threadsReady = 0 }
    for share in layout.threads {
      post(to: share, telling: { $0.threadsReady += 1 }) { $0.release(share.channels) }
      node.leaf.pointee.locks.wakers.withLock { wakers in
        if let index = wakers.firstIndex(of: share.thread.tasks.handle) { wakers.remove(at: index) }
      }
    }
    return board.wait(milliseconds: milliseconds) { [layout] in $0.threadsReady == layout.threads.count }
  }

  // MARK: Counters

  /// Counters of every channel, read by their threads.
  func countersNow() -> [CounterRecord] {
    let finished = board.current.counters
    guard finished.isEmpty else { return finished.sorted() }
    let gathered = GatheredRecords()
    for share in layout.threads {
      share.thread.tasks.post { [board] _ in
        let records = share.channels.map { CounterRecord($0.pointee) }
        gathered.records.withLock { $0 += records }
        board.update { _ in }
      }
    }
    _ = board.wait(milliseconds: 2000) { [layout] _ in gathered.records.withLock { $0.count } == layout.count }
    return gathered.records.withLock { $0.sorted() }
  }

  private final class GatheredRecords: Sendable {
    let records = Mutex<[CounterRecord]>([])
  }
}
