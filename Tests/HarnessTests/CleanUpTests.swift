// What the harness changes it puts back.

import Foundation
import Glibc
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

  /// What a subject has mounted in its folder is taken off first, whatever it is: removing would reach into it.
  @Test(.enabled(if: canBind, "needs root of the machine")) func whatIsMountedInAWorkspaceOutlivesIt() throws {
    let other = try Workspace(label: "precious")
    defer { other.remove() }
    other.put("kept", as: "file")
    let folder = try Workspace(label: "bound")
    for name in ["a", "a b"] {
      mkdir(folder.file(name), 0o755)
      try #require(mount(other.path, folder.file(name), nil, UInt(MS_BIND), nil) == 0)
    }
    #expect(folder.remove())
    #expect(access(folder.path, F_OK) != 0 && MountTable.entries(below: folder.path).isEmpty)
    #expect(SystemFile.text(other.file("file")) == "kept")
  }

  /// Whether this process may mount: root of a user namespace may not where folders are another's.
  private static let canBind: Bool = {
    let folder = "/tmp/fusebench-bind-\(getpid())"
    guard mkdir(folder, 0o700) == 0 else { return false }
    defer { rmdir(folder) }
    return mount(folder, folder, nil, UInt(MS_BIND), nil) == 0 && umount2(folder, CInt(MNT_DETACH)) == 0
  }()
}
