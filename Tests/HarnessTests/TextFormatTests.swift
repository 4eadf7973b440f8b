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
}
