// Which programs a subject needs and what would bring them.

import Foundation
import Testing

@testable import Harness

@Suite struct SubjectProgramTests {
  private func subject(_ name: String) throws -> Subject {
    try Subject.named(name, in: scenarioFolder + "/subjects")
  }

  @Test func everyShippedSubjectCanBeRead() throws {
    let names = try Subject.all(in: scenarioFolder + "/subjects").map(\.name)
    #expect(names == names.sorted())
    #expect(Set(["fusebench", "raw", "nbdfuse", "smallest", "fusefile", "xmount", "ewfmount"]).isSubset(of: names))
  }

  @Test func whatAShellStartsIsNeededToo() throws {
    var subject = try subject("nbdfuse")
    #expect(subject.needs == ["nbdfuse", "nbdkit"])
    subject.needs = ["no-such-program-here"]
    #expect(subject.missingPrograms == ["no-such-program-here"])
    subject.program = "nor-this-one"
    #expect(subject.missingPrograms == ["nor-this-one", "no-such-program-here"])
  }

  /// Exports start in folders of their own, where a relative path means another file.
  @Test func aRelativeProgramIsOneOfThisFolderAlsoBehindAPrefix() throws {
    let path = "/bin/sh"
    let up = String(repeating: "../", count: FileManager.default.currentDirectoryPath.split(separator: "/").count)
    for prefix in [[], ["env", "A=b"]] {
      let subject = try Subject.named(
        "qemu-storage-daemon", in: scenarioFolder + "/subjects", program: up + "bin/sh", prefix: prefix)
      #expect(subject.executable() == path, "\(prefix)")
    }
  }

  @Test func onlyWhatWasAskedForIsGot() throws {
    #expect(
      try subject("nbdfuse").wordsToGet(suite: nil, into: nil, folder: "/f")
        == ["apt-get", "install", "--yes", "--no-install-recommends", "libnbd-bin", "nbdkit"])
    #expect(
      try subject("nbdfuse").wordsToGet(suite: "sid", into: "/to", folder: "/f")
        == ["sh", "/f/from-debian.sh", "/to", "sid", "nbdfuse,nbdkit", "libnbd-bin", "nbdkit"])
    #expect(
      try subject("qemu-storage-daemon").wordsToGet(suite: "sid", into: "/to", folder: "/f")?[4]
        == "qemu-storage-daemon")
    #expect(try subject("smallest").wordsToGet(suite: nil, into: nil, folder: "/f") == nil)
  }

  @Test func aMissingProgramComesWithTheWayToGetIt() throws {
    var missing = try subject("fusefile")
    missing.needs = ["no-such-program-here"]
    let lines = SubjectTable.text([missing]).split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[1].contains("no no-such-program-here"))
    #expect(lines[1].utf8.reversed().starts(with: "fusebench subjects --install fusefile".utf8.reversed()))
  }

  /// A stored run names subjects too: a path would lead its reader to anybody's file, and to the program it names.
  @Test(arguments: ["../subjects/fusebench", "/etc/fusebench", "./fusebench", "", "no\nsuch"])
  func aSubjectHasANameAndNoPath(_ name: String) {
    let error = #expect(throws: FileError.self) { try subject(name) }
    #expect(error?.description.contains("has no subject '") == true)
  }

  @Test func aFolderIsNoProgram() {
    #expect(Programs.find("/usr") == nil && Programs.find(".") == nil && Programs.find("/dev/null") == nil)
    #expect(Programs.find("/bin/sh") == "/bin/sh" && Programs.find("sh")?.hasSuffix("/sh") == true)
  }
}
