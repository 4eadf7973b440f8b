// The laws of the house, checked from the sources: who may know whom, and what every file owes its reader.

import Foundation
import Testing

/// A source file of this package.
private struct SourceFile: CustomTestStringConvertible {
  /// From the package's root, e.g. `Sources/Harness/Run/Child.swift`.
  let path: String
  let lines: [String]

  var testDescription: String { path }
  var folder: String { (path as NSString).deletingLastPathComponent }

  /// The code without comments and without the texts of literals.
  var code: String {
    lines.map { line in
      // Most lines have no literal, and to look for one by pattern takes a hundred times as long.
      let text = !line.contains("\"") ? line : line.replacing(/"(\\.|[^"\\])*"/, with: "\"\"")
      return text.components(separatedBy: "//")[0]
    }.joined(separator: "\n")
  }

  /// The words of `names` that the code uses.
  func uses(_ names: [String]) -> [String] {
    let words = Set(code.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init))
    return names.filter(words.contains)
  }

  /// The modules that are imported.
  var imports: Set<String> {
    Set(
      lines.filter { $0.contains("import ") }.compactMap {
        $0.firstMatch(of: /^\s*(@\w+\s+)*(public\s+|internal\s+)?import\s+(\w+)/)
      }.map { String($0.3) })
  }
}

private enum House {
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  static let files: [SourceFile] = ["Sources", "Tests"].flatMap { top -> [SourceFile] in
    let found = FileManager.default.enumerator(atPath: root.appendingPathComponent(top).path)
    let names = (found?.allObjects as? [String] ?? []).filter {
      ["swift", "c", "h"].contains(($0 as NSString).pathExtension)
    }
    return names.sorted().compactMap { name in
      let path = "\(top)/\(name)"
      guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else {
        return nil
      }
      return SourceFile(path: path, lines: text.components(separatedBy: "\n"))
    }
  }

  static func swift(under folder: String) -> [SourceFile] {
    files.filter { $0.path.hasPrefix(folder + "/") && $0.path.hasSuffix(".swift") }
  }
}

/// What a room of the export must not know: what the rooms above it and beside it declare, and C modules.
private struct Room: CustomTestStringConvertible {
  let name: String
  let mayKnow: Set<String>
  let modules: Set<String>
  /// Words that belong to other rooms' business even where no type is named.
  var neverSays: [String] = []

  var testDescription: String { name }
  var folder: String { "Sources/ExportUnderTest/\(name)" }

  static let all = [
    Room(
      name: "Wire", mayKnow: [], modules: ["CFuseKernel", "Glibc"],
      neverSays: ["Ring", "Mount", "ServingThread"]),
    Room(
      name: "Runtime", mayKnow: [], modules: ["CLinux", "CLiburing", "CLibFUSE", "Glibc", "Synchronization"],
      neverSays: ["Slot", "Channel", "Node"]),
    Room(
      name: "Block", mayKnow: ["Runtime"], modules: ["CLinux", "Glibc", "Synchronization"],
      neverSays: ["Slot", "Channel", "Operation"]),
    Room(
      name: "Export", mayKnow: ["Wire", "Block", "Runtime"], modules: ["Glibc", "Synchronization"],
      neverSays: ["Ring", "Mount", "ServingThread", "Channel"]),
    Room(
      name: "Transport", mayKnow: ["Export", "Wire", "Block", "Runtime"],
      modules: ["CFuseKernel", "CLinux", "CLiburing", "Glibc", "Synchronization"]),
  ]

  /// What the files of this room declare at their top level for others: types, functions and values.
  var offers: Set<String> {
    declarations(/^(public |final |indirect )*(struct|class|enum|actor|protocol|typealias|func|let|var) (\w+)/)
  }

  /// All types of this room, nested ones too: their names are its own, whatever others use them for.
  var ownNames: Set<String> {
    declarations(/^\s*(public |private |final |indirect )*(struct|class|enum|actor|protocol|typealias) (\w+)/)
  }

