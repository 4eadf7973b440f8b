// What a trace says, as a table for people and as a picture.

package import Foundation

/// Breakdowns of several modes beside each other.
package struct TraceReport: Sendable {
  private let title: String
  private let breakdowns: [TraceBreakdown]

  /// A report of `breakdowns`, of what `title` says.
  package init(title: String, breakdowns: [TraceBreakdown]) {
    self.title = title
    self.breakdowns = breakdowns
  }

  /// The report as lines of text.
  package var lines: [String] {
    var lines = ["\(title): microseconds per request, on average", ""]
    lines += stages.lines + [""] + machine.lines
    for breakdown in breakdowns {
      for note in breakdown.notes { lines += wrapped("\(breakdown.mode.rawValue): \(note)", width: 100, indent: "  ") }
    }
    for breakdown in breakdowns where !breakdown.slowest.isEmpty {
      lines += ["", "\(breakdown.mode.rawValue): the slowest requests, in microseconds"]
      lines += slowest(breakdown).lines
    }
    return lines
  }

  private var stages: TextGrid {
    var grid = TextGrid()
    grid.rows.append(["mode", "requests", "per second", "whole"] + TraceStage.allCases.map(\.head))
    for breakdown in breakdowns {
      grid.rows.append(
        [
          breakdown.mode.rawValue, "\(breakdown.requests)", Self.text(breakdown.rate, 0), Self.text(breakdown.total, 1),
        ] + TraceStage.allCases.map { Self.text(breakdown.mean($0), 1) })
    }
    return grid
  }

  private var machine: TextGrid {
    var grid = TextGrid()
    grid.rows.append([
      "mode", "server on CPU", "disk busy", "disk depth", "server woken/request", "after µs", "client woken/request",
      "after µs",
    ])
    for breakdown in breakdowns {
      let requests = Double(max(1, breakdown.requests))
      grid.rows.append([
        breakdown.mode.rawValue, Self.percent(breakdown.serverShare), Self.percent(breakdown.diskShare),
        Self.text(breakdown.diskDepth, 1),
        Self.text(Double(breakdown.serverWakes.count) / requests, 2),
        breakdown.serverWakes.mean.map { Self.text($0, 1) } ?? "-",
        Self.text(Double(breakdown.clientWakes.count) / requests, 2),
        breakdown.clientWakes.mean.map { Self.text($0, 1) } ?? "-",
      ])
    }
    return grid
  }

  private func slowest(_ breakdown: TraceBreakdown) -> TextGrid {
    var grid = TextGrid()
    grid.rows.append(["request", "opcode", "sent at", "whole", "server on CPU", "only the disk", "nobody", "others"])
    for request in breakdown.slowest {
      grid.rows.append(
        ["\(request.unique)", "\(request.opcode)"]
          + [request.sent, request.duration, request.serverRan, request.diskOnly, request.nobody].map {
            Self.text(Double($0) / 1000, 1)
          } + ["\(request.others)"])
    }
    return grid
  }

  /// The modes as bars, stacked by stage.
  package var plot: Plot {
    let height = 120 + 44 * breakdowns.count
    let names = TraceStage.allCases.map(\.rawValue)
    let columns = Plot.keyColumns(names, width: Self.width)
    var commands = [
      "set key outside bottom center horizontal maxcols \(columns)", "set style fill solid 1 noborder",
      "set xrange [0:*]", "set yrange [-0.6:\(Double(breakdowns.count) - 0.4)]",
      "set xlabel 'microseconds per request'",
      "set ytics ("
        + breakdowns.enumerated().map { "\(Plot.label($1.mode.rawValue)) \(breakdowns.count - 1 - $0)" }
        .joined(separator: ", ") + ")",
    ]
    var parts: [String] = []
    for (number, stage) in TraceStage.allCases.enumerated() {
      let block = "$stage\(number)"
      commands.append("\(block) << EOD")
      for (index, breakdown) in breakdowns.enumerated() {
        let before = TraceStage.allCases[..<number].reduce(0) { $0 + breakdown.mean($1) }
        let row = Double(breakdowns.count - 1 - index)
        commands.append("\(before) \(before + breakdown.mean(stage)) \(row - 0.32) \(row + 0.32)")
      }
      commands.append("EOD")
      parts.append(
        "\(block) using 1:3:1:2:3:4 with boxxyerror linecolor rgb \"\(Plot.Ink.column(number + 1))\""
          + " title \(Plot.quoted(stage.rawValue))")
    }
    commands.append("plot " + parts.joined(separator: ", "))
    return Plot(
      name: "trace", caption: "\(title): where a request's time goes, by mode", width: Self.width, height: height,
      commands: commands)
  }

  /// The plot as an SVG file of its own; nil where gnuplot is missing or fails.
  package func picture() async -> String? {
    guard let drawn = await Gnuplot.draw([plot])[plot.name] else { return nil }
    return DrawnSVG.file(drawn)
  }

  /// The figures, for programs.
  package var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      return try encoder.encode(breakdowns)
    }
  }

  private static let width = 760

  private static func text(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
  private static func percent(_ share: Double) -> String { text(share * 100, 0) + " %" }
}
