// Files that are read: what they may be, how large, how deep, and whose.

import Foundation
import Glibc
import Testing

@testable import Harness

@Suite struct InputFileTests {
  private func fault(_ body: () throws -> Void) -> String? {
    do {
      try body()
      return nil
    } catch { return "\(error)" }
  }

  @Test func whatCouldKeepUsWaitingIsRefused() throws {
    let folder = try Workspace(label: "input-test")
    defer { folder.remove() }
    mkfifo(folder.file("pipe"), 0o600)
    #expect(fault { _ = try InputFile.bytes(folder.file("pipe")) }?.hasSuffix("pipe: is no regular file") == true)
    #expect(fault { _ = try InputFile.bytes(folder.path) }?.hasSuffix("is a folder") == true)
    #expect(fault { _ = try InputFile.bytes("/dev/zero") } == "/dev/zero: is no regular file")
    #expect(fault { _ = try InputFile.bytes(folder.file("none")) }?.contains("No such file") == true)
    folder.put(ByteText("a\nb"), as: "small")
    #expect(try InputFile.text(folder.file("small"), limit: 3) == "a\nb")
    #expect(fault { _ = try InputFile.text(folder.file("small"), limit: 2) }?.contains("more than 2 bytes") == true)
    // The mark of some editors is no text, and no fault.
    folder.put(ByteText([0xEF, 0xBB, 0xBF] + Array("a: b\r\n".utf8)), as: "marked")
    #expect(try StrictMap(path: folder.file("marked"), known: ["a"]).text("a") == "b")
    folder.put(ByteText([0x61, 0x0A, 0xFF]), as: "odd")
    #expect(
      fault { _ = try InputFile.text(folder.file("odd")) }?.contains("line 2: has bytes that are no UTF-8") == true)
  }

  @Test(arguments: [
    ("? [a, b]\n: 1\n", 1, "a key must be a word, not a list or a mapping"),
    ("a: &x [1]\n? *x\n: 1\n", 2, "a key must be a word, not an alias"),
    ("{[a]: 1}\n", 1, "a key must be a word, not a list or a mapping"),
    ("title: " + String(repeating: "[", count: 100), 1, "lists and mappings are nested deeper than 64 levels"),
  ]) func yamlThatWouldTakeForEverIsRefused(text: String, line: Int, message: String) {
    #expect(throws: YAMLGuard.GuardError(line: line, message: message)) { try YAMLGuard.check(Array(text.utf8)) }
    #expect(fault { _ = try StrictMap(text: text, file: "x", known: nil) } == "x: line \(line): \(message)")
  }

  @Test func aliasesMayBeFollowedAHundredThousandTimes() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...8 {
      text += "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
    }
    #expect(fault { try YAMLGuard.check(Array(text.utf8)) }?.contains("more than 100000 nodes") == true)
    #expect(throws: Never.self) { try YAMLGuard.check(Array("a: &x [1, 2]\nb: *x\nc: [*x, *x]\n".utf8)) }
    // What is no YAML is told by its parser.
    #expect(throws: Never.self) { try YAMLGuard.check(Array("a: [".utf8)) }
  }

  @Test(arguments: ["1e300", "nan", "-1", "inf", "0", "x", "604801", "1e-400"])
  func aTimeThatIsNoneIsNamed(_ number: String) {
    let text = "title: t\ntimeout: \(number)\nsteps:\n  - run: \"true\"\n"
    #expect(
      fault { _ = try Scenario(text: text, file: "x.yaml") }?.contains("'timeout' must be a number of seconds") == true)
  }

  @Test(arguments: ["8E", "9223372036854775808", "99999999T", "-1", "1\u{212A}", "\u{661}", "1 k", "+1", ""])
  func aSizeThatIsNoneIsNamed(_ size: String) {
    let text = "title: t\nimage: {size: \"\(size)\"}\nsteps:\n  - run: \"true\"\n"
    #expect(fault { _ = try Scenario(text: text, file: "x.yaml") }?.contains("'image.size' must be a size") == true)
    #expect(ByteSize.parse("-9223372036854775808") == .min && ByteSize.parse("9223372036854775807") == .max)
  }

  @Test func anExtentBeyondAllNumbersIsNamed() {
    let text = "title: t\nimage: {extents: [{at: 9223372036854775807, size: 1k}]}\nsteps:\n  - run: \"true\"\n"
    #expect(fault { _ = try Scenario(text: text, file: "x.yaml") }?.contains("ends beyond the image") == true)
  }

  @Test func aMistypedVariableIsNamedWithThoseThereAre() throws {
    let folder = try Workspace(label: "variable-test")
    defer { folder.remove() }
    folder.put("title: t\nprogram: x\nmodes: [legacy]\narguments: [\"{imgae}\"]\n", as: "x.yaml")
    let said = fault { _ = try Subject(file: folder.file("x.yaml")) }
    #expect(said?.contains("{imgae}' under 'arguments' has the variable {imgae}, which does not exist") == true)
    #expect(said?.contains("did you mean {image}?") == true && said?.contains("mountpoint") == true)
  }

  @Test(.enabled(if: geteuid() == 0, "only root can make files of others"))
  func whatOthersCanWriteToIsNotTaken() throws {
    let folder = try Workspace(label: "trust-test")
    defer { folder.remove() }
    let (own, subjects) = (folder.file("scenarios"), folder.file("scenarios/subjects"))
    try FileManager.default.createDirectory(atPath: subjects, withIntermediateDirectories: true)
    folder.put("x", as: "scenarios/subjects/s.yaml")
    func objection() -> String? { TrustedFolder.objection(to: own, parts: ["subjects"]) }
    #expect(objection() == nil)
    chown(subjects + "/s.yaml", 65534, 65534)
    #expect(objection()?.hasSuffix("s.yaml: it belongs to uid 65534") == true)
    chown(subjects + "/s.yaml", 0, 0)
    chmod(subjects, 0o777)
    #expect(objection()?.hasSuffix("subjects: others can write to it") == true)
    chmod(subjects, 0o755)
    chmod(folder.path, 0o777)
    #expect(objection()?.hasSuffix(": others can write to it") == true)
    // As in /tmp: others can add, but not rename what is not theirs.
    chmod(folder.path, 0o1777)
    #expect(objection() == nil)
    #expect(ScenarioLibrary.search(from: [subjects]).folder == own)
    chown(own, 65534, 65534)
    let search = ScenarioLibrary.search(from: [subjects])
    #expect(search.folder != own)
    #expect(search.passedOver.first?.hasPrefix("\(own) is passed over: it belongs to uid 65534;") == true)
  }
}
