// Differences: the fewest changes where there are few, an end in time where there are many, bytes throughout.

import Testing

@testable import Harness
@testable import HarnessStatistics

@Suite struct DifferenceTests {
  /// Applies the changes of a difference to both sides: what stays must be the same lines.
  private func common(_ old: [String], _ new: [String]) -> (changes: LineChanges, kept: Int)? {
    let (left, right) = (old.map { Array($0.utf8)[...] }, new.map { Array($0.utf8)[...] })
    let changes = LineChanges(from: left, to: right)
    let stays = old.indices.filter { !changes.removed[$0] }.map { old[$0] }
    guard stays == new.indices.filter({ !changes.inserted[$0] }).map({ new[$0] }) else { return nil }
    return (changes, stays.count)
  }

  /// The longest common subsequence, by the plain table.
  private func longest(_ old: [String], _ new: [String]) -> Int {
    var row = [Int](repeating: 0, count: new.count + 1)
    for line in old {
      var corner = 0
      for (j, other) in new.enumerated() {
        let above = row[j + 1]
        row[j + 1] = line == other ? corner + 1 : max(row[j], above)
        corner = above
      }
    }
    return row[new.count]
  }

  @Test func theFewestChangesAreFound() throws {
    var numbers = SeededNumbers(seed: 11)
    for _ in 0..<300 {
      func text() -> [String] { (0..<numbers.below(12)).map { _ in ["a", "b", "c"][numbers.below(3)] } }
      let (old, new) = (text(), text())
      let found = try #require(common(old, new), "\(old) \(new)")
      #expect(found.kept == longest(old, new), "\(old) \(new)")
      #expect(!found.changes.isCoarse)
    }
  }

  /// Nothing in common but the first and the last line: the square of this would not end today.
  @Test func whatHasNothingInCommonEndsInTime() throws {
    let old = ["start"] + (0..<60_000).map { "old \($0)" } + ["end"]
    let new = ["start"] + (0..<60_000).map { "new \($0)" } + ["end"]
    let found = try #require(common(old, new))
    #expect(found.changes.isCoarse && found.kept == 2)
    let difference = try #require(
      Difference(golden: ByteText(old.joined(separator: "\n")), actual: ByteText(new.joined(separator: "\n"))))
    #expect(
      difference.first(2) == "  start\n- old 0\n+ new 0\n  … and 119998 more that differ"
        + " (too many to look for equal ones among them)")
    #expect(difference.full.lines.count == 120_003)
  }

  /// Equal verdict if and only if equal bytes.
  @Test(arguments: [
    ("caf\u{E9}\n", "cafe\u{301}\n", "- caf\u{E9}\n+ cafe\u{301}"), ("a\n", "a\r\n", "- a\n+ a\\x0d"),
    ("\u{FFFD}\n", "\u{FFFD}\u{FFFD}\n", "- \u{FFFD}\n+ \u{FFFD}\u{FFFD}"),
  ]) func bytesDecide(golden: ByteText, transcript: ByteText, said: String) {
    var run = CellRun()
    run.transcript = transcript
    #expect(Verdict.of(run, golden: golden, scenario: "s") == .fail(.output, said))
    #expect(Verdict.of(run, golden: transcript, scenario: "s") == .pass)
  }

  @Test func aGoldenMayHoldABytesNotationOrTheByte() {
    var run = CellRun()
    run.transcript = ByteText([0x61, 0xFF, 0x0A]).recorded
    #expect(Verdict.of(run, golden: "a\\xff\n", scenario: "s") == .pass)
    #expect(Verdict.of(run, golden: ByteText([0x61, 0xFF, 0x0A]), scenario: "s") == .pass)
    #expect(Verdict.of(run, golden: ByteText([0x61, 0xFE, 0x0A]), scenario: "s").failsTheRun)
    run.transcript = ByteText("a\\xff\n").recorded
    #expect(Verdict.of(run, golden: "a\\xff\n", scenario: "s").failsTheRun)
    #expect(Verdict.of(run, golden: "a\\x5cxff\n", scenario: "s") == .pass)
  }

  @Test func aLongLineIsShownInPart() throws {
    let long = ByteText(String(repeating: "x", count: 100_000))
    let said = try #require(Difference(golden: "", actual: long)).first(6)
    #expect(said.utf8.count < 1000 && said.contains("(100000 bytes)"))
  }
}
