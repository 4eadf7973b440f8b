// The load of a trace, from knobs as suites have them.

/// Makes rows of knobs.
package enum TraceRow {
  /// Random reads of 4 KiB by libaio at depth 16 on `node`, and what `knobs` (`depth=1`) say in its place.
  /// - Throws: an error that names the knob at fault.
  package static func row(node: NodeKind, knobs: [String]) throws -> Row {
    let usual = Workload(name: "", operation: .read, pattern: .rand, block: 4096, engine: .libaio, depth: 16)
    var made = SuiteRow(workload: usual)
    for words in knobs {
      guard let (name, text) = words.cut(at: "=") else {
        throw KnobError(description: "--set should read KNOB=VALUE, as in depth=1; not '\(words)'")
      }
      try Knob.apply(KnobSetting(name: String(name), text: String(text)), to: &made)
    }
    // One request at a time is what an engine without queue has.
    if !made.workload.engine.isAsynchronous, !knobs.contains(where: { $0.hasPrefix("depth=") }) {
      made.workload.depth = 1
    }
    guard made.workload.operation.isData else {
      throw KnobError(description: "operation=\(made.workload.operation.rawValue) moves no data, so fio cannot load it")
    }
    made.workload.name = name(made.workload)
    if let fault = made.workload.fault { throw KnobError(description: fault) }
    return Row(node: node, workload: made.workload, export: made.export)
  }

  private static func name(_ load: Workload) -> String {
    let jobs = load.jobs > 1 ? " ×\(load.jobs)" : ""
    return "\(load.pattern.rawValue) \(load.operation.rawValue) \(ByteSize.format(Int64(load.block)))"
      + " \(load.engine.rawValue) depth \(load.depth)\(jobs)"
  }
}
