// A YAML mapping of which every key must be known: a misspelt key is an error, never a silent default.

import Foundation
import Yams

/// What is wrong with a file that people write: its name, the line if known, and what to do.
package struct FileError: Error, CustomStringConvertible, Equatable {
  /// The file at fault.
  package let file: String
  /// What is wrong in it, in one line.
  package let message: String

  /// A fault of `file`.
  package init(file: String, message: String) {
    self.file = file
    self.message = message
  }

  /// `FILE: message`.
  package var description: String { ByteText.oneLine("\(file): \(message)") }
}

/// One mapping of a YAML file. Its keys are checked against the known ones when it is made; where the file's author
/// chooses the names (labels, for one), whoever reads it passes none and looks at `keys`.
///
/// Scalars are read as the text that stands in the file: YAML's own guesses (is `on` a boolean?) play no part.
struct StrictMap {
  let file: String
  let place: String
  private let node: Node
  private var entries: [(key: String, value: Node)]

  /// The mapping at the top of the YAML file at `path`.
  init(path: String, known: Set<String>?) throws {
    try self.init(text: InputFile.text(path), file: path, known: known)
  }

  /// The mapping at the top of `text`, which stands in `file`.
  init(text: String, file: String, known: Set<String>?) throws {
    let top: Node?
    do {
      try YAMLGuard.check(Array(text.utf8))
      top = try compose(yaml: text)
    } catch let refusal as YAMLGuard.GuardError {
      throw FileError(file: file, message: "line \(refusal.line): \(refusal.message)")
    } catch {
      let line = ByteText("\(error)").firstLine ?? "\(error)"
      throw FileError(file: file, message: "is not YAML: \(line)")
    }
    guard let top else { throw FileError(file: file, message: "is empty") }
    try self.init(node: top, file: file, place: "", known: known)
  }

