// An axis that the command line asks for: `depth=1,4,16`, `node=null,file`.

/// An axis asked for, which replaces a suite's own of that name or is one more.
package struct AxisOverride: Equatable, Sendable {
  /// What varies.
  enum Axis: Equatable {
    /// A knob: rows are made for its values.
    case knob(SuiteAxis)
    /// The node: each row is measured on each of these, whatever the suite's own are.
    case nodes([NodeKind])
  }

  /// The axis.
  let axis: Axis

  /// Its name.
  var name: String {
    switch axis {
    case .knob(let axis): axis.name
    case .nodes: Self.nodeName
    }
  }

  /// The words by which its values stand in the names of rows; none for nodes, which stand before them.
  var labels: [String] {
    switch axis {
    case .knob(let axis): axis.points.map(\.label)
    case .nodes: []
    }
  }

  /// Whether it makes rows that a suite does not have.
  var makesRows: Bool { name != Self.nodeName }

  private static let nodeName = "node"

  /// What varies in another way, which is said to whoever tries it as an axis.
  private static let others = [
    "mode": "modes are columns, which --mode chooses",
    "subject": "programs are columns, which --subject chooses",
    "program": "programs are columns, which --program chooses",
    "size": "a run has one size of its node, which the suite's file sets",
    "writable": "a benchmark's exports are all writable",
  ]

  /// The axis that `words` names, as in `depth=1,4,16`, `block=512..64k`, `fio.thinktime=0,100` or `node=null`.
  /// - Throws: an error that says how it should read.
  package init(_ words: String, cpus: Int) throws {
    guard let (name, values) = words.cut(at: "=").map({ (String($0), $1) }), !name.isEmpty else {
      throw KnobError(description: "--axis should read KNOB=VALUE,VALUE…, as in depth=1,4,16; not '\(words)'")
    }
    let texts = values.fields(",", keepsEmpty: true)
    guard texts.allSatisfy({ !$0.isEmpty }) else {
      throw KnobError(description: "--axis \(words): a value is missing; it should read as in depth=1,4,16")
    }
    do {
      if name == Self.nodeName {
        axis = .nodes(try Self.nodes(texts))
      } else if let way = Self.others[name] {
        throw KnobError(description: "'\(name)' is no axis: \(way)")
      } else {
        axis = .knob(SuiteAxis(name: name, points: try Self.points(name, texts, cpus)))
      }
    } catch {
      throw KnobError(description: "--axis \(words): \(error)")
    }
  }

  private static func nodes(_ texts: [Substring]) throws(KnobError) -> [NodeKind] {
    var nodes: [NodeKind] = []
    for text in texts {
      guard let node = NodeKind(rawValue: String(text)) else {
        let words = NodeKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw KnobError(description: "'node' must be one of \(words), not '\(text)'")
      }
      if !nodes.contains(node) { nodes.append(node) }
    }
    return nodes
  }

  /// A point for each value, once: two rows must not have one name.
  private static func points(_ name: String, _ texts: [Substring], _ cpus: Int) throws(KnobError) -> [SuiteAxis.Point] {
    var points: [SuiteAxis.Point] = []
    for text in texts {
      for value in try Knob.values(String(text), cpus: cpus) {
        let setting = KnobSetting(name: name, text: value)
        var scratch = SuiteRow(workload: Workload(name: ""))
        try Knob.apply(setting, to: &scratch)
        let point = SuiteAxis.Point(label: "\(name) \(value)", settings: [setting])
        if !points.contains(point) { points.append(point) }
      }
    }
    return points
  }
}
