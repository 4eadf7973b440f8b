// The lines that `check` prints: pure functions from judged cells to text.

import Rainbow

/// Text of a check, for a terminal or a plain file.
public struct CheckReport: Sendable {
  /// Whether colours are wanted.
  public let colours: Bool

  /// A report with or without colours.
  public init(colours: Bool) { self.colours = colours }

  /// The line (or lines) of one cell; `width` is that of the widest scenario name.
  public func line(_ judged: JudgedCell, width: Int) -> String {
    let name = judged.cell.scenario.name.padded(to: width)
    let mode = judged.cell.mode.rawValue.padded(to: 11)
    let seconds = String(Int(judged.run.seconds * 1000)).leftPadded(to: 6) + " ms"
    switch judged.verdict {
    case .pass:
      return "\(paint("pass", .green))  \(name)  \(mode)  \(seconds)\(note(judged))"
    case .skip(let reason):
      return "\(paint("skip", .yellow))  \(name)  \(mode)  \(reason)"
    case .fail(let reason, let detail):
      let body = detail.split(separator: "\n").map { "      \($0)\n" }.joined()
      let folder = judged.folder.map { "      kept: \($0)\n" } ?? ""
      let head = "\(paint("fail", .red))  \(name)  \(mode)  \(reason.rawValue)"
      return String((head + "\n" + body + folder).dropLast())
    }
  }

  private func note(_ judged: JudgedCell) -> String {
    for case .unproven in judged.run.proofs { return "  (transport unproven)" }
    return ""
  }

  /// The summary: counts, and a count for each reason to skip.
  public func summary(_ cells: [JudgedCell], seconds: Double) -> String {
    var skips: [String: Int] = [:]
    var (passed, failed) = (0, 0)
    for cell in cells {
      switch cell.verdict {
      case .pass: passed += 1
      case .fail: failed += 1
      case .skip(let reason): skips[reason, default: 0] += 1
      }
    }
    let skipped = skips.values.reduce(0, +)
    var text = "\(cells.count) cells in \(Int(seconds.rounded())) s: \(passed) passed"
    text += failed > 0 ? ", " + paint("\(failed) failed", .red) : ", 0 failed"
    text += ", \(skipped) skipped"
    for (reason, count) in skips.sorted(by: { $0.key < $1.key }) { text += "\n  \(count) × \(reason)" }
    return text
  }

  private func paint(_ text: String, _ colour: NamedColor) -> String {
    colours ? text.applyingColor(colour) : text
  }
}

extension String {
  /// Filled up with blanks on the right.
  func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
  /// Filled up with blanks on the left.
  func leftPadded(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }
}