  init(node: Node, file: String, place: String, known: Set<String>?) throws {
    self.file = file
    self.place = place
    self.node = node
    guard case .mapping(let mapping) = node else {
      throw FileError(
        file: file,
        message: Self.at(node) + (place.isEmpty ? "a mapping is needed" : "'\(place)' must be a mapping"))
    }
    entries = []
    var seen: Set<ByteText> = []
    for (key, value) in mapping {
      guard let name = key.scalar?.string else {
        throw FileError(file: file, message: Self.at(key) + "a key must be a word")
      }
      if let known, !known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
        throw FileError(
          file: file,
          message: Self.at(key) + "unknown key '\(ByteText.shown(name))'" + (place.isEmpty ? "" : " in '\(place)'")
            + "; known: \(known.sorted().joined(separator: ", "))")
      }
      guard seen.insert(ByteText(name)).inserted else {
        throw FileError(file: file, message: Self.at(key) + "key '\(ByteText.shown(name))' stands twice")
      }
      entries.append((name, value))
    }
  }

  private static func at(_ node: Node) -> String {
    node.mark.map { "line \($0.line): " } ?? ""
  }

  /// A fault of this mapping that names its line.
  func fault(_ message: String) -> FileError {
    FileError(file: file, message: Self.at(node) + message)
  }

  /// A fault of what stands under `key` (`a.b` within a mapping): it names the line of `text` there, which is a scalar
  /// or, where none is, stands in one; without `text` that of the value.
  func fault(_ message: String, under key: String, at text: String? = nil) -> FileError {
    var place: Node? = node
    for part in key.fields(".") { place = place?.mapping?[Node(String(part))] ?? place }
    let line = place.flatMap { place in
      text.flatMap { text in
        Self.find(in: place) { $0.isSame(as: text) }
          ?? Self.find(in: place) { ByteText($0).replacing(ByteText(text), with: "") != ByteText($0) }
      }
    }
    return FileError(file: file, message: Self.at(line ?? place ?? node) + message)
  }

  /// The same, with the words that are at fault before `what`.
  func fault(_ key: String, at text: String, _ what: String) -> FileError {
    fault("'\(ByteText.shown(text))' under '\(path(key))' \(what)", under: key, at: text)
  }

  private static func find(in node: Node, where isWanted: (String) -> Bool) -> Node? {
    switch node {
    case .scalar(let scalar): return isWanted(scalar.string) ? node : nil
    case .sequence(let list):
      for item in list { if let found = find(in: item, where: isWanted) { return found } }
    case .mapping(let map):
      for (_, value) in map { if let found = find(in: value, where: isWanted) { return found } }
    case .alias: break
    }
    return nil
  }

  /// The name that the file gives to what is in it: its own, without what stands behind the last point.
  /// - Throws: `FileError` if it is not made of ASCII characters that can be seen, and blanks.
  var fileName: String {
    get throws {
      let last = file.fields("/").last ?? ""
      let point = last.utf8.lastIndex(of: UInt8(ascii: "."))
      let name = point.map { last[..<$0] } ?? last
      guard !name.isEmpty, name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) else {
        throw FileError(
          file: file, message: "its name must be of ASCII letters, digits and signs: it is typed and compared")
      }
      return String(name)
    }
  }

  /// The keys, in the order of the file.
  var keys: [String] { entries.map(\.key) }

  /// Whether `key` has a mapping for its value.
  func isMap(_ key: String) -> Bool { value(key)?.mapping != nil }

  /// Whether the file has `key`.
  func has(_ key: String) -> Bool { entries.contains { $0.key == key } }

  private func value(_ key: String) -> Node? { entries.first { $0.key == key }?.value }

  private func path(_ key: String) -> String { place.isEmpty ? key : "\(place).\(key)" }

  func optionalText(_ key: String) throws -> String? {
    guard let value = value(key) else { return nil }
    guard let scalar = value.scalar else {
      throw FileError(file: file, message: Self.at(value) + "'\(path(key))' must be a word or a line of text")
    }
    return scalar.string
  }

  func text(_ key: String) throws -> String {
    guard let text = try optionalText(key) else { throw fault("key '\(path(key))' is missing") }
    return text
  }

  /// `on` or `off` (also yes/no, true/false); `fallback` where the key is absent.
  func flag(_ key: String, default fallback: Bool) throws -> Bool {
    guard let text = try optionalText(key) else { return fallback }
    switch text {
    case "on", "yes", "true": return true
    case "off", "no", "false": return false
    default: throw fault("'\(path(key))' must be on or off, not '\(ByteText.shown(text))'", under: key)
    }
  }

  func optionalSize(_ key: String) throws -> Int64? {
    guard let text = try optionalText(key) else { return nil }
    guard let bytes = ByteSize.parse(text), bytes >= 0 else {
      throw fault("'\(path(key))' must be a size such as 4096, 64k or 1M, not '\(ByteText.shown(text))'", under: key)
    }
    return bytes
  }

  /// A number of seconds, more than none and at most a week: what is longer is a slip, and beyond some length the
  /// arithmetic of time traps.
  func seconds(_ key: String, default fallback: Double) throws -> Double {
    guard let text = try optionalText(key) else { return fallback }
    // `Double` knows hexadecimal numbers and infinity too.
    let isDecimal = text.utf8.allSatisfy { "0123456789.".utf8.contains($0) }
    guard isDecimal, let seconds = Double(text), seconds >= 0.001, seconds <= Self.longest else {
      throw fault(
        "'\(path(key))' must be a number of seconds, up to \(Int(Self.longest)), not '\(ByteText.shown(text))'",
        under: key)
    }
    return seconds
  }

  /// A week, in seconds.
  static let longest: Double = 7 * 24 * 3600

  /// A whole number from 0 up to `most`, as a size is written.
  func optionalCount(_ key: String, upTo most: Int) throws -> Int? {
    guard let text = try optionalText(key) else { return nil }
    guard let number = ByteSize.parse(text), number >= 0, number <= most else {
      throw fault(
        "'\(path(key))' must be a whole number from 0 to \(most), not '\(ByteText.shown(text))'", under: key)
    }
    return Int(number)
  }

  /// One of the words of `Choice`.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, default fallback: Choice
  ) throws -> Choice where Choice.RawValue == String {
    guard let text = try optionalText(key) else { return fallback }
    guard let choice = Choice(rawValue: text) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw fault("'\(path(key))' must be one of \(words), not '\(ByteText.shown(text))'", under: key)
    }
    return choice
  }

  /// A list of words; a single word stands for a list of one.
  func words(_ key: String) throws -> [String] {
    guard let value = value(key) else { return [] }
    if let scalar = value.scalar { return [scalar.string] }
    return try list(key).map { item in
      guard let scalar = item.scalar else {
        throw FileError(file: file, message: Self.at(item) + "'\(path(key))' must be a list of words")
      }
      return scalar.string
    }
  }

  /// Words that name something, a single one or a list: of ASCII without blanks, so that equal ones have equal bytes.
  func names(_ key: String) throws -> [String] { try words(key).map { try checkedName($0, key) } }

  /// Such a name, of one word or of several.
  func name(_ key: String) throws -> String { try checkedName(try text(key), key, from: 0x20) }

  private func checkedName(_ word: String, _ key: String, from least: UInt8 = 0x21) throws -> String {
    guard !word.isEmpty, word.utf8.allSatisfy({ (least..<0x7F).contains($0) }) else {
      throw fault(key, at: word, "must be a name of ASCII letters, digits and signs")
    }
    return word
  }

  /// A list of lists of words.
  func lists(_ key: String) throws -> [[String]] {
    try list(key).map { item in
      guard case .sequence(let words) = item, words.allSatisfy({ $0.scalar != nil }) else {
        throw FileError(file: file, message: Self.at(item) + "'\(path(key))' must be a list of lists of words")
      }
      return words.compactMap { $0.scalar?.string }
    }
  }

  private func list(_ key: String) throws -> [Node] {
    guard let value = value(key) else { return [] }
    guard case .sequence(let sequence) = value else {
      throw FileError(file: file, message: Self.at(value) + "'\(path(key))' must be a list")
    }
    return Array(sequence)
  }

  func map(_ key: String, known: Set<String>?) throws -> StrictMap? {
    guard let value = value(key) else { return nil }
    return try StrictMap(node: value, file: file, place: path(key), known: known)
  }

  /// A mapping of free keys to such mappings of words to words.
  func tables(_ key: String) throws -> [String: [String: String]] {
    guard let value = value(key) else { return [:] }
    guard case .mapping(let mapping) = value else { throw fault("'\(path(key))' must be a mapping", under: key) }
    var tables: [String: [String: String]] = [:]
    for (name, table) in mapping {
      guard let name = name.scalar?.string, case .mapping(let pairs) = table else {
        throw FileError(file: file, message: Self.at(table) + "'\(path(key))' must map words to tables")
      }
      for (word, text) in pairs {
        guard let word = word.scalar?.string, let text = text.scalar?.string else {
          throw FileError(
            file: file, message: Self.at(table) + "'\(path(key)).\(name)' must map words to words")
        }
        tables[name, default: [:]][word] = text
      }
    }
    return tables
  }

  /// An element of a list: text, or a mapping.
  enum Item {
    case text(String)
    case map(StrictMap)
  }

  /// A list whose elements are text or mappings with the keys `known`.
  func items(_ key: String, known: Set<String>?) throws -> [Item] {
    try list(key).map { item in
      if let scalar = item.scalar { return .text(scalar.string) }
      return .map(try StrictMap(node: item, file: file, place: path(key), known: known))
    }
  }
}
