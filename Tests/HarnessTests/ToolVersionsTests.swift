// What is made of the words that tools print for --version.

import Foundation
import Testing

@testable import Harness

@Suite struct ToolVersionsTests {
  private func read(_ name: String, _ line: String) -> String? {
    ToolVersions.tools.first { $0.name == name }?.read(line)
  }

  @Test func versionsAreReadFromEachToolsWords() {
    #expect(read("fio", "fio-3.33") == "3.33")
    #expect(read("qemu-img", "qemu-img version 7.2.22 (Debian 1:7.2)") == "7.2.22 (Debian 1:7.2)")
    #expect(read("util-linux", "fallocate from util-linux 2.38.1") == "2.38.1")
    #expect(read("coreutils", "dd (coreutils) 9.10") == "GNU 9.10")
    #expect(read("coreutils", "dd (uutils coreutils) 0.12.0") == "uutils 0.12.0")
    #expect(read("coreutils", "/usr/lib/cargo/bin/coreutils/dd 0.0.30") == "uutils 0.0.30")
    // What nobody knows stands as it was printed.
    #expect(read("coreutils", "BusyBox v1.36.1 multi-call binary.") == "BusyBox v1.36.1 multi-call binary.")
    #expect(read("fio", "another fio") == "another fio")
  }

  @Test func whatIsOlderThanAnythingTriedIsKnown() throws {
    let fio = try #require(ToolVersions.tools.first { $0.name == "fio" })
    for old in ["3.9", "2.40", "3"] { #expect(ToolVersions.isOld(old, fio), "\(old)") }
    for new in ["3.33", "3.41-dirty", "4", "unknown", ""] { #expect(!ToolVersions.isOld(new, fio), "\(new)") }
  }

  @Test func eachToolIsInTheRecord() async {
    let versions = await ToolVersions.collect()
    #expect(versions.keys.sorted() == ["coreutils", "fio", "qemu-img", "qemu-io", "sh", "util-linux"])
    #expect(!versions.values.contains(""))
  }

  @Test func aToolThatIsNotThereOrSaysNothingIsSaid() async throws {
    let folder = NSTemporaryDirectory() + "fusebench-tools-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    func tool(_ script: String) throws -> ToolVersions.Tool {
      let path = "\(folder)/\(UUID().uuidString)"
      try "#!/bin/sh\n\(script)\n".write(toFile: path, atomically: false, encoding: .utf8)
      #expect(chmod(path, 0o755) == 0)
      return .init(name: "t", program: path, read: { $0 }, oldest: [])
    }
    let absent = ToolVersions.Tool(name: "t", program: "\(folder)/none", read: { $0 }, oldest: [])
    #expect(await ToolVersions.version(of: absent) == "not installed")
    #expect(await ToolVersions.version(of: try tool("echo 1.0; exit 1")) == "does not tell")
    #expect(await ToolVersions.version(of: try tool("exit 0")) == "does not tell")
    #expect(await ToolVersions.version(of: try tool("printf 'a\\033[2Jb\\nsecond\\n'")) == "a\\x1b[2Jb")
  }

  @Test func bashIsKnownByWhateverName() async throws {
    let bash = try #require(Programs.find("bash"))
    #expect(await ToolVersions.shell(bash).hasPrefix("bash "))
    #expect(await ToolVersions.shell("/nothing/here") == "not installed")
  }
}
