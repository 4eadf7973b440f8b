// The objects that options make, by name: iothreads, nodes, exports. The command line and the control socket build
// them here.

import Glibc

/// Everything that one daemon has made so far. Used by the daemon's thread only.
final class ObjectGraph {
  private(set) var threads: [ByteText: IOThread] = [:]
  private var mainThread: IOThread?
  /// What `--object main-loop` calls that thread.
  private var mainLoopName: ByteText?
  private(set) var nodes: [ByteText: NamedNode] = [:]
  private(set) var exports: [Export] = []
  /// Ended exports of which the kernel keeps something: their nodes and threads stay until the process ends.
  private(set) var stuck: [Export] = []
  /// Told each export's id when the export is gone, whatever ended it.
  var exportDeleted: (ByteText) -> Void = { _ in }
  /// Signalled by every export that has stopped.
  private let waker: EventNotifier.Handle
  private var hasToldFallback = false
  /// Of all threads: one processor at least is left for clients.
  private let pollers = PollerLimit(maximum: max(1, Processors.online - 1))

  init(waker: EventNotifier.Handle) { self.waker = waker }

  // MARK: --object

  func addObject(_ options: [ByteText: OptionValue]) throws {
    var reader = OptionReader(options)
    let kind = try reader.requiredText("qom-type")
    guard kind == "iothread" || kind == "main-loop" else { throw UsageError("invalid object type: \(kind)") }
    let id = try reader.requiredText("id")
    guard Identifier.isWellFormed(id) else { throw UsageError("Parameter 'id' expects an identifier, not '\(id)'") }
    guard threads[id] == nil, id != mainLoopName else {
      throw UsageError("attempt to add duplicate \(kind) '\(id)'")
    }
    var tuning = ThreadTuning()
    if let limit = try reader.number("poll-max-ns", in: 0...UInt64(Int64.max)) { tuning.pollLimit = limit }
    // 0 is QEMU's word for the default.
    if let batch = try reader.number("aio-max-batch", in: 0...1024), batch > 0 { tuning.batch = Int(batch) }
    tuning.eventLoop = try reader.choice("event-loop", default: EventLoopChoice.auto)
    try reader.end()
    guard kind == "main-loop" else {
      threads[id] = try startThread("\(id)", tuning)
      return
    }
    guard mainLoopName == nil else { throw UsageError("only one main-loop instance allowed") }
    guard mainThread == nil else { throw UsageError("main-loop must come before the first export without an iothread") }
    mainThread = try startThread("main", tuning)
    mainLoopName = id
  }

  /// The thread that serves exports which name none.
  private func defaultThread() throws -> IOThread {
    if let mainThread { return mainThread }
    let thread = try startThread("main", ThreadTuning())
    mainThread = thread
    return thread
  }

  /// A fallback to epoll is said to whoever sits at a terminal. Elsewhere standard error is for what is wrong, and the
  /// statistics say it.
  private func startThread(_ name: String, _ tuning: ThreadTuning) throws -> IOThread {
    let thread = try IOThread(name: name, tuning: tuning, pollers: pollers)
    if let reason = thread.facts.fallbackReason, !hasToldFallback, isatty(STDERR_FILENO) == 1 {
      hasToldFallback = true
      report("event-loop=epoll: \(reason)")
    }
    return thread
  }

  /// Takes an iothread away that serves nothing.
  func removeObject(_ id: ByteText) throws {
    if id == mainLoopName { throw UsageError("object '\(id)' is in use, can not be deleted: it is the main loop") }
    guard let thread = threads[id] else { throw UsageError("object '\(id)' not found") }
    if let user = (exports + stuck).first(where: { $0.uses(thread) }) {
      throw UsageError("object '\(id)' is in use, can not be deleted: block export '\(user.settings.id)' uses it")
    }
    threads[id] = nil
    thread.stop()
  }

  // MARK: --blockdev

  func addNode(_ options: [ByteText: OptionValue]) throws {
    nodes.merge(try NodeBuilder.build(options, beside: nodes, own: ownExports)) { $1 }
  }

  private var ownExports: OwnExports {
    OwnExports((exports + stuck).map { (connection: $0.connection, id: $0.settings.id) })
  }

  /// Takes a node away that nothing uses, and the inline children that came with it.
  func removeNode(_ name: ByteText) throws {
    guard let found = nodes[name] else { throw UsageError("Failed to find node with node-name='\(name)'") }
    if let whole = found.partOf { throw UsageError("Node '\(name)' is busy: it is part of node '\(whole)'") }
    let group = Set(nodes.filter { $0.key == name || $0.value.partOf == name }.keys)
    for member in group.sorted() {
      if let user = (exports + stuck).first(where: { $0.settings.nodeName == member }) {
        throw UsageError("Node '\(member)' is busy: block export '\(user.settings.id)' uses it")
      }
      let users = nodes.filter { !group.contains($0.key) && $0.value.uses.contains(member) }.keys
      if let user = users.min() { throw UsageError("Node '\(member)' is busy: node '\(user)' uses it") }
    }
    for member in group { nodes[member] = nil }
  }

  static func noNode(_ name: ByteText) -> UsageError {
    UsageError("Cannot find device='' nor node-name='\(name)'")
  }

  // MARK: --export

