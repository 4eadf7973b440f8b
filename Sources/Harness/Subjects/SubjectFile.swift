// Reads subjects from their data files (scenarios/subjects/NAME.yaml).

import Foundation
import Glibc

extension Subject {
  /// Reads the subject in the file at `path`.
  /// - Throws: `FileError` that names the file and what is wrong.
  package init(file path: String) throws {
    let map = try StrictMap(
      path: path,
      known: [
        "title", "program", "prefix", "modes", "capabilities", "probed", "statistics", "arguments", "flags", "shell",
        "ready", "stop", "xfail", "needs", "packages", "get",
      ])
    name = try map.fileName
    title = try map.text("title")
    program = try map.text("program")
    modes = try Mode.list(map, "modes")
    capabilities = Set(try map.names("capabilities"))
    probed = try map.names("probed")
    prefix = try map.words("prefix")
    filedPrefix = prefix
    needs = try map.names("needs")
    packages = try map.names("packages")
    get = try map.optionalText("get")
    statistics = try map.flag("statistics", default: false)
    let flags = try map.tables("flags")
    template = CommandTemplate(parts: try Self.parts(map, "arguments"), flags: flags)
    if let section = try map.map("shell", known: ["DAEMON", "TRANSPORT"]) {
      for name in ["DAEMON", "TRANSPORT"] where section.has(name) {
        shell[name] = CommandTemplate(parts: try Self.parts(section, name), flags: flags)
      }
    }
    try Self.checkVariables(of: template, map, "arguments")
    for (key, template) in shell.sorted(by: { $0.key < $1.key }) {
      try Self.checkVariables(of: template, map, "shell.\(key)")
    }
    knownFailures = try ExpectedFailure.list(map)
    ready = Readiness()
    let passesPidfile = template.variables.contains { $0.name == "pidfile" }
    ready.pidfile = passesPidfile
    if let section = try map.map("ready", known: ["mount", "pidfile", "within", "first"]) {
      ready.mount = try section.flag("mount", default: ready.mount)
      ready.pidfile = try section.flag("pidfile", default: ready.pidfile)
      guard passesPidfile || !ready.pidfile else {
        throw section.fault(
          "'pidfile' under 'ready' is on, but no word of 'arguments' holds {pidfile}", under: "pidfile")
      }
      ready.within = try section.seconds("within", default: ready.within)
      ready.first = try section.seconds("first", default: ready.first)
    }
    stop = StopPlan()
    if let section = try map.map("stop", known: ["signals", "within"]) {
      let words = try section.names("signals")
      stop.signals = try words.map { word in
        guard let signal = Signal(rawValue: word) else {
          let all = Signal.allCases.map(\.rawValue).joined(separator: ", ")
          throw section.fault("signal '\(word)' is not known; known: \(all)", under: "signals", at: word)
        }
        return signal
      }
      stop.within = try section.seconds("within", default: stop.within)
    }
  }

  /// What a command line may ask for by name, apart from the file's own flags.
  static let variables: Set<String> = [
    "mode", "node", "size", "writable", "growable", "allow-other", "direct", "aio", "discard", "depth", "poll-max-ns",
    "aio-max-batch", "event-loop", "main-loop", "io-uring", "threads", "image", "image-kind", "mountpoint", "pidfile",
    "stats",
    "program", "thread", "index",
  ]

  private static func checkVariables(of template: CommandTemplate, _ map: StrictMap, _ key: String) throws {
    let known = variables.union(template.flags.keys)
    for part in template.parts {
      if let name = part.condition?.name, !variables.contains(name) {
        throw unknown(name, spelled: name, at: "\(name)=\(part.condition?.value ?? "")", key, variables, map)
      }
    }
    for (name, place) in template.variables where !known.contains(name) {
      throw unknown(name, spelled: "{\(name)}", at: place.text, place.flag.map { "flags.\($0)" } ?? key, known, map)
    }
  }

  private static func unknown(
    _ name: String, spelled: String, at text: String, _ key: String, _ known: Set<String>, _ map: StrictMap
  ) -> FileError {
    let meant = TextFormat.nearest(to: name, of: known.sorted()).map {
      "; did you mean \(spelled.isSame(as: name) ? $0 : "{\($0)}")?"
    }
    return map.fault(
      key, at: text,
      "has the variable \(ByteText.shown(spelled)), which does not exist\(meant ?? ""); there are "
        + known.sorted().joined(separator: ", "))
  }

