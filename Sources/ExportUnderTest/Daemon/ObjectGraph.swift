// The objects that options make, by name: iothreads, nodes, exports. The command line builds them here, and so
// will a control socket.

import Glibc

/// Everything that one daemon has made so far. Used by the daemon's thread only.
final class ObjectGraph {
  private(set) var threads: [String: IOThread] = [:]
  private var mainThread: IOThread?
  private(set) var nodes: [String: Node] = [:]
  private(set) var exports: [Export] = []
  /// Rung by every export at every change.
  let bell: Int32

  init(bell: Int32) { self.bell = bell }

  // MARK: --object

  func addObject(_ options: [String: OptionValue]) throws {
    var reader = OptionReader(options)
    let kind = try reader.requiredText("qom-type")
    guard kind == "iothread" else { throw UsageError("invalid object type: \(kind)") }
    let id = try reader.requiredText("id")
    guard isWellFormed(id) else { throw UsageError("Parameter 'id' expects an identifier, not '\(id)'") }
    guard threads[id] == nil else { throw UsageError("attempt to add duplicate iothread '\(id)'") }
    let limit = try reader.number("poll-max-ns", in: 0...UInt64(Int64.max)) ?? defaultPollLimit
    try reader.end()
    threads[id] = try IOThread(name: id, pollLimit: limit)
  }

  /// Nanoseconds that an iothread looks for work before it sleeps (adaptive; see Polling).
  private let defaultPollLimit: UInt64 = 50_000

  /// The thread that serves exports which name none.
  private func defaultThread() throws -> IOThread {
    if let mainThread { return mainThread }
    let thread = try IOThread(name: "main", pollLimit: defaultPollLimit)
    mainThread = thread
    return thread
  }

  // MARK: --blockdev

  func addNode(_ options: [String: OptionValue]) throws {
    guard let name = options["node-name"] else { throw UsageError("'node-name' must be specified for the root node") }
    let text: String
    switch name {
    case .text(let found), .string(let found): text = found
    default: throw UsageError("Invalid parameter type for 'node-name', expected: string")
    }
    try checkFree(text)
    let node = try makeNode(options)
    // An inline child may have taken the name meanwhile.
    try checkFree(text)
    nodes[text] = node
  }

  private func checkFree(_ name: String) throws(UsageError) {
    guard isWellFormed(name) else { throw UsageError("Invalid node-name: '\(name)'") }
    guard nodes[name] == nil else { throw UsageError("Duplicate nodes with node-name='\(name)'") }
  }

  private func makeNode(_ options: [String: OptionValue], prefix: String = "") throws -> Node {
    var reader = OptionReader(options, prefix: prefix)
    let driver = try reader.requiredText("driver")
    let name = try reader.text("node-name")
    let isReadOnly = try reader.bool("read-only", default: false)
    let node: Node
    switch driver {
    case "file": node = try makeFile(&reader, prefix: prefix, isReadOnly: isReadOnly)
    case "null-co":
      let size = try reader.size("size") ?? 1 << 30
      let zeroes = try reader.bool("read-zeroes", default: false)
      let latency = try reader.number("latency-ns", in: 0...UInt64(Int64.max)) ?? 0
      node = .null(size: size, readZeroes: zeroes, latency: latency, isReadOnly: isReadOnly)
    case "raw":
      let child = try makeChild(reader.value("file"), key: prefix + "file")
      let offset = try reader.size("offset") ?? 0
      node = try .raw(child, offset: offset, size: reader.size("size"), isReadOnly: isReadOnly)
    case "blkdebug":
      let child = try makeChild(reader.value("image"), key: prefix + "image")
      let rules = try errorRules(reader.value("inject-error"), key: prefix + "inject-error")
      node = Node(filtering: child, rules: rules, isReadOnly: isReadOnly)
    case "latency":
      let child = try makeChild(reader.value("file"), key: prefix + "file")
      let latency = try reader.number("latency-ns", in: 0...UInt64(Int64.max)) ?? 0
      node = Node(filtering: child, latency: latency, isReadOnly: isReadOnly)
    default: throw UsageError("Unknown driver '\(driver)'")
    }
    try reader.end()
    // An inline child may have a name of its own.
    if !prefix.isEmpty, let name {
      try checkFree(name)
      nodes[name] = node
    }
    return node
  }

  private enum Discard: String { case ignore, unmap }
  private enum AsyncIO: String { case threads, native, ioUring = "io_uring" }