  private func declarations(_ pattern: Regex<(Substring, Substring?, Substring, Substring)>) -> Set<String> {
    Set(
      House.swift(under: folder).flatMap { file in
        file.lines.compactMap { line in line.firstMatch(of: pattern).map { String($0.3) } }
      })
  }
}

@Suite struct LawsTests {
  @Test func theSourcesAreHere() {
    #expect(House.swift(under: "Sources/Harness").count > 10)
    #expect(Room.all.allSatisfy { !$0.offers.isEmpty })
  }

  // MARK: Who may know whom

  /// Serving a mount and using it from one process can deadlock: to the harness an export is a child process.
  @Test func theHarnessDoesNotKnowTheExport() {
    for file in House.swift(under: "Sources/Harness") {
      let foreign = file.imports.intersection(["ExportUnderTest", "CFuseKernel", "CLiburing", "CLibFUSE"])
      #expect(foreign.isEmpty, "\(file.path)")
    }
    for file in House.swift(under: "Sources/ExportUnderTest") {
      #expect(!file.imports.contains("Harness"), "\(file.path)")
    }
  }

  @Test(arguments: Room.all) private func aRoomKnowsOnlyTheRoomsBelow(_ room: Room) {
    let others = Room.all.filter { $0.name != room.name && !room.mayKnow.contains($0.name) }
    let foreign = Set(others.flatMap(\.offers))
    for file in House.swift(under: room.folder) {
      let wrong = file.uses(foreign.union(room.neverSays).subtracting(room.ownNames).sorted())
      #expect(wrong.isEmpty, "\(file.path) knows \(wrong.joined(separator: ", "))")
      let modules = file.imports.subtracting(room.modules)
      #expect(modules.isEmpty, "\(file.path) imports \(modules.sorted().joined(separator: ", "))")
    }
  }

  /// How requests arrive is the transports' business.
  @Test(arguments: ["Wire", "Export", "Block"]) func nobodyBelowNamesTheDevice(_ room: String) {
    for file in House.swift(under: "Sources/ExportUnderTest/\(room)") {
      let literals = file.lines.filter { !$0.trimmingCharacters(in: .whitespaces).hasPrefix("//") }.joined()
      #expect(!literals.contains("\"/dev/fuse"), "\(file.path)")
    }
  }

  // MARK: What a file owes its reader

  @Test func everyFileSaysWhatItIsFor() {
    for file in House.files {
      #expect(file.lines[0].hasPrefix("// "), "\(file.path) begins with: \(file.lines[0])")
    }
  }

  @Test func noFileIsTooLong() {
    for file in House.files {
      #expect(
        file.lines.count <= 401, "\(file.path) has \(file.lines.count - 1) lines; look for its second reason")
    }
  }

  @Test func noLineIsTooLong() {
    let long = House.files.flatMap { file in
      file.lines.enumerated().filter { $0.element.count > 120 }.map { "\(file.path):\($0.offset + 1)" }
    }
    #expect(long == [])
  }

  @Test func nothingIsLeftUnfinished() {
    // Put together here, so that this file does not hold what it looks for.
    let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X:", "HA" + "CK:"]
    for file in House.files {
      let found = marks.filter { mark in file.lines.contains { $0.contains(mark) } }
      #expect(found.isEmpty, "\(file.path) holds \(found.joined(separator: ", "))")
    }
  }

  // MARK: Scenarios

  @Test func everyScenarioHasItsGoldenAndTheOtherWayRound() throws {
    let folder = House.root.appendingPathComponent("scenarios")
    try #require(FileManager.default.fileExists(atPath: folder.path))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    func stems(_ suffix: String) -> Set<String> {
      Set(names.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) })
    }
    #expect(stems(".yaml").subtracting(stems(".out")) == [], "scenarios without a golden")
    #expect(stems(".out").subtracting(stems(".yaml")) == [], "goldens without a scenario")
  }
}
