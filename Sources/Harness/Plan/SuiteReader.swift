// Reads a suite file: YAML to a matrix, with complaints that name the file and the word at fault.

/// Turns the text of a suite file into a suite; every complaint names the file.
struct SuiteReader {
  let file: String
  /// What `cpus` stands for in the file.
  let cpus: Int

  func read(_ text: String) throws -> Suite {
    let map = try StrictMap(
      text: text, file: file,
      known: ["suite", "title", "size", "nodes", "fixed", "axes", "sweeps", "quick"])
    guard let sizes = try map.map("size", known: ["full", "quick"]) else {
      throw map.fault("key 'size' is missing")
    }
    var matrix = SuiteMatrix()
    if let fixed = try map.map("fixed", known: nil) { matrix.fixed = try settings(fixed) }
    matrix.axes = try axes(map, "axes") { _, value in value }
    matrix.sweeps = try axes(map, "sweeps") { name, value in "\(name) \(value)" }
    if map.has("quick") { matrix.quick = try map.lists("quick") }
    guard !matrix.axes.isEmpty || !matrix.sweeps.isEmpty else {
      throw map.fault("key 'axes' is missing: a list of axes, or 'sweeps', is what makes rows")
    }
    let rows: [SuiteRow]
    do { rows = try matrix.rows() } catch { throw map.fault(error.description, under: "axes") }
    if let word = matrix.unknownQuickLabel(in: rows) {
      throw map.fault("quick: '\(word)' is no label of any axis, and no node", under: "quick", at: word)
    }
    let suite = Suite(
      name: try map.text("suite"), title: try map.text("title"), nodes: try nodes(map),
      fullSize: try size(sizes, "full"), quickSize: try size(sizes, "quick"), rows: rows, matrix: matrix)
    if let fault = suite.fault { throw FileError(file: file, message: fault) }
    return suite
  }

  private func nodes(_ map: StrictMap) throws -> [NodeKind] {
    let words = try map.words("nodes")
    guard !words.isEmpty else { throw map.fault("key 'nodes' is missing") }
    return try words.map { word in
      guard let node = NodeKind(rawValue: word) else {
        let known = NodeKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw map.fault("'nodes' must be some of \(known), not '\(word)'", under: "nodes", at: word)
      }
      return node
    }
  }

  private func size(_ sizes: StrictMap, _ key: String) throws -> Int64 {
    guard let bytes = try sizes.optionalSize(key), bytes > 0 else {
      throw sizes.fault("key 'size.\(key)' must be a size such as 256M or 1G", under: key)
    }
    return bytes
  }

  // MARK: axes

  /// The axes in the list `key`; a point without a label of its own gets one by `label`.
  private func axes(
    _ map: StrictMap, _ key: String, label: (_ axis: String, _ value: String) -> String
  ) throws -> [SuiteAxis] {
    try map.items(key, known: nil).map { item in
      guard case .map(let axis) = item, axis.keys.count == 1, let name = axis.keys.first else {
        throw map.fault("an entry of '\(key)' is one name with its values")
      }
      guard axis.isMap(name), let groups = try axis.map(name, known: nil) else {
        return SuiteAxis(name: name, points: try points(axis, name, label: label))
      }
      let points = try groups.keys.map { word in
        guard let group = try groups.map(word, known: nil) else {
          throw groups.fault("'\(word)' must be a mapping of knobs to values", under: word)
        }
        return SuiteAxis.Point(label: word, settings: try settings(group))
      }
      return SuiteAxis(name: name, points: points)
    }
  }

  /// The points of an axis that is a list: each sets the knob that the axis is named for.
  private func points(
    _ axis: StrictMap, _ name: String, label: (String, String) -> String
  ) throws -> [SuiteAxis.Point] {
    do {
      return try axis.words(name).flatMap { try Knob.values($0, cpus: cpus) }.map { value in
        let setting = KnobSetting(name: name, text: value)
        try check(setting)
        return SuiteAxis.Point(label: label(name, value), settings: [setting])
      }
    } catch let fault as KnobError {
      throw axis.fault(fault.description, under: name)
    }
  }

  /// The knobs of a mapping. `fio-options` holds options of fio by their own names.
  private func settings(_ map: StrictMap) throws -> [KnobSetting] {
    try map.keys.flatMap { name -> [KnobSetting] in
      if name == "fio-options", let options = try map.map(name, known: nil) {
        return try options.keys.map { KnobSetting(name: Knob.fioPrefix + $0, text: try options.text($0)) }
      }
      let text = try map.text(name)
      let setting = KnobSetting(name: name, text: text == "cpus" ? "\(cpus)" : text)
      do { try check(setting) } catch { throw map.fault("\(error)", under: name) }
      return [setting]
    }
  }

  /// Complains where the file's line is still known.
  private func check(_ setting: KnobSetting) throws(KnobError) {
    var scratch = SuiteRow(workload: Workload(name: ""))
    try Knob.apply(setting, to: &scratch)
  }
}
