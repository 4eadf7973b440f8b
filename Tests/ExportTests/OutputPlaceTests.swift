// Files that the export writes: links of others, devices and pipes, whole or not at all; and images on own exports.

import Foundation
import Testing

@testable import ExportUnderTest

@Suite final class OutputPlaceTests {
  private let folder: String

  init() throws {
    folder = NSTemporaryDirectory() + "/fusebench-out-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func path(_ name: String) -> ByteText { ByteText("\(folder)/\(name)") }
  private func text(_ name: String) -> String? { readFile("\(folder)/\(name)") }

  private func write(_ text: String, _ name: String) throws {
    try OutputPlace(path(name)).write(Array(text.utf8))
  }

  private func failure(_ name: String) -> String? {
    do {
      try write("x", name)
      return nil
    } catch { return "\(error)" }
  }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

  @Test func aFileIsMadeAndReplaced() throws {
    try write("one", "f")
    try #require(chmod("\(folder)/f", 0o600) == 0 && link("\(folder)/f", "\(folder)/other") == 0)
    try write("two", "f")
    // A new file: whoever has the old one keeps it.
    #expect(text("f") == "two" && text("other") == "one" && names == ["f", "other"])
    var status = stat()
    #expect(stat("\(folder)/f", &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  /// At the start: what `write` would refuse at the end is refused, and nothing is made by asking.
  @Test func aPlaceIsLookedAtBeforeItIsWritten() throws {
    try write("kept", "f")
    try #require(mkfifo("\(folder)/pipe", 0o600) == 0 && symlink("f", "\(folder)/link") == 0)
    for good in ["f", "new", "pipe", "link"] { #expect(throws: Never.self) { try OutputPlace(path(good)).check() } }
    for bad in [".", "missing/f", "f/below", "new/"] {
      #expect(throws: SystemError.self) { try OutputPlace(path(bad)).check() }
    }
    #expect(names == ["f", "link", "pipe"] && text("f") == "kept")
  }

  @Test func anOwnLinkIsFollowedAndStays() throws {
    try write("one", "f")
    try #require(symlink("f", "\(folder)/link") == 0 && symlink("new", "\(folder)/dangling") == 0)
    try write("two", "link")
    try write("three", "dangling")
    #expect(text("f") == "two" && text("new") == "three" && names == ["dangling", "f", "link", "new"])
  }

  @Test(.enabled(if: getuid() == 0, "only root can make a link of another user"))
  func aLinkOfAnotherUserIsNotFollowed() throws {
    try write("precious", "f")
    try FileManager.default.createDirectory(atPath: "\(folder)/d", withIntermediateDirectories: true)
    try #require(symlink("f", "\(folder)/link") == 0 && symlink("d", "\(folder)/way") == 0)
    for name in ["link", "way"] { try #require(lchown("\(folder)/\(name)", 65534, 65534) == 0) }
    for name in ["link", "way/new"] {
      #expect(failure(name)?.contains("is a link that user 65534 has made; name what it leads to") == true)
    }
    #expect(text("f") == "precious" && !FileManager.default.fileExists(atPath: "\(folder)/d/new"))
  }

  @Test func aDeviceIsWrittenTo() throws {
    try OutputPlace("/dev/null").write([1, 2, 3])
    var status = stat()
    #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    #expect(throws: SystemError.self) { try OutputPlace("/dev/full").write([1]) }
  }

  @Test func aPipeIsWrittenToAndStays() throws {
    try #require(mkfifo("\(folder)/pipe", 0o600) == 0)
    #expect(failure("pipe")?.contains("nobody reads the pipe") == true)
    let reader = open("\(folder)/pipe", O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try write("hello", "pipe")
    var bytes = [UInt8](repeating: 0, count: 10)
    #expect(read(reader, &bytes, 10) == 5 && names == ["pipe"])
  }

  @Test func whatCannotBeWrittenIsNamed() throws {
    try write("one", "f")
    #expect(failure("f/g")?.hasSuffix("Not a directory") == true)
    #expect(failure("none/g")?.hasSuffix("No such file or directory") == true)
    for name in ["", ".", "..", "f/"] { #expect(failure(name) != nil) }
    try #require(symlink("loop", "\(folder)/loop") == 0)
    #expect(failure("loop")?.hasSuffix("Too many levels of symbolic links") == true)
    #expect(text("f") == "one" && names == ["f", "loop"])
  }

  @Test func aNameOfAnyBytes() throws {
    let name = ByteText(path("caf").bytes + [0xe9, 0x0a, 0x20] as [UInt8])
    try OutputPlace(name).write([7])
    #expect(access(name.cString, R_OK) == 0)
  }

  // MARK: Images on own exports

  private func minor(_ path: String) -> UInt32 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt32(truncatingIfNeeded: status.st_dev & 0xff | status.st_dev >> 12) : 0
  }

  /// procfs has a device of major number 0, as FUSE has.
  @Test func anImageOnAnOwnExportIsRefused() {
    let own = OwnExports([(connection: minor("/proc/version"), id: "e" as ByteText)])
    #expect(throws: StartError.self) { try own.check("/proc/version") }
    #expect(throws: StartError.self) { try own.check("/proc/../proc/self/status") }
    let fd = open("/proc/version", O_RDONLY)
    defer { close(fd) }
    #expect(throws: StartError.self) { try own.check(fd, "it") }
    #expect(throws: Never.self) { try own.check("/nonexistent") }
    #expect(throws: Never.self) { try own.check("/dev/null") }
    #expect(throws: Never.self) { try OwnExports([]).check("/proc/version") }
  }
}
