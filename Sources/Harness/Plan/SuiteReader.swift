// Reads a suite file: YAML to rows, with complaints that name the file and the word at fault.

internal import Yams

/// Turns the text of a suite file into a suite; every complaint names the file.
struct SuiteReader {
  let file: String

  private typealias Row = (labels: [String], workload: Workload)

  func read(_ text: String) throws -> Suite {
    let top: [(String, Node)]
    do {
      guard let node = try Yams.compose(yaml: text) else { throw error("is empty") }
      top = try pairs(node, "the file")
    } catch let fault as YamlError {
      throw error("is not YAML: \(fault)")
    }
    var words: [String: Node] = [:]
    for (key, node) in top {
      guard ["suite", "title", "size", "nodes", "fixed", "axes", "quick"].contains(key) else {
        throw error("unknown word '\(key)'")
      }
      words[key] = node
    }
    func required(_ key: String) throws -> Node {
      guard let node = words[key] else { throw error("'\(key)' is missing") }
      return node
    }
    let sizes = try pairs(required("size"), "size")
    var rows = try product(of: required("axes"), fixed: words["fixed"])
    try mark(&rows, quick: words["quick"])
    let workloads = try rows.map(finished)
    for (index, workload) in workloads.enumerated()
    where workloads[..<index].contains(where: { $0.name == workload.name }) {
      throw error("two rows are called '\(workload.name)'")
    }
    return Suite(
      name: try scalar(required("suite"), "suite"),
      title: try scalar(required("title"), "title"),
      nodes: try list(required("nodes"), "nodes").map { try choice($0, "nodes") },
      fullSize: try size(sizes, "full"),
      quickSize: try size(sizes, "quick"),
      workloads: workloads)
  }

  // MARK: rows

  /// The product of the axes, each row with its labels and the knobs they set.
  private func product(of axes: Node, fixed: Node?) throws -> [Row] {
    var base = Workload(name: "")
    for (knob, value) in try fixed.map({ try pairs($0, "fixed") }) ?? [] {
      try set(knob, value, in: &base)
    }
    guard case .sequence(let list) = axes, !list.isEmpty else { throw error("'axes' must be a list") }
    var rows: [Row] = [([], base)]
    for entry in list {
      let axis = try pairs(entry, "axes")
      guard axis.count == 1, let (name, values) = axis.first else {
        throw error("an axis is one name with its values")
      }
      rows = try rows.flatMap { row in
        try points(of: name, values).map { label, knobs in
          var next = row
          next.labels.append(label)
          for (knob, value) in knobs { try set(knob, value, in: &next.workload) }
          return next
        }
      }
    }
    return rows
  }

  /// The points of one axis: a list sets the knob that the axis is named for, a mapping names groups of knobs.
  private func points(of axis: String, _ values: Node) throws -> [(String, [(String, Node)])] {
    if case .sequence(let list) = values {
      return try list.map { (try scalar($0, axis), [(axis, $0)]) }
    }
    return try pairs(values, axis).map { ($0.0, try pairs($0.1, "\(axis) \($0.0)")) }
  }

  private func mark(_ rows: inout [Row], quick: Node?) throws {
    let filters = try quick.map { try list($0, "quick").map { Set(try words($0)) } }
    let labels = Set(rows.flatMap(\.labels))
    for word in filters?.flatMap({ $0 }) ?? [] where !labels.contains(word) {
      throw error("quick: '\(word)' is no label of any axis")
    }
    for index in rows.indices {
      let row = Set(rows[index].labels)
      rows[index].workload.quick = filters?.contains { $0.isSubset(of: row) } ?? true
    }
  }

  private func finished(_ row: Row) throws -> Workload {
    var workload = row.workload
    workload.name = row.labels.joined(separator: " ")
    if let fault = workload.fault { throw error("row '\(workload.name)': \(fault)") }
    return workload
  }

  private func set(_ knob: String, _ value: Node, in workload: inout Workload) throws {
    switch knob {
    case "operation": workload.operation = try choice(value, knob)
    case "pattern": workload.pattern = try choice(value, knob)
    case "engine": workload.engine = try choice(value, knob)
    case "read-percent": workload.readPercent = try number(value, knob)
    case "block": workload.block = Int(try bytes(value, knob))
    case "depth": workload.depth = try number(value, knob)
    case "jobs": workload.jobs = try number(value, knob)
    default:
      throw error(
        "unknown knob '\(knob)'; there are: operation, read-percent, pattern, block, engine, depth, jobs")
    }
  }

  // MARK: YAML

  private func error(_ text: String) -> FileFault { FileFault(file: file, message: text) }

  private func pairs(_ node: Node, _ what: String) throws -> [(String, Node)] {
    guard case .mapping(let mapping) = node else { throw error("'\(what)' must be a mapping") }
    return try mapping.map { (try scalar($0.key, what), $0.value) }
  }

  private func list(_ node: Node, _ what: String) throws -> [Node] {
    guard case .sequence(let sequence) = node else { throw error("'\(what)' must be a list") }
    return Array(sequence)
  }

  private func words(_ node: Node) throws -> [String] {
    try list(node, "quick").map { try scalar($0, "quick") }
  }

  private func scalar(_ node: Node, _ what: String) throws -> String {
    guard case .scalar(let scalar) = node else { throw error("'\(what)' must be one word") }
    return scalar.string
  }

  private func number(_ node: Node, _ what: String) throws -> Int {
    let text = try scalar(node, what)
    guard let number = Int(text) else { throw error("'\(what)': '\(text)' is not a number") }
    return number
  }

  private func size(_ sizes: [(String, Node)], _ key: String) throws -> Int64 {
    guard let node = sizes.first(where: { $0.0 == key })?.1 else { throw error("size: '\(key)' is missing") }
    return try bytes(node, "size \(key)")
  }

  private func bytes(_ node: Node, _ what: String) throws -> Int64 {
    let text = try scalar(node, what)
    guard let bytes = ByteSize.parse(text), bytes > 0 else {
      throw error("'\(what)': '\(text)' is not a size like 4k, 256M or 1G")
    }
    return bytes
  }

  private func choice<Choice>(_ node: Node, _ what: String) throws -> Choice
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    let text = try scalar(node, what)
    guard let choice = Choice(rawValue: text) else {
      let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw error("'\(what)': '\(text)' is none of \(known)")
    }
    return choice
  }
}
