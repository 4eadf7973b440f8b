// Words for numbers, and for slips of the finger.

import Harness
import Testing

@Suite struct WordingTests {
  @Test func oneThingIsNotMany() {
    #expect((0...2).map { TextFormat.count($0, "cell") } == ["0 cells", "1 cell", "2 cells"])
  }

  @Test func aLineForAShellHasItsWords() {
    #expect(
      TextFormat.shellLine(["fusebench", "bench", "--filter", "read rand ×1", "it's", ""])
        == "fusebench bench --filter 'read rand ×1' 'it'\\''s' ''")
  }

  @Test(
    arguments: [
      ("chek", "check"), ("cehck", "check"), ("becnh", "bench"), ("lst", "list"), ("recrod", "record"), ("runs", "run"),
      ("frobnicate", nil), ("x", nil),
    ] as [(String, String?)])
  func aSlipIsToldWithTheWordThatWasMeant(typed: String, meant: String?) {
    #expect(TextFormat.nearest(to: typed, of: ["run", "check", "record", "list", "bench", "report"]) == meant)
  }

  /// A table's line that is wider than the terminal: first its columns move together, then it is broken at blanks.
  @Test func linesFitTheTerminal() {
    let line = "pass  a-long-name              legacy          314 ms"
    #expect(Terminal.fitted(line, to: nil) == line)
    #expect(Terminal.fitted(line, to: 60) == line)
    #expect(Terminal.fitted(line, to: 40) == "pass  a-long-name  legacy  314 ms")
    #expect(Terminal.fitted(line, to: 24) == "pass  a-long-name\n    legacy  314 ms")
    #expect(Terminal.fitted("  → a b c d e f\nx", to: 10) == "  → a b c\n      d e\n      f\nx")
    let path = "kept: " + String(repeating: "x", count: 40)
    #expect(Terminal.fitted(path, to: 20) == "kept:\n    " + String(repeating: "x", count: 40))
    #expect(Terminal.fitted("\u{1B}[32mpass\u{1B}[39m  x", to: 7) == "\u{1B}[32mpass\u{1B}[39m  x")
    for width in 20...80 {
      for words in [1, 5, 40] {
        let text = Array(repeating: "word", count: words).joined(separator: "   ")
        let lines = Terminal.fitted(text, to: width).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= width })
        #expect(lines.joined(separator: " ").split(separator: " ").count == words)
      }
    }
  }
}
