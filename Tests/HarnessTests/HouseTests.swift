// The house's law, read from the sources: a folder knows only the folders below it.

import Foundation
import Testing

private let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Sources")

@Suite struct HouseTests {
  /// The folders of Sources/Harness, the lowest first.
  static let folders = [
    "Basics", "Reading", "Subjects", "Image", "Probe", "Stream", "Plan", "Run", "Judge",
    "Measure", "Store", "Draw", "Reports",
  ]

  private func files(_ folder: String) throws -> [(name: String, text: String)] {
    let path = sources.appendingPathComponent("Harness").appendingPathComponent(folder)
    let names = try FileManager.default.contentsOfDirectory(atPath: path.path).filter {
      $0.hasSuffix(".swift")
    }
    return try names.sorted().map {
      ($0, try String(contentsOf: path.appendingPathComponent($0), encoding: .utf8))
    }
  }

  /// The text without what is no code: comments, and words in quotes.
  private func code(_ text: String) -> String {
    text.replacing(/\/\/[^\n]*/, with: "").replacing(/"([^"\\\n]|\\.)*"/, with: "")
  }

  @Test func noFolderKnowsAFolderAboveIt() throws {
    let present = Self.folders.filter {
      FileManager.default.fileExists(atPath: sources.appendingPathComponent("Harness/\($0)").path)
    }
    var home: [Substring: Int] = [:]
    let declaration = /(?m)^(?:public )?(?:final )?(?:indirect )?(?:struct|enum|class|actor|protocol) (\w+)/
    for (level, folder) in present.enumerated() {
      for file in try files(folder) {
        for match in file.text.matches(of: declaration) { home[match.1] = level }
      }
    }
    for (level, folder) in present.enumerated() {
      for file in try files(folder) {
        let names = Set(code(file.text).matches(of: /\b[A-Z]\w+/).map(\.0))
        let above = names.filter { home[$0, default: 0] > level }.sorted()
        #expect(
          above.isEmpty,
          "\(folder)/\(file.name) uses \(above.map { "\($0) of \(present[home[$0]!])" }.joined(separator: ", "))"
        )
      }
    }
  }

  @Test func everyFolderHasItsPlace() throws {
    let all = try FileManager.default.contentsOfDirectory(
      atPath: sources.appendingPathComponent("Harness").path
    ).filter { !$0.hasSuffix(".swift") }
    #expect(Set(all).isSubset(of: Self.folders))
  }
}
