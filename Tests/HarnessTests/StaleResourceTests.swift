// Only what a dead harness has left is taken for a leftover.

import Foundation
import Glibc
import Testing

@testable import Harness

@Suite struct LeftoverTests {
  @Test func aHarnessIsKnownByMoreThanItsNumber() {
    let own = HarnessIdentity.own
    #expect(own.pid == getpid() && own.start > 0 && own.namespace > 0)
    #expect(HarnessIdentity("\(own)") == own)
    #expect(!own.hasEnded)
    // A later process with the number of an earlier one.
    #expect(HarnessIdentity(pid: own.pid, start: own.start - 1, namespace: own.namespace).hasEnded)
    // There are no processes of this number.
    #expect(HarnessIdentity(pid: .max, start: 1, namespace: own.namespace).hasEnded)
    // Another container's processes cannot be seen, and may live.
    #expect(!HarnessIdentity(pid: .max, start: 1, namespace: own.namespace + 1).hasEnded)
    for text in ["", "1", "1.2", "a.b.c", "0.1.2", "-1.1.1", "1.2.3.4", "12-1."] {
      #expect(HarnessIdentity(text) == nil, "\(text)")
    }
  }

  @Test func onlyFoldersOfDeadHarnessesGo() throws {
    let base = try Workspace(label: "leftover-test")
    defer { base.remove() }
    let used = try Workspace(label: "used", base: base.path)
    let kept = try Workspace(label: "kept", base: base.path)
    kept.keep()
    let own = HarnessIdentity.own
    let dead = HarnessIdentity(pid: own.pid, start: own.start - 1, namespace: own.namespace)
    func folder(_ name: String, lock: String?) throws -> String {
      let path = base.file(name)
      try FileManager.default.createDirectory(atPath: "\(path)/scratch", withIntermediateDirectories: true)
      try Data().write(to: URL(fileURLWithPath: "\(path)/scratch/file"))
      if let lock { try Data(lock.utf8).write(to: URL(fileURLWithPath: "\(path)/\(Workspace.lockName)")) }
      return path
    }
    let left = try folder("fusebench-left", lock: "\(dead)")
    let others = [
      used.path, kept.path,
      try folder("fusebench-of-a-living-one", lock: "\(own)"),
      try folder("fusebench-being-made", lock: ""),
      try folder("fusebench-strange", lock: "\(dead) and more"),
      try folder("fusebench-somebodys", lock: nil),
      try folder("not-ours", lock: "\(dead)"),
    ]
    let link = base.file("fusebench-link")
    symlink(try folder("linked", lock: "\(dead)"), link)
    // Named as dead, and yet locked: whatever the name says, somebody uses it.
    let locked = try folder("fusebench-locked", lock: "\(dead)")
    let lock = open("\(locked)/\(Workspace.lockName)", O_RDONLY | O_CLOEXEC)
    defer { close(lock) }
    #expect(flock(lock, LOCK_SH) == 0)

    // Mounts are looked for on the whole machine, so another test's leftovers may go with these.
    func removed() -> StaleResources { StaleResources.remove(base: base.path) }
    func below(_ paths: [String]) -> [String] { paths.filter { $0.hasPrefix(base.path + "/") } }
    let first = removed()
    #expect(below(first.folders) == [left])
    #expect(below(first.stuck) == [])
    #expect(access(left, F_OK) != 0)
    for path in others + [locked, link, base.file("linked")] { #expect(access(path, F_OK) == 0, "\(path)") }
    #expect(below(removed().folders) == [])
  }

  @Test func wordsOfWhatWasRemoved() {
    #expect(StaleResources().words == nil)
  }
}
