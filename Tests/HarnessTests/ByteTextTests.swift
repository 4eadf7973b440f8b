// Text from outside: compared by its bytes, recorded without loss, shown without harm.

import Testing

@testable import Harness
@testable import HarnessStatistics

@Suite struct ByteTextTests {
  @Test func twinsOfUnicodeAreTwoTexts() {
    #expect(ByteText("caf\u{E9}") != ByteText("cafe\u{301}"))
    #expect(ByteText([0xFF]) != ByteText([0xFE]))
    #expect(ByteText([0xFF]) != ByteText("\u{FFFD}"))
    #expect(ByteText("a\r\n").lines.map { ByteText($0) } == ["a\r", ""])
  }

  @Test(
    arguments: [
      ([0x61, 0xFF, 0x62], "a\\xffb"), ([0xC3], "\\xc3"), ([0xC0, 0x80], "\\xc0\\x80"),
      ([0xED, 0xA0, 0x80], "\\xed\\xa0\\x80"), ([0x1B, 0x5B], "\\x1b["), ([0x0D, 0x0A, 0x09], "\r\n\t"),
      ([0xC2, 0x9B], "\\xc2\\x9b"), ([0xC3, 0xA9], "\u{E9}"), ([0x00], "\\x00"),
      (Array("\\xff".utf8), "\\x5cxff"), (Array("\\xFF \\n \\x".utf8), "\\xFF \\n \\x"),
    ] as [([UInt8], String)])
  func isRecordedAsTextCanShowIt(bytes: [UInt8], notation: String) {
    #expect(ByteText(bytes).recorded == ByteText(notation))
    // What stands in a golden by hand means the same.
    #expect(ByteText(notation).asRecorded == ByteText(notation))
  }

  /// A golden passes one text only: whatever two texts are drawn, they are recorded alike if and only if they are one.
  @Test func noTwoTextsAreRecordedAlike() {
    var numbers = SeededNumbers(seed: 7)
    let alphabet: [UInt8] = Array("\\x5cf0".utf8) + [0xFF, 0x1B, 0xC3, 0xA9, 0x0A]
    var seen: [ByteText: ByteText] = [:]
    for _ in 0..<20_000 {
      let text = ByteText((0..<numbers.below(7)).map { _ in alphabet[numbers.below(alphabet.count)] })
      #expect(seen.updateValue(text, forKey: text.recorded) ?? text == text)
      #expect(text.recorded.asRecorded == text.recorded)
      #expect(String(validating: text.recorded.bytes, as: UTF8.self) != nil)
    }
  }

  @Test func isShownWithoutHarm() {
    #expect(ByteText("a\u{1B}[2J\u{7}\r\u{202E}b\tc\n").shown == "a\\x1b[2J\\x07\\x0d\\xe2\\x80\\xaeb\tc\n")
    #expect(ByteText("\u{E9}\u{E9}\u{E9}").shown(atMost: 3) == "\u{E9}… (6 bytes)")
    #expect(ByteText.oneLine("a\nb\u{1B}") == "a b\\x1b")
    #expect(FileError(file: "a\nb", message: "\u{1B}c").description == "a b: \\x1bc")
  }

  @Test func replacesWholeOccurrences() {
    #expect(ByteText("aaabaab").replacing("aab", with: "$X") == "a$X$X")
    #expect(ByteText("ab").replacing("abc", with: "x") == "ab")
    #expect(ByteText([0x61, 0xCC, 0x81]).replacing("a", with: "b") == ByteText([0x62, 0xCC, 0x81]))
  }

  @Test func itsFirstAndLastLine() {
    #expect(ByteText("\na\nb\n\n").firstLine == "a")
    #expect(ByteText("\na\nb\n\n").lastLine == "b")
    #expect(ByteText("\n").lastLine == nil && ByteText("").firstLine == nil)
  }
}

@Suite struct ShellWordTests {
  @Test(arguments: [
    ["chroot", "/a b"], ["a'b", "", "c\"d", "e\\f"], ["x"], [], ["\u{E9} \n"],
  ]) func aLineComesApartIntoTheSameWords(words: [String]) throws {
    #expect(try ShellWords.split(TextFormat.shellLine(words)) == words)
  }

  @Test func quotesAndBackslashesAreTheShells() throws {
    #expect(try ShellWords.split(#"a\ b "c\"d\e" 'f\'"#) == ["a b", #"c"d\e"#, #"f\"#])
    #expect(throws: ShellWordsError.self) { try ShellWords.split("a 'b") }
  }
}
