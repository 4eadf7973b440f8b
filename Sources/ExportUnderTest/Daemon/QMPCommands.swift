// What can be asked over a control socket: a name for each command, done on the object graph.

import Glibc

/// The commands behind every control socket of the process. Used by the daemon's thread only.
final class QMPCommands {
  private let graph: ObjectGraph
  private let version: String
  /// Whether a client has asked the process to end.
  private(set) var isQuitting = false

  /// - Parameter version: the program's version, numbers with dots between them.
  init(_ graph: ObjectGraph, version: String) {
    self.graph = graph
    self.version = version
  }

  /// The first line that a client gets.
  var greeting: OptionValue {
    .object(["QMP": .object(["version": versionValue, "capabilities": .list([])])])
  }

  /// Does what command `name` asks.
  /// - Throws: `QMPError` if there is no such command; what the graph throws.
  func execute(_ name: ByteText, _ arguments: [ByteText: OptionValue]) throws -> OptionValue {
    switch name {
    case "object-add": try graph.addObject(arguments)
    case "object-del": try graph.removeObject(onlyText("id", of: arguments))
    case "blockdev-add": try graph.addNode(arguments)
    case "blockdev-del": try graph.removeNode(onlyText("node-name", of: arguments))
    case "block-export-add": try graph.addExport(arguments)
    case "block-export-del": try removeExport(arguments)
    case "query-block-exports": return try query(arguments) { exports }
    case "query-named-block-nodes":
      var reader = OptionReader(arguments)
      // Trees below a node are never shown.
      _ = try reader.bool("flat", default: true)
      try reader.end()
      return nodes
    case "query-version": return try query(arguments) { versionValue }
    case "quit":
      _ = try query(arguments) { .null }
      isQuitting = true
    default: throw QMPError(kind: .commandNotFound, description: "The command \(name) has not been found")
    }
    return .object([:])
  }

  private func onlyText(_ key: ByteText, of arguments: [ByteText: OptionValue]) throws -> ByteText {
    var reader = OptionReader(arguments)
    let text = try reader.requiredText(key)
    try reader.end()
    return text
  }

  private func query(_ arguments: [ByteText: OptionValue], _ answer: () -> OptionValue) throws -> OptionValue {
    try OptionReader(arguments).end()
    return answer()
  }

  private enum RemoveMode: String, CaseIterable { case safe, hard }

  private func removeExport(_ arguments: [ByteText: OptionValue]) throws {
    var reader = OptionReader(arguments)
    let id = try reader.requiredText("id")
    let mode = try reader.choice("mode", default: RemoveMode.safe)
    try reader.end()
    guard let export = graph.exports.first(where: { $0.settings.id == id }) else {
      throw UsageError("Export '\(id)' is not found")
    }
    guard !export.isStopping else { throw UsageError("export '\(id)' is already shutting down") }
    if mode == .safe && !export.isLost && export.isOpen() { throw UsageError("export '\(id)' still in use") }
    // Answered now: BLOCK_EXPORT_DELETED tells its end. What goes wrong on the way there is reported on standard
    // error; the export is gone all the same.
    graph.beginRemoval(of: export)
  }

  private var exports: OptionValue {
    .list(
      graph.exports.map { export in
        .object([
          "id": .string(export.settings.id), "type": .string("fuse"),
          "node-name": .string(export.settings.nodeName), "shutting-down": .bool(export.isLost || export.isStopping),
        ])
      })
  }

  private var nodes: OptionValue {
    .list(
      graph.nodes.sorted { $0.key < $1.key }.map { name, node in
        var image: [ByteText: OptionValue] = [
          "format": .string(node.driver), "virtual-size": .integer(Int64(clamping: node.node.view.length)),
        ]
        image["filename"] = node.filename.map { .string($0) }
        return .object([
          "node-name": .string(name), "drv": .string(node.driver), "ro": .bool(node.node.isReadOnly),
          "image": .object(image),
        ])
      })
  }

  private var versionValue: OptionValue {
    let numbers = version.split(separator: ".").map { Int64($0) ?? 0 } + [0, 0, 0]
    return .object([
      "qemu": .object(["major": .integer(numbers[0]), "minor": .integer(numbers[1]), "micro": .integer(numbers[2])]),
      "package": .string("fusebench \(version)"),
    ])
  }
}

/// What clients are told without having asked.
enum QMPEvent {
  /// An export is gone, whatever ended it.
  case exportDeleted(ByteText)
  /// The process is about to end, by a client's command or by a signal.
  case shutdown(byCommand: Bool)

  /// The event as it is sent, with the time that it is now.
  var value: OptionValue {
    let now = wallClock()
    let name: ByteText
    let data: [ByteText: OptionValue]
    switch self {
    case .exportDeleted(let id): (name, data) = ("BLOCK_EXPORT_DELETED", ["id": .string(id)])
    case .shutdown(let byCommand):
      name = "SHUTDOWN"
      data = ["guest": .bool(false), "reason": .string(byCommand ? "host-qmp-quit" : "host-signal")]
    }
    return .object([
      "event": .string(name), "data": .object(data),
      "timestamp": .object([
        "seconds": .integer(Int64(now.tv_sec)), "microseconds": .integer(Int64(now.tv_nsec / 1000)),
      ]),
    ])
  }
}
