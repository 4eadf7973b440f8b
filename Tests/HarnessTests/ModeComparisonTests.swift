// Modes that disagree: which lines stand beside which, and how that is shown.

import Testing

@testable import Harness

@Suite struct ModeComparisonTests {
  private func compare(_ legacy: ByteText, _ multithread: ByteText, _ ioUring: ByteText) -> ModeComparison? {
    ModeComparison([(.legacy, legacy), (.multithread, multithread), (.ioUring, ioUring)])
  }

  @Test func agreementHasNothingToShow() {
    #expect(compare("a\n", "a\n", "a\n") == nil)
    #expect(ModeComparison([(.legacy, "a\n")]) == nil)
  }

  @Test func onlyWhatDiffersIsShownWithALittleAroundIt() throws {
    let start = "1\n2\n3\n4\n"
    let end = "5\n6\n7\n8\n"
    let long = String(repeating: "-", count: 20) + "the difference stands at the end: "
    let comparison = try #require(
      compare(
        ByteText(start + long + "1\n" + end), ByteText(start + long + "1\n" + end),
        ByteText(start + long + "2\nmore\n" + end)))
    #expect(
      ModeDiff.text(comparison) == """
          legacy                         | multithread                    | io_uring
          -------------------------------+--------------------------------+-------------------------------
          …
          3                              | 3                              | 3
          4                              | 4                              | 4
        ! --------------------the differ | --------------------the differ | --------------------the differ
        ! ence stands at the end: 1      | ence stands at the end: 1      | ence stands at the end: 2
        !                                |                                | more
          5                              | 5                              | 5
          6                              | 6                              | 6
          …

        """)
    #expect(ModeDiff.text(comparison).split(separator: "\n").allSatisfy { $0.count <= 100 })
  }

  @Test func aMissingLineLeavesItsColumnEmpty() throws {
    let comparison = try #require(compare("a\nb\nc\n", "a\nc\n", "a\nb\nc\nd\n"))
    #expect(
      comparison.rows == [
        .init(cells: ["a", "a", "a"], differs: false),
        .init(cells: ["b", nil, "b"], differs: true),
        .init(cells: ["c", "c", "c"], differs: false),
        .init(cells: [nil, nil, "d"], differs: true),
      ])
  }

  @Test func nothingInCommonIsShownToo() throws {
    let comparison = try #require(ModeComparison([(.legacy, ""), (.ioUring, "x\ny")]))
    #expect(comparison.rows.map(\.cells) == [[nil, "x"], [nil, "y"]])
    #expect(ModeDiff.text(comparison, width: 30).hasSuffix("!              | x\n!              | y\n"))
  }

  @Test func whatWasSkippedOrEndedEarlyIsNotCompared() throws {
    let fixture = try JudgedCellFixture()
    var cells = [
      try fixture.judged("s", .legacy, .pass, transcript: "a\n"),
      try fixture.judged("s", .multithread, .skip("no"), transcript: ""),
      try fixture.judged("s", .ioUring, .fail(.timeout, "hung"), transcript: ""),
    ]
    cells[2].run.isComplete = false
    #expect(ModeComparison(cells) == nil)
    cells[2].run.isComplete = true
    #expect(ModeComparison(cells)?.modes == [.legacy, .ioUring])
    let result = CheckResult(subject: "fusebench", cells: cells, seconds: 0)
    #expect(result.disagreements.map(\.scenario) == ["s"])
    #expect(CheckFormat.tap.text(of: result).contains("# the modes of s disagree:\n#     legacy"))
  }
}
