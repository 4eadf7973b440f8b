// Who may know whom: arrows point downwards, in the export and in the harness, and no file stands outside a room.

import Foundation
import Testing

@Suite struct RoomTests {
  /// The rooms of each program, the lowest first: a room knows those before it (docs/architecture.md, from top down).
  static let rooms: [String: [String]] = [
    "Sources/ExportUnderTest": ["Runtime", "Wire", "Block", "Export", "Transport", "Daemon"],
    "Sources/Harness": [
      "Image", "Statistics", "Support", "Parsing", "Subjects", "Probe", "Stream", "Plan", "Run", "Judge", "Kernels",
      "Measure",
      "Store", "Bench", "Plotting", "Trace", "Reports",
    ],
  ]

  /// Beside each other rather than above: neither knows the other.
  static let strangers: [String: Set<String>] = [
    // Bytes of the protocol mean the same whatever runs them.
    "Sources/ExportUnderTest/Wire": ["Runtime"]
  ]

  /// A file in no room is seen by no rule, and a room in no list by no reader.
  @Test(arguments: rooms.keys.sorted()) func everyFileHasItsRoom(_ program: String) {
    let known = Set(Self.rooms[program]!)
    for file in SourceTree.swift(below: program) {
      let parts = file.path.dropFirst(program.count + 1).split(separator: "/")
      #expect(parts.count > 1 && known.contains(String(parts[0])), "\(file.path) is in no room of \(program)")
    }
  }

  /// A circle between rooms means that neither can be read, tested or replaced without the other.
  @Test(arguments: rooms.keys.sorted()) func aRoomKnowsOnlyRoomsBelow(_ program: String) {
    let order = Self.rooms[program]!
    var home: [String: Int] = [:]
    for (level, room) in order.enumerated() {
      for file in SourceTree.swift(below: "\(program)/\(room)") {
        for name in file.declared where name.first?.isUppercase == true { home[name] = level }
      }
    }
    for (level, room) in order.enumerated() {
      let folder = "\(program)/\(room)"
      // A nested type may have the name of a type above: its room means its own.
      let own = SourceTree.swift(below: folder).reduce(into: Set<String>()) { $0.formUnion($1.types) }
      for file in SourceTree.swift(below: folder) {
        let wrong = file.words.subtracting(own).filter { name in
          guard let place = home[name] else { return false }
          return place > level || Self.strangers[folder, default: []].contains(order[place])
        }
        #expect(
          wrong.isEmpty,
          "\(file.path) knows \(wrong.sorted().map { "\($0) of \(order[home[$0]!])" }.joined(separator: ", "))")
      }
    }
  }

  /// Serving a mount and using it from one process can deadlock: to the harness an export is a child process.
  @Test func theHarnessDoesNotKnowTheExport() {
    let foreign: Set<String> = ["ExportUnderTest", "CFuseKernel", "CLiburing", "CLibFUSE"]
    for file in SourceTree.swift(below: "Sources/Harness") {
      #expect(file.imports.isDisjoint(with: foreign), "\(file.path)")
    }
    for file in SourceTree.swift(below: "Sources/ExportUnderTest") {
      #expect(!file.imports.contains("Harness"), "\(file.path)")
    }
  }

  /// What a room of the export imports: its bytes, nodes and meaning must not depend on how requests arrive.
  static let modules: [String: Set<String>] = [
    "Wire": ["CFuseKernel", "Glibc"],
    "Block": ["CLinux", "Glibc", "Synchronization"],
    "Export": ["Glibc", "Synchronization"],
  ]

  @Test(arguments: modules.keys.sorted()) func aRoomImportsWhatItIsAbout(_ room: String) {
    for file in SourceTree.swift(below: "Sources/ExportUnderTest/\(room)") {
      let wrong = file.imports.subtracting(Self.modules[room]!)
      #expect(wrong.isEmpty, "\(file.path) imports \(wrong.sorted().joined(separator: ", "))")
    }
  }

  /// Words that are another room's business, even where no type is named.
  static let neverSays: [String: Set<String>] = [
    "Wire": ["Ring", "Mount", "ServingThread"],
    "Runtime": ["Slot", "Channel", "Node"],
    "Block": ["Slot", "Channel", "Operation"],
    "Export": ["Ring", "Mount", "ServingThread", "Channel"],
  ]

  @Test(arguments: neverSays.keys.sorted()) func aRoomKeepsToItsSubject(_ room: String) {
    let folder = "Sources/ExportUnderTest/\(room)"
    let own = SourceTree.swift(below: folder).reduce(into: Set<String>()) { $0.formUnion($1.types) }
    for file in SourceTree.swift(below: folder) {
      let wrong = file.words.intersection(Self.neverSays[room]!).subtracting(own)
      #expect(wrong.isEmpty, "\(file.path) says \(wrong.sorted().joined(separator: ", "))")
    }
  }

  /// How requests arrive is the transports' business.
  @Test(arguments: ["Wire", "Export", "Block"]) func nobodyBelowNamesTheDevice(_ room: String) {
    for file in SourceTree.swift(below: "Sources/ExportUnderTest/\(room)") {
      let said = file.lines.contains { $0.contains("\"/dev/fuse") && !$0.drop { $0 == " " }.hasPrefix("//") }
      #expect(!said, "\(file.path)")
    }
  }

  /// The tables of the docs are read from top to bottom: they list the rooms in the order of their arrows.
  @Test(arguments: rooms.keys.sorted()) func theDocsListTheRoomsInOrder(_ program: String) throws {
    let text = try #require(SourceTree.text("docs/architecture.md"))
    let title = program == "Sources/Harness" ? "\n## Harness" : "\n## ExportUnderTest"
    let start = try #require(text.range(of: title), "docs/architecture.md has no part \(title)")
    let part = text[start.upperBound...]
    let end = part.range(of: "\n## ")?.lowerBound ?? part.endIndex
    let listed = part[..<end].split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains("/` |") }.map { row in
      String(row.dropFirst(3).prefix { $0 != "/" && $0 != "`" })
    }
    #expect(listed == Self.rooms[program]!.reversed().filter { listed.contains($0) })
    let present = Set(
      SourceTree.swift(below: program).map { String($0.path.dropFirst(program.count + 1).split(separator: "/")[0]) })
    #expect(Set(listed) == present, "rooms that the docs do not list, or that are gone")
  }
}