  private func makeFile(_ reader: inout OptionReader, prefix: String, isReadOnly: Bool) throws -> Node {
    var file = FileNodeOptions(filename: try reader.requiredText("filename"))
    file.isReadOnly = isReadOnly
    file.unmaps = try reader.choice("discard", default: Discard.ignore) == .unmap
    // All three run on the serving thread's own io_uring.
    _ = try reader.choice("aio", default: AsyncIO.threads)
    file.locking = try reader.choice("locking", default: FileNodeOptions.Locking.auto)
    var cache = OptionReader(try reader.object("cache"), prefix: prefix + "cache.")
    file.isDirect = try cache.bool("direct", default: false)
    try cache.end()
    return try .file(file)
  }

  /// blkdebug's `inject-error.N.*`.
  private func errorRules(_ value: OptionValue?, key: String) throws -> [RuleSettings] {
    guard let value else { return [] }
    guard case .list(let rules) = value else { throw UsageError("Invalid parameter type for '\(key)', expected: list") }
    return try rules.enumerated().map { number, rule in
      guard case .object(let options) = rule else {
        throw UsageError("Invalid parameter type for '\(key).\(number)', expected: object")
      }
      var reader = OptionReader(options, prefix: "\(key).\(number).")
      var settings = RuleSettings()
      if let name = try reader.text("iotype") {
        guard let kind = ErrorRule.IOType(rawValue: name) else {
          throw UsageError("Parameter '\(key).\(number).iotype' does not accept value '\(name)'")
        }
        settings.kind = kind
      }
      if let code = try reader.number("errno", in: 1...511) { settings.code = Int32(code) }
      settings.sector = try reader.number("sector", in: 0...UInt64(Int64.max / 512))
      settings.once = try reader.bool("once", default: false)
      settings.immediately = try reader.bool("immediately", default: false)
      try reader.end()
      return settings
    }
  }

  private func makeChild(_ value: OptionValue?, key: String) throws -> Node {
    switch value {
    case .text(let name)?, .string(let name)?: return try node(named: name)
    case .object(let options)?: return try makeNode(options, prefix: key + ".")
    case nil: throw UsageError("A block device must be specified for \"\(key)\"")
    default: throw UsageError("Invalid parameter type for '\(key)', expected: node name or object")
    }
  }

  private func node(named name: String) throws -> Node {
    guard let node = nodes[name] else { throw UsageError("Cannot find device='' nor node-name='\(name)'") }
    return node
  }

  // MARK: --export

  func addExport(_ options: [String: OptionValue]) throws {
    var reader = OptionReader(options)
    let type = try reader.requiredText("type")
    guard type == "fuse" else { throw UsageError("Parameter 'type' does not accept value '\(type)'") }
    var settings = ExportSettings(
      id: try reader.requiredText("id"), nodeName: try reader.requiredText("node-name"),
      mountPoint: try reader.requiredText("mountpoint"))
    guard isWellFormed(settings.id) else { throw UsageError("Invalid block export id") }
    guard !exports.contains(where: { $0.settings.id == settings.id }) else {
      throw UsageError("Block export id '\(settings.id)' is already in use")
    }
    settings.isWritable = try reader.bool("writable", default: false)
    settings.isGrowable = try reader.bool("growable", default: false)
    settings.allowOther = try reader.choice("allow-other", default: AllowOther.auto)
    settings.depth = Int(try reader.number("queue-depth", in: 1...1024) ?? 64)
    settings.statisticsFile = try reader.text("stats")
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
    let node = try node(named: settings.nodeName)
    if settings.isWritable && node.isReadOnly { throw UsageError("Block node is read-only") }
    exports.append(try Export(settings, node: node, threads: threads, bell: bell, others: exports))
  }

  private func thread(_ word: OptionValue) throws -> IOThread {
    switch word {
    case .text(let name), .string(let name): return try thread(named: name)
    default: throw UsageError("Invalid parameter type for 'iothread', expected: a list of names")
    }
  }

  private func thread(named name: String) throws -> IOThread {
    guard let thread = threads[name] else { throw UsageError("iothread \"\(name)\" not found") }
    return thread
  }

  /// Ends one export; the others go on.
  @discardableResult
  func remove(_ export: Export) -> Bool {
    exports.removeAll { $0 === export }
    return export.stop()
  }

  /// Ends everything; false when something could not be ended in order.
  func stop() -> Bool {
    var isClean = true
    for export in exports { isClean = remove(export) && isClean }
    guard isClean else { return false }
    for thread in threads.values { thread.stop() }
    mainThread?.stop()
    return true
  }

  /// As qemu's identifiers: a letter, then letters, digits, `-`, `.`, `_`.
  private func isWellFormed(_ id: String) -> Bool {
    guard let first = id.utf8.first, isLetter(first) else { return false }
    return id.utf8.allSatisfy { isLetter($0) || (48...57).contains($0) || [45, 46, 95].contains($0) }
  }

  private func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
}
