// Reads scenarios from their files; whatever is unknown or misplaced is an error that names file, line and key.

import Foundation

extension Scenario {
  /// Reads the scenario in the file at `path`.
  /// - Throws: `FileError`.
  package init(file path: String) throws {
    try self.init(text: InputFile.text(path), file: path)
  }

  /// Reads the scenario in `text`, which stands in the file at `path`.
  /// - Throws: `FileError`.
  package init(text: String, file path: String) throws {
    let map = try StrictMap(
      text: text, file: path,
      known: [
        "title", "tags", "modes", "requires", "image", "export", "parallel", "alone", "daemon-log", "timeout",
        "filters",
        "steps",
      ])
    name = try map.fileName
    title = try map.text("title")
    tags = try map.names("tags")
    if map.has("modes") { modes = try Mode.list(map, "modes") }
    steps = []
    if let section = try map.map(
      "requires", known: ["programs", "capabilities", "root", "other-user", "cpus", "file-systems", "io-uring", "disk"])
    {
      requires.programs = try section.names("programs")
      requires.capabilities = try section.names("capabilities")
      requires.root = try section.flag("root", default: false)
      requires.otherUser = try section.flag("other-user", default: false)
      requires.cpus = try section.optionalSize("cpus").flatMap { Int(exactly: $0) } ?? 1
      requires.fileSystems = try section.names("file-systems")
      requires.ioUring = try section.flag("io-uring", default: false)
      requires.disk = try section.optionalSize("disk") ?? 0
    }
    if let section = try map.map("image", known: ["size", "fill", "extents"]) {
      image = try ImagePlan(section)
    }
    if let section = try map.map("export", known: ExportSettings.keys.union(["start"])) {
      try export.apply(section)
      startsExport = try section.flag("start", default: true)
    }
    export.size = image.size
    parallel = try map.flag("parallel", default: false)
    alone = try map.flag("alone", default: false)
    mayPrint = try map.flag("daemon-log", default: false)
    timeout = try map.seconds("timeout", default: timeout)
    filters = try TranscriptFilter.list(map)
    let items = try map.items(
      "steps",
      known: ["run", "probe", "start", "wait", "export", "with", "refused", "verify", "filters", "timeout"])
    guard !items.isEmpty else { throw map.fault("key 'steps' is missing or empty") }
    steps = try items.map { item in
      guard case .map(let step) = item else {
        throw map.fault("a step must be a mapping such as 'run: stat $EXPORT'")
      }
      return try Step(step, settings: export)
    }
    try checkJobs(map)
    try checkVariables(map)
  }

  /// A variable that nobody sets is a slip.
  private func checkVariables(_ map: StrictMap) throws {
    let lines = steps.flatMap { step in
      switch step.action {
      case .run(let lines): lines
      case .start(_, let line): [line]
      default: [String]()
      }
    }
    for line in lines {
      guard let name = ShellVariables.unknown(in: line, beside: lines) else { continue }
      let known = ShellVariables.given.sorted()
      let meant = TextFormat.nearest(to: name, of: known).map { "; did you mean $\($0)?" } ?? ""
      throw map.fault(
        "steps", at: line,
        "has the variable $\(name), which does not exist\(meant); there are \(known.joined(separator: ", "))")
    }
  }

  /// Each job that is waited for must have been started by an earlier step, and ends once.
  private func checkJobs(_ map: StrictMap) throws {
    var jobs: Set<String> = []
    var ended: Set<String> = []
    for step in steps {
      switch step.action {
      case .start(let job, _):
        guard jobs.insert(job).inserted else {
          throw map.fault("job '\(job)' is started twice", under: "steps", at: job)
        }
      case .wait(let job):
        guard jobs.contains(job) else {
          throw map.fault("'wait: \(job)' comes before 'start: \(job)'", under: "steps", at: job)
        }
        guard ended.insert(job).inserted else {
          throw map.fault("job '\(job)' is waited for twice", under: "steps", at: job)
        }
      default: break
      }
    }
  }
}

extension ImagePlan {
  fileprivate init(_ map: StrictMap) throws {
    self.init()
    size = try map.optionalSize("size") ?? size
    fill = try map.choice("fill", default: fill)
    extents = try map.items("extents", known: ["at", "size", "fill"]).map { item in
      guard case .map(let extent) = item, let offset = try extent.optionalSize("at"),
        let length = try extent.optionalSize("size")
      else { throw map.fault("an extent needs 'at' and 'size'") }
      guard offset <= size, length <= size - offset else { throw extent.fault("the extent ends beyond the image") }
      return Extent(offset: offset, length: length, fill: try extent.choice("fill", default: .pattern))
    }
  }
}

