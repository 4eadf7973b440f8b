// What people write in files, cut and compared by bytes; slips that name file, line and key.

import Foundation
import Testing

@testable import Harness

@Suite struct OutsideTextTests {
  private let usual = """
    title: x
    steps:
      - run: |
          echo one
          LINE

    """

  private func scenario(_ line: String) throws -> Scenario {
    try Scenario(text: usual.replacingOccurrences(of: "LINE", with: line), file: "s.yaml")
  }

  /// A variable that nobody sets is empty, and a golden recorded with it says so for ever.
  @Test func aMistypedVariableListsThoseThereAre() throws {
    let error = #expect(throws: FileError.self) { try scenario("stat \"$EXPROT\"") }
    #expect(
      error?.description.hasPrefix(
        "s.yaml: line 3: 'stat \"$EXPROT\"' under 'steps' has the variable $EXPROT, which does not exist; did you mean "
          + "$EXPORT?; there are DAEMON, EXPORT, ") == true)
    #expect(throws: FileError.self) { try scenario("cat \"${IMAGE_WORDS}\"") }
    #expect(throws: FileError.self) { try scenario("echo \"$(cat $SCRATHC/x)\"") }
  }

  @Test(arguments: [
    "stat $EXPORT $IMAGE_WORD ${SCRATCH_MOUNTINFO} $PWD", "awk '{ print $NF }' $EXPORT", "echo \\$NOTHING '$NOTHING'",
    "COUNT=3; echo $COUNT", "for FILE in a b; do cat $FILE; done", "echo x | (read LINE; echo $LINE)",
    "echo \"$(awk '{ print $NF }' x)\"", "echo $user $? $1 $$", "echo \"it's $EXPORT\"",
  ])
  func whatACommandSetsAndWhatItDoesNotExpandIsItsOwn(_ line: String) throws { _ = try scenario(line) }

  /// What the docs list, what is checked, and what a command gets are the same.
  @Test func theVariablesCheckedAreThoseThatCommandsHave() {
    let places = StepVariables(export: "/e", image: "/i", scratch: "/s", work: "/w")
    #expect(Set(places.environment.keys).isSubset(of: ShellVariables.given))
  }

  /// Names are typed, compared and kept in files: of two that look alike a String takes one for the other.
  @Test(arguments: ["tags: [caf\u{e9}]", "tags: [cafe\u{301}]", "tags: [\"\u{212a}\"]", "tags: ['a b']", "tags: ['']"])
  func namesAreAscii(_ line: String) throws {
    let error = #expect(throws: FileError.self) {
      try Scenario(text: "title: x\n\(line)\nsteps:\n  - run: true\n", file: "s.yaml")
    }
    #expect(error?.description.contains("line 2: '") == true)
    #expect(error?.description.contains("under 'tags' must be a name of ASCII") == true)
  }

  @Test func aScenarioWhoseFileLooksLikeAnothersIsRefused() {
    #expect(throws: FileError.self) {
      try Scenario(text: "title: x\nsteps:\n  - run: true\n", file: "/x/caf\u{e9}.yaml")
    }
  }

  @Test func noNameIsNoProgram() { #expect(Programs.find("") == nil) }

  @Test func wordsAreCutAndComparedByBytes() {
    #expect("a=\u{301}b".cut(at: "=")?.before == "a")
    #expect("x".cut(at: "=") == nil)
    #expect("=".cut(at: "=")?.behind == "")
    #expect("a\r\nb".fields("\n").map(String.init) == ["a\r", "b"])
    #expect("a,,b,".fields(",").map(String.init) == ["a", "b"])
    #expect("a,,b,".fields(",", keepsEmpty: true).map(String.init) == ["a", "", "b", ""])
    #expect("a=b=c".fields("=", atMost: 2).map(String.init) == ["a", "b=c"])
    #expect(!"caf\u{e9}".isSame(as: "cafe\u{301}"))
    #expect(!"\u{212a}".begins(with: "K"))
    #expect("x,\u{301}".doubling(",") == "x,,\u{301}")
    #expect(" \t x \n".trimmed == "x")
    #expect("".trimmed == "")
    #expect("ab".ends(with: "b") && !"b".ends(with: "ab"))
  }

  /// A mistyped variable of a subject: the line where it stands, and its key.
  @Test func aSubjectsSlipNamesItsLine() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("subjects-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func error(_ arguments: String, flags: String = "") throws -> String? {
      let text = "title: x\nprogram: true\nmodes: [legacy]\narguments:\n\(arguments)\n\(flags)"
      try text.write(to: folder.appendingPathComponent("x.yaml"), atomically: true, encoding: .utf8)
      return #expect(throws: FileError.self) { try Subject.named("x", in: folder.path) }?.description
    }
    let file = folder.appendingPathComponent("x.yaml").path
    #expect(
      try error("  - a\n  - \"{imgae}\"")?.hasPrefix(
        "\(file): line 6: '{imgae}' under 'arguments' has the variable {imgae}, which does not exist; did you mean "
          + "{image}?; there are aio, ") == true)
    #expect(
      try error("  - a\n  - {when: writeable=on, words: [b]}")?.hasPrefix(
        "\(file): line 6: 'writeable=on' under 'arguments' has the variable writeable, which") == true)
    #expect(
      try error("  - \"{x}\"", flags: "flags:\n  x:\n    any: \"{siez}\"\n")?.hasPrefix(
        "\(file): line 8: '{siez}' under 'flags.x.any' has the variable {siez}, which") == true)
  }

  /// `--prefix ""` takes a file's words away; what was taken away stays away in a reproduction.
  @Test func wordsBeforeAProgramCanBeTakenAway() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("subjects-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try "title: x\nprogram: true\nmodes: [legacy]\nprefix: [env, 'A=b c']\narguments: [a]\n"
      .write(to: folder.appendingPathComponent("x.yaml"), atomically: true, encoding: .utf8)
    let filed = try Subject.named("x", in: folder.path)
    #expect(filed.prefix == ["env", "A=b c"])
    #expect(filed.prefixOption == ["--prefix", "env 'A=b c'"])
    #expect(try ShellWords.split(filed.prefixOption[1]) == filed.prefix)
    let bare = try Subject.named("x", in: folder.path, prefix: [])
    #expect(bare.prefix == [])
    #expect(bare.prefixOption == ["--prefix", ""])
    #expect(try Subject.named("x", in: folder.path, prefix: ["nice"]).prefixOption == ["--prefix", "nice"])
  }
}
