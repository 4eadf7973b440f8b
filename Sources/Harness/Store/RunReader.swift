// Reads run.json as what it is: a file that anyone may have written.

internal import Foundation

/// The one reader of stored runs. What it returns is of the current schema, and every number in it is finite and within
/// `StoredNumbers`; texts are as the file has them, and each report escapes them.
enum RunReader {
  /// The largest run.json that is read; the largest that was made has some megabytes.
  private static let largest = 256 << 20

  /// The run in the file `file`.
  /// - Throws: `StoreError` that names the file, and the key and its value where one is wrong.
  static func read(_ file: String) throws(StoreError) -> StoredRun {
    let bytes = try bytes(of: file, whatMakesOne: "'fusebench bench' makes one")
    var tree = try tree(of: bytes, file)
    let schema = (tree["schema"] as? NSNumber).flatMap { Int(exactly: $0.doubleValue) }
    guard let schema else {
      throw StoreError(description: damaged(file))
    }
    guard StoredRun.readSchemas.contains(schema) else {
      throw StoreError(
        description: "\(file): schema \(schema), but this fusebench reads \(StoredRun.readSchemas.lowerBound) to "
          + "\(StoredRun.currentSchema); the fusebench that made it can show it")
    }
    if let fault = StoredNumbers.fault(in: tree) { throw StoreError(description: "\(file): is damaged: \(fault)") }
    let isOld = upgrade(&tree)
    do {
      let run = try decoder.decode(
        StoredRun.self, from: isOld ? try JSONSerialization.data(withJSONObject: tree) : Data(bytes))
      try check(run, file)
      return run
    } catch let error as StoreError {
      throw error
    } catch {
      throw StoreError(description: "\(file): is damaged: \(words(of: error, in: tree))")
    }
  }

  /// Puts the names of today in the place of those that schema 2 had, and the first runs with a floor; whether there
  /// were any.
  private static func upgrade(_ tree: inout [String: Any]) -> Bool {
    var isOld = tree["schema"] as? Int != StoredRun.currentSchema
    tree["schema"] = StoredRun.currentSchema
    if var settings = tree["settings"] as? [String: Any], let most = settings.removeValue(forKey: "most_samples") {
      if settings["max_samples"] == nil { settings["max_samples"] = most }
      tree["settings"] = settings
    }
    if var columns = tree["columns"] as? [[String: Any]] {
      for place in columns.indices where columns[place].removeValue(forKey: "beside") as? String == "null" {
        columns[place]["role"] = Column.Role.floor.rawValue
        isOld = true
      }
      tree["columns"] = columns
    }
    return isOld
  }

  /// What the types do not say: shares that there can be, and names that lead out of no folder.
  private static func check(_ run: StoredRun, _ file: String) throws(StoreError) {
    func damaged(_ what: String) -> StoreError { StoreError(description: "\(file): is damaged: \(what)") }
    if let shard = run.shard, !shard.isValid { throw damaged("there is no share \(shard)") }
    guard isName(run.suite) else { throw damaged("suite: '\(TextFormat.visible(run.suite))' is no name") }
    for output in run.cells.flatMap(\.samples).compactMap(\.fioOutput) {
      let parts = output.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      guard parts.allSatisfy({ isName(String(Substring($0))) }) else {
        throw damaged("fio_output: '\(TextFormat.visible(output))' names a file outside of its folder")
      }
    }
  }

  /// Whether `word` can be the name of a file.
  private static func isName(_ word: String) -> Bool {
    !word.isEmpty && word != "." && word != ".." && word.utf8.count < 256
      && word.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != 0x7f }
  }

  // MARK: From bytes to values

  static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return decoder
  }

  private static func tree(of bytes: [UInt8], _ file: String) throws(StoreError) -> [String: Any] {
    guard let map = try map(of: bytes, file) else { throw StoreError(description: damaged(file)) }
    guard map["kind"] as? String != StoredCheck.kind else {
      throw StoreError(
        description: "\(file): is a check, no run of a benchmark; 'fusebench report' and 'fusebench matrix' show it")
    }
    return map
  }

  /// The object that `bytes` of `file` are in JSON; nil if they are none.
  /// - Throws: `StoreError` if lists and objects lie in each other deeper than any that is written.
  static func map(of bytes: [UInt8], _ file: String) throws(StoreError) -> [String: Any]? {
    do {
      return try OutsideJSON.object(in: bytes)
    } catch {
      throw StoreError(description: "\(file): is damaged: \(error)")
    }
  }

  /// The bytes of a regular file: a FIFO in its place would keep the reader waiting for ever.
  static func bytes(of file: String, whatMakesOne: String) throws(StoreError) -> [UInt8] {
    let descriptor = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else {
      throw StoreError(
        description: errno == ENOENT || errno == ENOTDIR
          ? "\(file): no such run; \(whatMakesOne), and 'fusebench history' shows those there are"
          : "\(file): cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw StoreError(description: "\(file): cannot be read: is no file")
    }
    guard facts.st_size <= largest else {
      throw StoreError(description: "\(file): has \(facts.st_size) bytes, and no run has more than \(largest)")
    }
    guard let bytes = SystemFile.bytes("/proc/self/fd/\(descriptor)") else {
      throw StoreError(description: "\(file): cannot be read: \(String(cString: strerror(errno)))")
    }
    return bytes
  }

  /// What is wrong in a file, where, and what stands there, in one line.
  static func words(of error: any Error, in tree: [String: Any]) -> String {
    guard let error = error as? DecodingError else { return error.localizedDescription }
    let context: DecodingError.Context
    var what: String
    switch error {
    case .keyNotFound(let key, let place): (context, what) = (place, "'\(snake(key.stringValue))' is missing")
    case .typeMismatch(let type, let place), .valueNotFound(let type, let place):
      (context, what) = (place, "is no \(type)")
    case .dataCorrupted(let place): (context, what) = (place, place.debugDescription)
    @unknown default: return error.localizedDescription
    }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? snake($0.stringValue) }
    if case .keyNotFound = error {
      // The place of a name that is missing holds nothing to show.
    } else if let value = StoredNumbers.text(at: path, in: tree) {
      what = "'\(value)' \(what.hasPrefix("is ") ? what : "cannot be: \(what)")"
    }
    if !path.isEmpty { what = "\(path.joined(separator: ".")): \(what)" }
    return TextFormat.visible(what)
  }

  /// `maxSamples` as the file spells it: `max_samples`.
  private static func snake(_ name: String) -> String {
    String(name.flatMap { $0.isUppercase ? ["_", Character($0.lowercased())] : [$0] })
  }

  private static func damaged(_ file: String) -> String {
    "\(file): is damaged, or no stored run at all; give a run's folder, or its run.json"
  }
}