extension ExportSettings {
  static let keys: Set<String> = [
    "node", "writable", "growable", "allow-other", "direct", "aio", "discard", "depth", "threads",
  ]

  /// Takes over what `map` says; the rest stays.
  mutating func apply(_ map: StrictMap) throws {
    node = try map.choice("node", default: node)
    writable = try map.flag("writable", default: writable)
    growable = try map.flag("growable", default: growable)
    allowOther = try map.choice("allow-other", default: allowOther)
    direct = try map.flag("direct", default: direct)
    aio = try map.choice("aio", default: aio)
    discard = try map.choice("discard", default: discard)
    depth = try map.optionalCount("depth", upTo: 1 << 20) ?? depth
    threads = try map.optionalCount("threads", upTo: 4096) ?? threads
  }
}

extension Step {
  fileprivate init(_ map: StrictMap, settings: ExportSettings) throws {
    let kinds = ["run", "probe", "start", "wait", "export", "verify"].filter { map.has($0) }
    guard kinds == ["start"] || kinds == ["run", "start"] || kinds.count == 1 else {
      throw map.fault(
        "a step does one thing (run, probe, start with run, wait, export, verify), not "
          + (kinds.isEmpty ? "none" : kinds.joined(separator: " and ")))
    }
    if map.has("with") || map.has("refused"), kinds != ["export"] {
      throw map.fault("'with' and 'refused' belong to 'export: start'")
    }
    switch kinds.last {
    case "run": action = .run(Self.commandLines(try map.text("run")))
    case "probe":
      let lines = try map.text("probe").fields("\n").map { String($0.trimmed) }
        .filter { !$0.isEmpty && !$0.begins(with: "#") }
      for line in lines {
        do { _ = try ProbeCall(line) } catch { throw map.fault("in 'probe': \(error)", under: "probe", at: line) }
      }
      action = .probe(lines)
    case "start":
      let lines = Self.commandLines(try map.text("run"))
      guard lines.count == 1 else { throw map.fault("a background job is one command line") }
      action = .start(job: try map.name("start"), line: lines[0])
    case "wait": action = .wait(job: try map.name("wait"))
    case "export": action = .export(try Self.exportAction(map, settings: settings))
    default:
      action = .verify(
        try map.words("verify").map { word in
          guard let condition = Condition(rawValue: word) else {
            let all = Condition.allCases.map(\.rawValue).joined(separator: ", ")
            throw map.fault("'verify' knows \(all), not '\(word)'", under: "verify", at: word)
          }
          return condition
        })
    }
    filters = try TranscriptFilter.list(map)
    timeout = map.has("timeout") ? try map.seconds("timeout", default: 60) : nil
  }

  /// One command per line; a backslash at a line's end joins it with the next.
  private static func commandLines(_ text: String) -> [String] {
    text.fields("\n").reduce(into: [String]()) { lines, next in
      let line = String(next.trimmed)
      if let last = lines.last, last.ends(with: "\\") {
        lines[lines.count - 1] = last.dropLast().trimmed + " " + line
      } else if !line.isEmpty, !line.begins(with: "#") {
        lines.append(line)
      }
    }
  }

  private static func exportAction(_ map: StrictMap, settings: ExportSettings) throws -> ExportAction {
    let words = try map.text("export").fields(" ").map(String.init)
    var settings = settings
    if let with = try map.map("with", known: ExportSettings.keys) { try settings.apply(with) }
    let refused = try map.flag("refused", default: false)
    if map.has("with") || map.has("refused"), words != ["start"] {
      throw map.fault("'with' and 'refused' belong to 'export: start'")
    }
    func signal(_ word: String) throws -> Signal {
      guard let signal = Signal(rawValue: word) else {
        throw map.fault(
          "signal '\(word)' is not known; known: \(Signal.allCases.map(\.rawValue).joined(separator: ", "))",
          under: "export")
      }
      return signal
    }
    switch (words.first, words.count) {
    case ("start", 1): return refused ? .refuse(settings) : .start(settings)
    case ("stop", 1): return .stop(nil)
    case ("stop", 2): return .stop(try signal(words[1]))
    case ("signal", 2): return .signal(try signal(words[1]))
    case ("wait", 1): return .wait
    case ("kill", 1): return .kill
    case ("abort", 1): return .abort
    default:
      throw map.fault(
        "'export' takes start, stop [SIGNAL], signal SIGNAL, wait, kill or abort, not "
          + "'\(words.joined(separator: " "))'",
        under: "export")
    }
  }
}