  private static func parts(_ map: StrictMap, _ key: String) throws -> [CommandTemplate.Part] {
    let items = try map.items(key, known: ["when", "each", "words"])
    guard !items.isEmpty else { throw map.fault("key '\(key)' is missing or empty") }
    return try items.map { item in
      switch item {
      case .text(let word): CommandTemplate.Part(arguments: [word])
      case .map(let part): try self.part(part)
      }
    }
  }

  private static func part(_ part: StrictMap) throws -> CommandTemplate.Part {
    var condition: CommandTemplate.When?
    if let text = try part.optionalText("when") {
      guard let (name, value) = text.cut(at: "=") else {
        throw part.fault("'when' must read NAME=VALUE, not '\(ByteText.shown(text))'")
      }
      condition = .init(name: String(name), value: String(value))
    }
    let each = try part.optionalText("each")
    guard each == nil || each == "thread" else { throw part.fault("'each' can only be thread") }
    return CommandTemplate.Part(
      condition: condition, perThread: each != nil, arguments: try part.words("words"))
  }

  /// The subject called `name` in `folder`, with `program` in place of its own if given, and `prefix` in place of its
  /// own words before it: none takes them away, nil leaves them.
  /// A name is one of a file in the folder and no path: a stored run names subjects too.
  /// - Throws: `FileError` that lists the subjects there are, or that names what is wrong in the file.
  package static func named(
    _ name: String, in folder: String, program: String? = nil, prefix: [String]? = nil
  ) throws -> Subject {
    let path = "\(folder)/\(name).yaml"
    guard !name.holds("/"), FileManager.default.fileExists(atPath: path) else {
      let names = names(in: folder)
      let there = names.isEmpty ? "none" : names.joined(separator: ", ")
      throw FileError(file: folder, message: "has no subject '\(ByteText.shown(name))'; it has: \(there)")
    }
    var subject = try Subject(file: path)
    if let program { (subject.program, subject.replacement) = (program, program) }
    if let prefix { subject.prefix = prefix }
    return subject
  }

  /// The names of the subjects in `folder`, sorted.
  static func names(in folder: String) -> [String] {
    SystemFile.names(folder).filter { $0.ends(with: ".yaml") }.map { String($0.dropLast(5)) }.sorted()
  }

  /// The capabilities that some subject in `folder` has, or may be found to have.
  /// - Throws: `FileError` for the first file that is wrong.
  package static func allCapabilities(in folder: String) throws -> Set<String> {
    try names(in: folder).reduce(into: []) { all, name in
      let subject = try Subject(file: "\(folder)/\(name).yaml")
      all.formUnion(subject.capabilities.union(subject.probed))
    }
  }

  /// The path of the subject's program, or nil where the machine has none. Behind a prefix, which may change the
  /// root, an absolute path and a name are taken as they are; a relative path means this folder's, since exports start
  /// in others.
  package func executable() -> String? {
    if let first = prefix.first, program != "self" {
      let isRelative = program.holds("/") && !program.begins(with: "/")
      return Programs.find(first) == nil ? nil : isRelative ? Programs.find(program) ?? program : program
    }
    return program == "self" ? Self.ownExecutable : Programs.find(program)
  }

  /// The path of this program, whatever it is called: the harness starts it for `self`, probes and the like. In a
  /// test, which is another program, it is the `fusebench` beside the test.
  package static var ownExecutable: String {
    let found = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    guard var running = found else { return "/proc/self/exe" }
    // Built anew while it runs: the new program is in the old one's place.
    let mark = " (deleted)"
    if running.ends(with: mark) { running.removeLast(mark.count) }
    let file = URL(fileURLWithPath: running)
    guard file.pathExtension == "xctest" else { return running }
    return file.deletingLastPathComponent().appendingPathComponent("fusebench").path
  }
}

/// Programs of the machine.
package enum Programs {
  /// The path of `name` (itself a path, or found in PATH), or nil. A folder that may be entered is no program.
  package static func find(_ name: String) -> String? {
    func isProgram(_ path: String) -> Bool {
      var facts = stat()
      return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
    guard !name.isEmpty else { return nil }
    if name.holds("/") {
      let path = URL(fileURLWithPath: name).path
      return isProgram(path) ? path : nil
    }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"
    return path.fields(":").map { "\($0)/\(name)" }.first(where: isProgram)
  }
}
