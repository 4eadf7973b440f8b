// Stored checks on disk: found by name, read as what they are, files that anyone may have written.

internal import Foundation

extension StoredCheck {
  /// The file's name in its folder.
  package static let fileName = "results.json"

  /// Writes the check to `folder`.
  /// - Throws: `OutputError`.
  package func write(to folder: RunFolder) throws {
    try OutputFile.write(json, to: "\(folder.path)/\(Self.fileName)")
  }

  /// The check as JSON, with a line feed at its end.
  package var json: String {
    get throws { String(decoding: try RunFolder.encoder().encode(self), as: UTF8.self) + "\n" }
  }

  /// The check that a person means by `name`: a folder, a file, a name in `results`, or `last-check` for the newest
  /// there that can be read; nil if `name` means no check.
  /// - Parameter tell: is given one line for each that `last-check` passes over.
  /// - Throws: `StoreError` if it is damaged or of another schema, or if there is no newest.
  package static func find(
    _ name: String, in results: String, tell: (String) -> Void = NewestRun.tell
  ) throws -> StoredCheck? {
    if name == "last-check" {
      let newest = try NewestRun.value(of: folders(in: results), tell: tell) { try read("\($0)/\(fileName)") }
      guard let newest else {
        throw StoreError(description: "\(results): holds no check; 'fusebench check' makes one")
      }
      return newest
    }
    let places = ["\(results)/\(name)/\(fileName)", "\(name)/\(fileName)"]
    if let place = places.first(where: InputFile.exists) { return try read(place) }
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), !isFolder.boolValue else { return nil }
    // A file under whatever name: what it holds says what it is.
    let map = try RunReader.map(of: try RunReader.bytes(of: name, whatMakesOne: maker), name)
    return map?["kind"] as? String == kind ? try read(name) : nil
  }

  /// The check that a person means by `name`, as `find` has it.
  /// - Throws: `StoreError` also where `name` means no check.
  package static func named(_ name: String, in results: String) throws -> StoredCheck {
    if let check = try find(name, in: results) { return check }
    // A run of a benchmark, half a folder, or nothing at all: its reader tells.
    _ = try RunFolder.read(name, in: results)
    throw StoreError(description: "\(name): is a run of a benchmark, no check; 'fusebench report' shows it")
  }

  private static let maker = "'fusebench check' makes one"

  /// The folders of the checks in `results`, the oldest first: names begin with the time.
  package static func folders(in results: String) -> [String] {
    SystemFile.names(results).map { "\(results)/\($0)" }.filter { InputFile.exists("\($0)/\(fileName)") }
  }

  /// The folders in `results` that hold a check or are called as one, the oldest first: of a check that was killed only
  /// an empty folder is left.
  package static func foldersOrHalves(in results: String) -> [String] {
    SystemFile.names(results).filter { name in
      let parts = name.fields("-")
      let isNumbered = parts.count > 2 && parts[parts.count - 2] == "check" && Int(parts[parts.count - 1]) != nil
      return parts.last == "check" || isNumbered || InputFile.exists("\(results)/\(name)/\(fileName)")
    }.map { "\(results)/\($0)" }
  }

  /// The check in the file `file`; its texts are as the file has them.
  /// - Throws: `StoreError` that names the file, and the key and value at fault.
  package static func read(_ file: String) throws -> StoredCheck {
    let bytes = try RunReader.bytes(of: file, whatMakesOne: maker)
    guard let tree = try RunReader.map(of: bytes, file) else {
      throw StoreError(description: "\(file): is damaged, or no stored check at all")
    }
    guard tree["kind"] as? String == kind else {
      throw StoreError(description: "\(file): is no check; 'fusebench report' shows a run of a benchmark")
    }
    guard let schema = (tree["schema"] as? NSNumber)?.doubleValue, schema == Double(currentSchema) else {
      throw StoreError(
        description: "\(file): is no check of schema \(currentSchema); the fusebench that made it can show it")
    }
    if let fault = StoredNumbers.fault(in: tree) { throw StoreError(description: "\(file): is damaged: \(fault)") }
    do {
      return try RunReader.decoder.decode(StoredCheck.self, from: Data(bytes))
    } catch {
      throw StoreError(description: "\(file): is damaged: \(RunReader.words(of: error, in: tree))")
    }
  }

  /// This check with every text made visible (`TextFormat.visible`) where it is one line, and shown (`ByteText.shown`)
  /// where it has several: for reports, since others may have written the file.
  package var readable: StoredCheck {
    var check = self
    let line = TextFormat.visible
    func lines(_ text: String) -> String {
      text.split(separator: "\n", omittingEmptySubsequences: false).map { part in
        part.split(separator: "\t", omittingEmptySubsequences: false).map { line(String($0)) }.joined(separator: "\t")
      }.joined(separator: "\n")
    }
    check.id = line(id)
    check.started = line(started)
    check.finished = line(finished)
    check.command = command.map(line)
    check.judge = line(judge)
    check.subject = line(subject)
    check.kernel = line(kernel)
    check.program = Program(
      path: program.path.map(line), prefix: program.prefix.map(line), version: program.version.map(line),
      digest: program.digest.map(line), build: program.build)
    check.tools = Dictionary(tools.map { (line($0.key), line($0.value)) }) { first, _ in first }
    for place in check.cells.indices { check.cells[place].makeReadable(line, lines) }
    for place in check.rates.indices { check.rates[place].scenario = line(rates[place].scenario) }
    for place in check.disagreements.indices {
      check.disagreements[place].scenario = line(disagreements[place].scenario)
      check.disagreements[place].lines = disagreements[place].lines.map { $0.map { $0.map(line) } }
    }
    return check
  }
}

extension StoredCheck.Cell {
  fileprivate mutating func makeReadable(_ line: (String) -> String, _ lines: (String) -> String) {
    scenario = line(scenario)
    title = line(title)
    tags = tags.map(line)
    reason = reason.map(line)
    detail = detail.map(lines)
    difference = difference.map(lines)
    expected = expected.map { StoredCheck.Expectation(why: line($0.why), link: line($0.link)) }
    transport = transport.map(line)
    transcript = transcript.map(lines)
    log = log.map(lines)
    kept = kept.map(line)
  }
}