  func addExport(_ options: [ByteText: OptionValue]) throws {
    var reader = OptionReader(options)
    let type = try reader.requiredText("type")
    guard type == "fuse" else { throw UsageError("Parameter 'type' does not accept value '\(type)'") }
    var settings = ExportSettings(
      id: try reader.requiredText("id"), nodeName: try reader.requiredText("node-name"),
      mountPoint: try reader.requiredText("mountpoint"))
    guard Identifier.isWellFormed(settings.id) else { throw UsageError("Invalid block export id") }
    guard !exports.contains(where: { $0.settings.id == settings.id }) else {
      throw UsageError("Block export id '\(settings.id)' is already in use")
    }
    settings.isWritable = try reader.bool("writable", default: false)
    settings.isGrowable = try reader.bool("growable", default: false)
    settings.allowOther = try reader.choice("allow-other", default: AllowOther.auto)
    settings.depth = Int(try reader.number("queue-depth", in: 1...1024) ?? 64)
    settings.statisticsFile = try reader.text("stats")
    settings.traceFile = try reader.text("trace")
    settings.handoverPath = try reader.text("handover")
    settings.adoption = try Self.adoption(&reader)
    let usesRing = try reader.bool("io-uring", default: false)
    let isFixed = try reader.bool("fixed-iothread", default: false)
    let threadWords = reader.value("iothread")
    try reader.end()

    if settings.isGrowable && !settings.isWritable { throw UsageError("growable=on needs writable=on") }
    let threads: [IOThread]
    var isList = false
    switch threadWords {
    case nil: threads = [try defaultThread()]
    case .text(let name)?, .string(let name)?: threads = [try thread(named: name)]
    case .list(let names)?:
      guard !names.isEmpty else { throw UsageError("The set of I/O threads must not be empty") }
      guard !isFixed else { throw UsageError("Cannot use fixed-iothread for a multi-threaded export") }
      threads = try names.map { try thread($0) }
      isList = true
    default: throw UsageError("Invalid parameter type for 'iothread', expected: a name or a list of names")
    }
    settings.transport = usesRing ? .ioUring : isList ? .multithread : .legacy
    if usesRing, settings.handoverPath != nil || settings.adoption != nil {
      throw UsageError(
        "io-uring=on cannot be handed over: the kernel ties a connection's queues to the io_uring of the process that "
          + "registered them, and they end with it; serve it over /dev/fuse (without io-uring=on)")
    }
    guard let node = nodes[settings.nodeName]?.node else { throw Self.noNode(settings.nodeName) }
    if settings.isWritable && node.isReadOnly { throw UsageError("Block node is read-only") }
    for thread in threads where thread.facts.eventLoop == .epoll {
      let what = usesRing ? "io-uring=on" : node.needsRing ? "aio=io_uring of node '\(settings.nodeName)'" : nil
      guard let what else { continue }
      throw UsageError(
        "\(what) needs an io_uring, and the event loop of iothread '\(thread.facts.name)' is epoll"
          + (thread.facts.fallbackReason.map { ": \($0)" } ?? " (event-loop=epoll)"))
    }
    try ownExports.check(node.view.leaf.pointee.fd, "The image of node '\(settings.nodeName)'")
    exports.append(try Export(settings, node: node, threads: threads, others: exports))
  }

  private static func adoption(_ reader: inout OptionReader) throws -> AdoptionSource? {
    let path = try reader.text("adopt")
    let descriptor = try reader.number("adopt-fd", in: 3...UInt64(Int32.max))
    guard path == nil || descriptor == nil else { throw UsageError("'adopt' and 'adopt-fd' exclude each other") }
    return path.map { .socket($0) } ?? descriptor.map { .descriptor(Int32(clamping: $0)) }
  }

  private func thread(_ word: OptionValue) throws -> IOThread {
    switch word {
    case .text(let name), .string(let name): return try thread(named: name)
    default: throw UsageError("Invalid parameter type for 'iothread', expected: a list of names")
    }
  }

  private func thread(named name: ByteText) throws -> IOThread {
    guard let thread = threads[name] else { throw UsageError("iothread \"\(name)\" not found") }
    return thread
  }

  // MARK: The end of exports

  /// Begins to end one export; the others go on. `collect` takes it away when it has ended.
  func beginRemoval(of export: Export) { export.beginStop(waking: waker) }

  /// Begins to give an export to the process that has connected for it.
  func beginHandover(of export: Export) { export.beginHandover(waking: waker) }

  /// Takes away the exports that have ended; false when something could not be ended in order.
  func collect() -> Bool {
    var isClean = true
    for export in exports where export.hasStopped { isClean = takeAway(export) && isClean }
    return isClean
  }

  private func takeAway(_ export: Export) -> Bool {
    let end = export.endStop()
    guard end != .servesOn else { return true }
    let isClean = end == .clean
    exports.removeAll { $0 === export }
    if export.isStuck { stuck.append(export) }
    exportDeleted(export.settings.id)
    return isClean
  }

  /// Ends everything, the exports side by side; false when something could not be ended in order.
  func stop() -> Bool {
    for export in exports { beginRemoval(of: export) }
    var isClean = true
    for export in exports { isClean = takeAway(export) && isClean }
    guard isClean, stuck.isEmpty else { return false }
    for thread in threads.values { thread.stop() }
    mainThread?.stop()
    return true
  }
}
