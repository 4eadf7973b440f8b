// From a node's words to a node: `--blockdev` and `blockdev-add`. Nothing is kept until all of it is made.

/// A node with its name's facts.
struct NamedNode {
  let node: Node
  let driver: ByteText
  /// The image's name, for nodes that open one.
  let filename: ByteText?
  /// Names of the nodes that it, or a nameless part of it, stands on.
  let uses: Set<ByteText>
  /// For a child written inline: the node in whose words it stood.
  let partOf: ByteText?
}

/// Makes one node, and the children that are written inline in its words.
struct NodeBuilder {
  /// The nodes that there are already.
  private let existing: [ByteText: NamedNode]
  /// The exports of this process, on which no image may lie.
  private let own: OwnExports
  /// The node that is asked for.
  private let root: ByteText
  private(set) var made: [ByteText: NamedNode] = [:]
  private var uses: Set<ByteText> = []

  /// All nodes that `options` describe, by name.
  static func build(_ options: [ByteText: OptionValue], beside existing: [ByteText: NamedNode], own: OwnExports) throws
    -> [ByteText: NamedNode]
  {
    guard let name = options["node-name"] else { throw UsageError("'node-name' must be specified for the root node") }
    let root: ByteText
    switch name {
    case .text(let found), .string(let found): root = found
    default: throw UsageError("Invalid parameter type for 'node-name', expected: string")
    }
    var builder = NodeBuilder(existing: existing, own: own, root: root)
    try builder.checkFree(root)
    try builder.makeNode(options, partOf: nil)
    return builder.made
  }

  private init(existing: [ByteText: NamedNode], own: OwnExports, root: ByteText) {
    self.existing = existing
    self.own = own
    self.root = root
  }

  private func checkFree(_ name: ByteText) throws(UsageError) {
    guard Identifier.isWellFormed(name) else { throw UsageError("Invalid node-name: '\(name)'") }
    guard existing[name] == nil, made[name] == nil else {
      throw UsageError("Duplicate nodes with node-name='\(name)'")
    }
  }

  @discardableResult
  private mutating func makeNode(
    _ options: [ByteText: OptionValue], prefix: String = "", partOf: ByteText?
  ) throws -> Node {
    var reader = OptionReader(options, prefix: prefix)
    let driver = try reader.requiredText("driver")
    let name = try reader.text("node-name")
    let isReadOnly = try reader.bool("read-only", default: false)
    let node: Node
    var filename: ByteText?
    switch driver {
    case "file":
      let file = try fileOptions(&reader, prefix: prefix, isReadOnly: isReadOnly)
      filename = file.filename
      try own.check(file.filename)
      node = try .file(file)
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
    if let name {
      // An inline child may have a name of its own, or have taken this one meanwhile.
      try checkFree(name)
      made[name] = NamedNode(node: node, driver: driver, filename: filename, uses: uses, partOf: partOf)
    }
    return node
  }

  private enum Discard: String, CaseIterable { case ignore, unmap }
  private enum AsyncIO: String, CaseIterable { case threads, native, ioUring = "io_uring" }

  private func fileOptions(
    _ reader: inout OptionReader, prefix: String, isReadOnly: Bool
  ) throws -> FileNodeOptions {
    var file = FileNodeOptions(filename: try reader.requiredText("filename"))
    file.isReadOnly = isReadOnly
    file.unmaps = try reader.choice("discard", default: Discard.ignore) == .unmap
    // All three run on the serving thread's own event loop; that must be an io_uring where it is named.
    file.needsRing = try reader.choice("aio", default: AsyncIO.threads) == .ioUring
    file.locking = try reader.choice("locking", default: FileNodeOptions.Locking.auto)
    var cache = OptionReader(try reader.object("cache"), prefix: prefix + "cache.")
    file.isDirect = try cache.bool("direct", default: false)
    try cache.end()
    return file
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
        guard let kind = ErrorRule.IOType(name) else {
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

  private mutating func makeChild(_ value: OptionValue?, key: String) throws -> Node {
    switch value {
    case .text(let name)?, .string(let name)?:
      guard let found = existing[name] else { throw ObjectGraph.noNode(name) }
      uses.insert(name)
      return found.node
    case .object(let options)?: return try makeNode(options, prefix: key + ".", partOf: root)
    case nil: throw UsageError("A block device must be specified for \"\(key)\"")
    default: throw UsageError("Invalid parameter type for '\(key)', expected: node name or object")
    }
  }
}

/// Names that users give to objects.
enum Identifier {
  /// As qemu's identifiers: a letter, then letters, digits, `-`, `.`, `_`.
  static func isWellFormed(_ id: ByteText) -> Bool {
    guard let first = id.bytes.first, isLetter(first) else { return false }
    return id.bytes.allSatisfy { isLetter($0) || (48...57).contains($0) || [45, 46, 95].contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }
}
