// Figures that others have published for a suite: data beside the suites, of which only ratios may be shown.

internal import Foundation

/// Published figures of one suite, taken on other people's machines.
package struct PublishedFigures: Equatable, Sendable {
  /// The short name, and the file's name without `.yaml`.
  package let name: String
  /// What was measured, in one line.
  package let title: String
  /// The suite whose rows they are.
  package let suite: String
  /// Where they can be read.
  package let source: String
  /// What the figures count; a larger one is the better one.
  package let unit: String
  /// Figures by row (node and workload, as in `file read rand aio ×1`) and mode.
  private let figures: [String: [Mode: Double]]

  /// How the published figure of `mode` relates to that of `base` in the row of `workload` on `node`; nil where
  /// either was not published.
  package func ratio(node: NodeKind, workload: String, mode: Mode, to base: Mode) -> Double? {
    guard mode != base, let row = figures["\(node.rawValue) \(workload)"], let figure = row[mode],
      let against = row[base]
    else { return nil }
    return figure / against
  }

  /// The figures in the YAML `text` of `file`.
  /// - Throws: `FileError` if it does not make sense.
  package init(text: String, file: String) throws {
    let map = try StrictMap(
      text: text, file: file, known: ["published", "title", "suite", "source", "unit", "figures"])
    name = try map.text("published")
    title = try map.text("title")
    suite = try map.text("suite")
    source = try map.text("source")
    unit = try map.text("unit")
    figures = try map.tables("figures").mapValues { row in
      var modes: [Mode: Double] = [:]
      for (word, text) in row {
        guard let mode = Mode(rawValue: word) else {
          throw map.fault("'\(word)' is no mode; there are \(Mode.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        guard let figure = Double(text), figure > 0, figure.isFinite else {
          throw map.fault("'\(text)' of \(word) must be a number above 0")
        }
        modes[mode] = figure
      }
      return modes
    }
  }

  /// All published figures in the folder `directory`, by name; none if there is no such folder.
  /// - Throws: `FileError` if a file cannot be read or does not make sense.
  package static func all(in directory: String) throws -> [PublishedFigures] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
    return try files.filter { $0.ends(with: ".yaml") }.sorted().map { name in
      let path = "\(directory)/\(name)"
      return try PublishedFigures(text: InputFile.text(path), file: path)
    }
  }
}
