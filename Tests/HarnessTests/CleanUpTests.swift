// What the harness changes it puts back.

import Foundation
import Testing

@testable import Harness

@Suite struct CleanUpTests {
  @Test(arguments: [("N\n", "Y\n"), ("Y\n", "Y\n")])
  func enableUringIsPutBack(before: String, during: String) throws {
    let folder = try Workspace(label: "parameter-test")
    defer { folder.remove() }
    let path = folder.file("enable_uring")
    func text() -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    try before.write(toFile: path, atomically: true, encoding: .utf8)
    let uring = try EnableUring(path: path, lockFile: folder.file("lock"))
    #expect(text() == during)
    uring.end()
    #expect(text() == before)
  }

  /// Who ends first must not switch it off under a harness that still runs.
  @Test func theLastHarnessPutsEnableUringBack() throws {
    let folder = try Workspace(label: "parameter-test")
    defer { folder.remove() }
    let path = folder.file("enable_uring")
    func text() -> String? { try? String(contentsOfFile: path, encoding: .utf8) }
    for _ in 0..<2 {
      try "N\n".write(toFile: path, atomically: true, encoding: .utf8)
      let first = try EnableUring(path: path, lockFile: folder.file("lock"))
      let second = try EnableUring(path: path, lockFile: folder.file("lock"))
      first.end()
      #expect(text() == "Y\n")
      second.end()
      #expect(text() == "N\n")
    }
  }

  @Test func aKernelWithoutTheParameterIsNamed() {
    let error = #expect(throws: FileError.self) {
      try EnableUring(path: "/nowhere/enable_uring", lockFile: "/nowhere/lock")
    }
    #expect(error?.description.contains("6.14") == true)
  }

  @Test func aWorkspaceIsGoneAfterwards() throws {
    let folder = try Workspace(label: "gone test/with odd letters")
    #expect(FileManager.default.fileExists(atPath: folder.path))
    #expect(folder.remove())
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }
}
