// A check as JSON: all that is known of it, for programs.

import Foundation

/// JSON of a check.
enum CheckJSON {
  private struct Document: Encodable {
    var version = 1
    var subject: String
    var kernel: String?
    var tools: [String: String]?
    var seed: UInt64?
    var rounds: Int
    var seconds: Double
    var planned: Int
    var stopped: String?
    var counts: [String: Int]
    var skips: [Skip]
    var rates: [Rate]
    var disagreements: [Disagreement]
    var cells: [Cell]
  }
  private struct Skip: Encodable {
    var reason: String
    var count: Int
  }
  private struct Rate: Encodable {
    var scenario: String
    var mode: Mode
    var failed: Int
    var of: Int
  }
  private struct Disagreement: Encodable {
    var scenario: String
    var round: Int
    var modes: [Mode]
    /// Lines that differ: one text, or null, for each mode.
    var lines: [[String?]]
  }
  private struct Expectation: Encodable {
    var why: String
    var link: String
  }
  private struct Cell: Encodable {
    var scenario: String
    var title: String
    var tags: [String]
    var mode: Mode
    var round: Int
    var verdict: String
    var reason: String?
    var detail: String?
    var expected: Expectation?
    var transport: [String]
    var seconds: Double
    var folder: String?
  }

  /// Lines of a disagreement that are told; the folders of the cells have all.
  private static let mostLines = 200

  /// The document, its keys in alphabetical order.
  static func text(_ result: CheckResult) -> String {
    let words = ["pass", "fail", "skip", "xfail", "xpass"]
    let document = Document(
      subject: result.subject, kernel: result.kernel, tools: result.tools, seed: result.seed, rounds: result.rounds,
      seconds: thousandths(result.seconds), planned: result.planned, stopped: result.stopped?.rawValue,
      counts: Dictionary(uniqueKeysWithValues: words.map { ($0, result.count($0)) }),
      skips: result.skipReasons.map { Skip(reason: $0.reason, count: $0.count) },
      rates: result.failureRates.map {
        Rate(scenario: $0.scenario, mode: $0.mode, failed: $0.failed, of: $0.of)
      },
      disagreements: result.disagreements.map { scenario, round, comparison in
        Disagreement(
          scenario: scenario, round: round, modes: comparison.modes,
          lines: comparison.rows.lazy.filter(\.differs).prefix(mostLines).map { row in
            row.cells.map { $0?.shown(atMost: 1000) }
          })
      },
      cells: result.cells.map(cell))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Plain strings and finite numbers: nothing that could not be encoded.
    let data = (try? encoder.encode(document)) ?? Data()
    return String(decoding: data, as: UTF8.self) + "\n"
  }

  private static func cell(_ judged: JudgedCell) -> Cell {
    let scenario = judged.cell.scenario
    var cell = Cell(
      scenario: scenario.name, title: scenario.title, tags: scenario.tags, mode: judged.cell.mode,
      round: judged.round, verdict: judged.verdict.word, transport: judged.run.proofs.map(\.text),
      seconds: thousandths(judged.run.seconds), folder: judged.folder)
    switch judged.verdict {
    case .pass: break
    case .skip(let reason): cell.reason = reason
    case .fail(let reason, let detail): (cell.reason, cell.detail) = (reason.rawValue, detail)
    case .xfail(let known, let reason, let detail):
      (cell.reason, cell.detail) = (reason.rawValue, detail)
      cell.expected = Expectation(why: known.why, link: known.link)
    case .xpass(let known): cell.expected = Expectation(why: known.why, link: known.link)
    }
    return cell
  }

  private static func thousandths(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}
