// A run's folder on disk: run.json, written so that an interruption never costs what was there.

internal import Foundation

/// Why results could not be written or read; one line for a person.
package struct StoreError: Error, Equatable, CustomStringConvertible {
  /// What failed, on which file, and the way out.
  package let description: String
}

/// The folder of one run: `run.json`, and fio's own JSON per sample in `fio/`.
package struct RunFolder: Equatable, Sendable {
  /// The folder's path.
  package let path: String

  /// The folder at `path`, which need not exist.
  package init(path: String) { self.path = path }

  /// The stored run's file.
  package var runFile: String { "\(path)/run.json" }

  /// A new folder for a run of `suite` that began at `date`, in `results`; made with all that leads to it.
  ///
  /// Its name is the time in UTC, the suite, and the share if the run measures one; a second run within one second gets
  /// a number behind. `forSamples` makes room for fio's JSON in it.
  /// - Throws: `StoreError` if it cannot be made.
  package static func create(
    in results: String, suite: String, shard: Shard? = nil, at date: RunTime, forSamples: Bool = true
  ) throws -> RunFolder {
    let files = FileManager.default
    try checkOwner(results)
    try attempt(results) {
      try files.createDirectory(atPath: results, withIntermediateDirectories: true)
    }
    let name = "\(date.compact)-\(suite)" + (shard.map { "-\($0.number)of\($0.of)" } ?? "")
    for number in 1...99 {
      let folder = RunFolder(path: "\(results)/\(name)\(number == 1 ? "" : "-\(number)")")
      // Whoever makes the folder has it: machines may share the place of results, and begin in one second.
      guard mkdir(folder.path, 0o777) == 0 else {
        if errno == EEXIST { continue }
        throw failure(folder.path, errno)
      }
      if forSamples { try folder.make() }
      return folder
    }
    throw StoreError(description: "\(results): too many runs called \(name)")
  }

  /// Makes the folder with all that leads to it, and the one for fio's JSON.
  /// - Throws: `StoreError` if it cannot be made.
  func make() throws {
    for folder in [path, "\(path)/fio"] { try Self.checkOwner(folder) }
    try Self.attempt(path) {
      try FileManager.default.createDirectory(atPath: "\(path)/fio", withIntermediateDirectories: true)
    }
  }

  /// The run's name: the last part of its path.
  package var id: String { URL(fileURLWithPath: path).lastPathComponent }

  /// The run that a person means by `name`: a folder, the name of one in `results`, or `last` for the newest there that
  /// can be read.
  /// - Parameter tell: is given one line for each that `last` passes over.
  /// - Throws: `StoreError` if there is none.
  package static func find(
    _ name: String, in results: String, tell: (String) -> Void = NewestRun.tell
  ) throws -> RunFolder {
    if name == "last" { return try newest(in: results, tell: tell).folder }
    let there = runs(in: results)
    let path = name.hasSuffix("/run.json") ? String(name.dropLast("/run.json".count)) : name
    let folder = there.first { $0.id == name } ?? RunFolder(path: path)
    if let fault = folder.faultOfKind ?? RunFolder(path: "\(results)/\(name)").faultOfKind { throw fault }
    return folder
  }

  /// The newest run in `results` that can be read, and its folder.
  private static func newest(
    in results: String, tell: (String) -> Void
  ) throws -> (folder: RunFolder, run: StoredRun) {
    let newest = try NewestRun.value(of: attempts(in: results), tell: tell) { place in
      let folder = RunFolder(path: place)
      if let fault = folder.faultOfKind { throw fault }
      return (folder, try folder.read())
    }
    guard let newest else {
      throw StoreError(description: "\(results): holds no run; 'fusebench bench' makes one")
    }
    return newest
  }

  /// Why a folder that is there holds no run of a benchmark; nil if it holds one, or is not there.
  private var faultOfKind: StoreError? {
    let files = FileManager.default
    var isFolder: ObjCBool = false
    guard files.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue,
      !files.fileExists(atPath: runFile)
    else { return nil }
    return StoreError(
      description: files.fileExists(atPath: "\(path)/\(StoredCheck.fileName)")
        ? "\(path): is a check, no run of a benchmark; 'fusebench report' and 'fusebench matrix' show it"
        : "\(path): is half a result folder: it holds neither run.json nor \(StoredCheck.fileName)")
  }

  /// The run that a person means by `name`: as `find` has it, or a run.json under whatever name it was kept.
  /// - Throws: `StoreError` if there is none, or it is damaged or of another schema.
  package static func read(_ name: String, in results: String) throws -> StoredRun {
    if name == "last" { return try newest(in: results, tell: NewestRun.tell).run }
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: name, isDirectory: &isFolder), !isFolder.boolValue {
      return try read(file: name)
    }
    return try find(name, in: results).read()
  }

  /// The runs kept in `results`, the oldest first.
  package static func runs(in results: String) -> [RunFolder] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: results)) ?? []
    // Names begin with the time, so their order is that of time.
    return names.sorted().map { RunFolder(path: "\(results)/\($0)") }
      .filter { FileManager.default.fileExists(atPath: $0.runFile) }
  }

  /// The folders in `results` that hold a run, or have a run's name and hold nothing that is known, the oldest first.
  package static func attempts(in results: String) -> [String] {
    SystemFile.names(results).filter { name in
      let folder = RunFolder(path: "\(results)/\(name)")
      if InputFile.exists(folder.runFile) { return true }
      return RunTime.begins(name) && !InputFile.exists("\(folder.path)/\(StoredCheck.fileName)")
    }.map { "\(results)/\($0)" }
  }

  /// The path from the root, for programs that are started elsewhere.
  package var absolutePath: String { URL(fileURLWithPath: path).path }

  /// The form of `run.json`, and of reports that hold it.
  static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }

  /// Writes `run` to `run.json`. A reader, or whoever comes after a crash, finds either the old run or the new one,
  /// whole.
  /// - Throws: `StoreError`, which says so when the disk is full.
  package func write(_ run: StoredRun) throws {
    let bytes: Data
    do {
      bytes = try Self.encoder().encode(run)
    } catch {
      throw StoreError(description: "\(runFile): a figure cannot be written as JSON: \(error)")
    }
    do {
      try OutputFile.write(Array(bytes) + [UInt8(ascii: "\n")], to: runFile)
    } catch {
      throw StoreError(description: "\(error)")
    }
  }

  /// The run in `run.json`.
  /// - Throws: `StoreError` if it is missing, damaged or of another schema.
  package func read() throws -> StoredRun { try Self.read(file: runFile) }

  /// The run in the file `file`, wherever it lies.
  /// - Throws: `StoreError` if it is missing, damaged or of another schema.
  package static func read(file: String) throws -> StoredRun { try RunReader.read(file) }

  private static func checkOwner(_ folder: String) throws(StoreError) {
    do {
      try FileOwner.checkFolder(folder)
    } catch {
      throw StoreError(description: "\(error)")
    }
  }

  private static func failure(_ path: String, _ fault: Int32) -> StoreError {
    fault == ENOSPC || fault == EDQUOT
      ? StoreError(description: "\(path): the disk is full; make room, what was written before is whole")
      : StoreError(description: "\(path): cannot be written: \(String(cString: strerror(fault)))")
  }

  private static func attempt(_ path: String, _ body: () throws -> Void) throws {
    do {
      try body()
    } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
      throw failure(path, ENOSPC)
    } catch {
      throw StoreError(description: "\(path): cannot be made: \(error.localizedDescription)")
    }
  }
}
