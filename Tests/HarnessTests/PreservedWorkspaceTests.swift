// What earlier runs have left is found and removed; what is used, or is nobody's work folder, is not.

import Foundation
import Testing

@testable import Harness

@Suite struct KeptFolderTests {
  @Test func onlyWhatNobodyUsesIsRemoved() throws {
    let base = try Workspace(label: "kept-test")
    defer { base.remove() }
    let used = try Workspace(label: "used", base: base.path)
    func leave(_ label: String) throws -> String {
      let folder = try Workspace(label: label, base: base.path)
      try Data(count: 100_000).write(to: URL(fileURLWithPath: folder.file("disk.img")))
      folder.keep()
      return folder.path
    }
    let left = try [leave("failed"), leave("killed")]
    // Kept by a version that made no lock; somebody's own folder; somebody's own file.
    let old = base.file("fusebench-old-legacy-abcdef")
    let strange = base.file("fusebench-my-folder")
    for folder in [old, strange] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
    for file in ["\(old)/verdict", "\(old)/repro.sh", base.file("fusebench-notes")] {
      try Data().write(to: URL(fileURLWithPath: file))
    }
    let kept = PreservedWorkspaces(base: base.path)
    #expect(Set(kept.paths) == Set(left + [old]))
    #expect(kept.bytes >= 200_000)
    #expect(kept.words.hasPrefix("3 in \(base.path), "))
    #expect(kept.remove() == [])
    let names = try FileManager.default.contentsOfDirectory(atPath: base.path)
    #expect(
      Set(names) == [
        URL(fileURLWithPath: used.path).lastPathComponent, "fusebench-my-folder", "fusebench-notes", Workspace.lockName,
      ])
    #expect(PreservedWorkspaces(base: base.path).words == "none in \(base.path)")
  }
}
