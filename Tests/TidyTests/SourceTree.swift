// The one scanner: every source file of the package, its code without comments and literals, and the words in it.

import Foundation

/// A source file of this package.
struct SourceFile: Sendable {
  /// From the package's root, e.g. `Sources/Harness/Run/Child.swift`.
  let path: String
  /// Its lines, without their ends.
  let lines: [String]
  /// Its lines without comments and without what stands between quotation marks.
  let code: [String]
  /// The identifiers and keywords in the code.
  let words: Set<String>

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    code = Self.code(of: Array(text.utf8))
    words = Set(
      code.flatMap { $0.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }.map(String.init) })
  }

  var isSwift: Bool { path.hasSuffix(".swift") }
  var name: String { String(path.split(separator: "/").last!) }

  /// The modules that the file imports.
  var imports: Set<String> {
    Set(
      code.compactMap { line in
        let parts = line.split(separator: " ")
        guard let place = parts.firstIndex(of: "import"), place <= 2, parts.count > place + 1 else { return nil }
        return String(parts[place + 1])
      })
  }

  /// The names that the file declares at its top level: types, functions, values.
  var declared: Set<String> { declarations { $0.first != " " } }

  /// All types that the file declares, nested ones too.
  var types: Set<String> { declarations(Self.typeKeywords) { _ in true } }

  private static let typeKeywords: Set<String> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
  private static let keywords = typeKeywords.union(["func", "let", "var"])
  private static let modifiers: Set<String> = [
    "package", "private", "fileprivate", "final", "indirect", "static", "nonisolated", "internal",
    "nonisolated(unsafe)",
  ]

  private func declarations(_ keywords: Set<String> = keywords, where wanted: (String) -> Bool) -> Set<String> {
    Set(
      code.filter(wanted).compactMap { line in
        let parts = line.split(separator: " ").drop { Self.modifiers.contains(String($0)) || $0.hasPrefix("@") }
        guard let keyword = parts.first, keywords.contains(String(keyword)), let name = parts.dropFirst().first
        else { return nil }
        return String(name.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
      })
  }

  /// Drops `// …` and the bytes between quotation marks; multi-line literals are dropped whole.
  private static func code(of text: [UInt8]) -> [String] {
    var lines: [String] = []
    var isInText = false
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      var kept: [UInt8] = []
      var place = line.startIndex
      var isQuoted = false
      while place < line.endIndex {
        if line[place...].starts(with: Array("\"\"\"".utf8)) {
          isInText.toggle()
          place += 3
          continue
        }
        let byte = line[place]
        if isInText {
        } else if isQuoted {
          if byte == UInt8(ascii: "\\") { place += 1 }
          if byte == UInt8(ascii: "\"") { isQuoted = false }
        } else if byte == UInt8(ascii: "\"") {
          isQuoted = true
        } else if line[place...].starts(with: Array("#/".utf8)) {
          // A pattern: its words are other people's.
          while place < line.endIndex, !line[place...].starts(with: Array("/#".utf8)) { place += 1 }
        } else if line[place...].starts(with: Array("//".utf8)) {
          break
        } else {
          kept.append(byte)
        }
        place += 1
      }
      lines.append(String(decoding: kept, as: UTF8.self))
    }
    return lines
  }
}

/// The files of the package.
enum SourceTree {
  /// The package's root.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every Swift and C file below Sources and Tests, by path.
  static let files: [SourceFile] = ["Sources", "Tests"].flatMap { top -> [SourceFile] in
    let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(top).path)
    let names = (found?.allObjects as? [String] ?? []).filter {
      ["swift", "c", "h"].contains(($0 as NSString).pathExtension)
    }
    return names.sorted().compactMap { name in
      text("\(top)/\(name)").map { SourceFile(path: "\(top)/\(name)", text: $0) }
    }
  }

  /// The text of the file at `path`, counted from the root.
  static func text(_ path: String) -> String? {
    FileManager.default.contents(atPath: root.appendingPathComponent(path).path).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The Swift files below `folder`.
  static func swift(below folder: String) -> [SourceFile] {
    files.filter { $0.isSwift && $0.path.hasPrefix(folder + "/") }
  }
}
