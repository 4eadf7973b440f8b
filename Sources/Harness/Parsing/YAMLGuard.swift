// Looks a YAML text through before it is built: what is nested too deep, too large when its aliases are followed, or
// has keys that are no words is refused here, since building such a thing can take for ever.

internal import CYaml

/// The check of a YAML text by its events, in time and memory that are linear in its length.
enum YAMLGuard {
  /// Levels of lists and mappings within each other.
  static let depth = 64
  /// Nodes of the document, aliases followed.
  static let nodes = 100_000

  /// What the text must not be, and where.
  struct GuardError: Error, Equatable {
    var line: Int
    var message: String
  }

  /// Looks through `text`; a text that is no YAML is left to whoever builds it.
  /// - Throws: `GuardError`.
  static func check(_ text: [UInt8]) throws(GuardError) {
    var parser = yaml_parser_t()
    guard yaml_parser_initialize(&parser) == 1 else { return }
    defer { yaml_parser_delete(&parser) }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
    let refusal = text.withUnsafeBufferPointer { bytes -> GuardError? in
      yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      return walk(&parser)
    }
    if let refusal { throw refusal }
  }

  /// A list or mapping that is being read.
  private struct Level {
    var isMapping: Bool
    /// Whether the next node of a mapping is a key.
    var wantsKey = true
    var anchor: String?
    /// Nodes in it so far, itself included.
    var size = 1
  }

  private static func walk(_ parser: inout yaml_parser_t) -> GuardError? {
    var levels: [Level] = []
    var sizes: [String: Int] = [:]
    var total = 0
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(&parser, &event) == 1 else { return nil }
      defer { yaml_event_delete(&event) }
      let line = Int(clamping: event.start_mark.line) + 1
      var closed: Level?
      var size = 1
      switch event.type {
      case YAML_STREAM_END_EVENT, YAML_NO_EVENT: return nil
      case YAML_SCALAR_EVENT:
        if let name = word(event.data.scalar.anchor) { sizes[name] = 1 }
      case YAML_ALIAS_EVENT:
        if levels.last.map({ $0.isMapping && $0.wantsKey }) ?? false {
          return GuardError(line: line, message: "a key must be a word, not an alias")
        }
        size = word(event.data.alias.anchor).flatMap { sizes[$0] } ?? 1
      case YAML_SEQUENCE_START_EVENT, YAML_MAPPING_START_EVENT:
        let isMapping = event.type == YAML_MAPPING_START_EVENT
        if levels.last.map({ $0.isMapping && $0.wantsKey }) ?? false {
          return GuardError(line: line, message: "a key must be a word, not a list or a mapping")
        }
        guard levels.count < depth else {
          return GuardError(line: line, message: "lists and mappings are nested deeper than \(depth) levels")
        }
        let anchor = word(isMapping ? event.data.mapping_start.anchor : event.data.sequence_start.anchor)
        levels.append(Level(isMapping: isMapping, anchor: anchor))
        total += 1
        continue
      case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
        closed = levels.popLast()
        size = closed?.size ?? 1
        if let anchor = closed?.anchor { sizes[anchor] = size }
      default: continue
      }
      if closed == nil { total += size }
      guard total <= nodes else {
        return GuardError(line: line, message: "holds more than \(nodes) nodes when its aliases are followed")
      }
      if !levels.isEmpty {
        levels[levels.count - 1].size += size
        levels[levels.count - 1].wantsKey.toggle()
      }
    }
  }

  private static func word(_ text: UnsafePointer<UInt8>?) -> String? { text.map { String(cString: $0) } }
}
