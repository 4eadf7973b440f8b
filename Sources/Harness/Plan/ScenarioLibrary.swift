// The scenarios of a folder, and how names and globs choose among them.

import Foundation
import Glibc

/// The scenarios of one folder: its `.yaml` files (subfolders hold subjects and suites).
package struct ScenarioLibrary: Sendable {
  /// The folder.
  package let folder: String
  /// In the order of their names.
  package let scenarios: [Scenario]

  /// Reads all scenarios in `folder`.
  /// - Throws: `FileError` for the first file that is wrong, or if there is none.
  package init(folder: String) throws {
    self.folder = folder
    let files = SystemFile.names(folder)
    scenarios = try files.filter { $0.ends(with: ".yaml") }.sorted().map {
      try Scenario(file: "\(folder)/\($0)")
    }
    guard !scenarios.isEmpty else {
      throw FileError(
        file: folder, message: "has no scenarios; start fusebench in its own folder or give --scenarios DIR")
    }
  }

  /// The scenarios that any of `patterns` (names or globs) matches and that bear any of `tags`; where there is no
  /// pattern or no tag, that does not narrow the choice.
  /// - Throws: `FileError` if a pattern matches nothing, a tag does not exist, or nothing is left.
  package func select(_ patterns: [String], tags: [String] = []) throws -> [Scenario] {
    let known = Set(scenarios.flatMap(\.tags))
    for tag in tags where !known.contains(tag) {
      throw FileError(
        file: folder, message: "no scenario bears the tag '\(tag)'; tags are \(known.sorted().joined(separator: ", "))")
    }
    let chosen = try select(named: patterns)
    guard !tags.isEmpty else { return chosen }
    let tagged = chosen.filter { !Set($0.tags).isDisjoint(with: tags) }
    guard !tagged.isEmpty else {
      throw FileError(
        file: folder, message: "none of the scenarios named bears the tag \(tags.joined(separator: " or "))")
    }
    return tagged
  }

  private func select(named patterns: [String]) throws -> [Scenario] {
    for pattern in patterns where !scenarios.contains(where: { fnmatch(pattern, $0.name, 0) == 0 }) {
      throw FileError(
        file: folder, message: "no scenario matches '\(pattern)'; 'fusebench list' shows what there is")
    }
    guard !patterns.isEmpty else { return scenarios }
    return scenarios.filter { scenario in patterns.contains { fnmatch($0, scenario.name, 0) == 0 } }
  }

  /// Looks whether each capability that a scenario requires is among `known`, which any subject has or may have.
  /// - Throws: `FileError` that names the first scenario whose capability is not.
  package func checkCapabilities(_ known: Set<String>) throws {
    for scenario in scenarios {
      for word in scenario.requires.capabilities where !known.contains(word) {
        throw FileError(
          file: "\(folder)/\(scenario.name).yaml",
          message: "no subject has the capability '\(word)'; there are \(known.sorted().joined(separator: ", "))")
      }
    }
  }

  /// The path of a scenario's golden file.
  package func goldenPath(_ scenario: Scenario) -> String { "\(folder)/\(scenario.name).out" }

  /// The golden text, or nil if none is recorded.
  /// - Throws: `FileError` if there is one and it cannot be read.
  package func golden(_ scenario: Scenario) throws(FileError) -> ByteText? {
    let path = goldenPath(scenario)
    return InputFile.exists(path) ? ByteText(try InputFile.bytes(path, limit: Self.goldenLimit)) : nil
  }

  /// Bytes that a golden file may have: what a transcript may, and its notation beside it.
  static let goldenLimit = 64 << 20
}

extension ScenarioLibrary {
  /// Where scenarios were looked for.
  package struct Search: Sendable {
    /// The nearest folder `scenarios` that may be taken: of the working directory or one above it, else of the
    /// program's own project; nil if there is none.
    package var folder: String?
    /// Nearer ones that are not taken unless they are named, with the reason.
    package var passedOver: [String] = []
  }

  /// Looks for the folder with the scenarios. What another user can write to is passed over: its files name commands.
  package static func search(
    from starts: [String] = [FileManager.default.currentDirectoryPath, Subject.ownExecutable]
  ) -> Search {
    var search = Search()
    var seen: Set<String> = []
    for start in starts {
      var folder = URL(fileURLWithPath: start)
      while true {
        let candidate = folder.appendingPathComponent("scenarios").path
        if seen.insert(candidate).inserted, InputFile.exists(candidate + "/subjects") {
          guard let why = TrustedFolder.objection(to: candidate, parts: ["subjects", "suites", "published"]) else {
            search.folder = candidate
            return search
          }
          search.passedOver.append(ByteText.oneLine("\(candidate) is passed over: \(why); --scenarios DIR takes it"))
        }
        guard folder.path != "/" else { break }
        folder.deleteLastPathComponent()
      }
    }
    return search
  }
}
