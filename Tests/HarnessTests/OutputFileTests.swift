// Files that a person names are written whole or not at all, and what is no regular file is never replaced.

import Foundation
import Glibc
import Testing

@testable import Harness

@Suite struct OutputFileTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "output-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { "\(folder)/\(name)" }
  private func text(_ name: String) -> String? { try? String(contentsOfFile: path(name), encoding: .utf8) }
  private func mode(_ name: String) -> mode_t {
    var facts = stat()
    return lstat(path(name), &facts) == 0 ? facts.st_mode : 0
  }

  @Test func aNewFileIsWrittenAndAnOldOneReplacedWithItsMode() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try OutputFile.write("one", to: path("a"))
    #expect(text("a") == "one")
    chmod(path("a"), 0o600)
    try OutputFile.write("two", to: path("a"))
    #expect(text("a") == "two")
    #expect(mode("a") & 0o777 == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"], "no draft is left")
  }

  @Test func aLinkStaysAndItsTargetIsReplaced() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    symlink("b", path("link"))
    symlink("link", path("far"))
    try OutputFile.write("new", to: path("far"))
    #expect(mode("far") & S_IFMT == S_IFLNK)
    #expect(mode("link") & S_IFMT == S_IFLNK)
    #expect(text("b") == "new")
    symlink("loop", path("loop"))
    #expect(throws: OutputError.self) { try OutputFile.write("x", to: path("loop")) }
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make a link of another user"))
  func aLinkOfAnotherUserIsRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try OutputFile.write("kept", to: path("c"))
    symlink("c", path("link"))
    lchown(path("link"), 65534, 65534)
    #expect(throws: OutputError.self) { try OutputFile.write("lost", to: path("link")) }
    #expect(text("c") == "kept")
    mkdir(path("theirs"), 0o777)
    chown(path("theirs"), 65534, 65534)
    #expect(throws: OutputError.self) { try FileOwner.checkFolder(path("theirs")) }
  }

  @Test func aFIFOIsWrittenToAndStaysOne() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    mkfifo(path("pipe"), 0o600)
    let reader = open(path("pipe"), O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try OutputFile.write("through", to: path("pipe"))
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = read(reader, &bytes, 100)
    #expect(String(decoding: bytes[..<max(0, count)], as: UTF8.self) == "through")
    #expect(mode("pipe") & S_IFMT == S_IFIFO)
  }

  @Test func aDeviceIsWrittenToAndAFullOneIsAnError() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try OutputFile.write("x", to: "/dev/null")
    var facts = stat()
    #expect(stat("/dev/null", &facts) == 0 && facts.st_mode & S_IFMT == S_IFCHR)
    symlink("/dev/full", path("full"))
    let error = #expect(throws: OutputError.self) { try OutputFile.write("x", to: path("full")) }
    #expect(error?.file == path("full"))
    #expect(error?.message.contains("full") == true)
  }

  @Test func whatIsNoFileIsNamed() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let error = #expect(throws: OutputError.self) { try OutputFile.write("x", to: folder) }
    #expect(error?.description == "\(folder): is a folder; name a file")
    #expect(throws: OutputError.self) { try OutputFile.write("x", to: path("missing/file")) }
  }

  /// Before the work: what could not be written is known, and nothing is changed by asking.
  @Test func aPlaceIsLookedAtBeforeItIsWritten() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try OutputFile.write("kept", to: path("a"))
    mkfifo(path("pipe"), 0o600)
    symlink("loop", path("loop"))
    for good in [path("a"), path("new"), path("pipe"), "/dev/null", "/dev/full", nil] {
      #expect(throws: Never.self) { try OutputFile.check(good) }
    }
    for bad in [folder, path("missing/file"), path("a/below"), path("loop"), "", path("new/"), "/proc/version2"] {
      let error = #expect(throws: OutputError.self) { try OutputFile.check(bad) }
      #expect(error?.file == bad)
      #expect(throws: OutputError.self) { try OutputFile.write("x", to: bad) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["a", "loop", "pipe"])
    #expect(text("a") == "kept")
  }
}
