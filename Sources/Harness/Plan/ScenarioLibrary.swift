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
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    scenarios = try files.filter { $0.hasSuffix(".yaml") }.sorted().map {
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
  package func golden(_ scenario: Scenario) -> String? {
    try? String(contentsOfFile: goldenPath(scenario), encoding: .utf8)
  }
}

extension ScenarioLibrary {
  /// The nearest folder `scenarios`: of the working directory or one above it, else of the program's own project.
  package static var defaultFolder: String {
    let manager = FileManager.default
    let starts = [manager.currentDirectoryPath, Subject.ownExecutable]
    for start in starts {
      var folder = URL(fileURLWithPath: start)
      while folder.path != "/" {
        let candidate = folder.appendingPathComponent("scenarios").path
        if manager.fileExists(atPath: candidate + "/subjects") { return candidate }
        folder.deleteLastPathComponent()
      }
    }
    return "scenarios"
  }
}
