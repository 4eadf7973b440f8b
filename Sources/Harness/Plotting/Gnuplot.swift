// Plots drawn by gnuplot, in a child process: the only part of a report that is not a pure function.

internal import Foundation

/// gnuplot.
package enum Gnuplot {
  /// Whether it is installed.
  package static var isInstalled: Bool { Programs.find("gnuplot") != nil }

  /// The drawings of `plots` as SVG by name. Those that cannot be drawn, for want of gnuplot or because it fails, are
  /// missing: a report shows its tables without them.
  package static func draw(_ plots: [Plot]) async -> [String: String] {
    guard isInstalled, !plots.isEmpty, let workspace = try? Workspace(label: "plots") else { return [:] }
    defer { workspace.remove() }
    let script = plots.enumerated().flatMap { index, plot in
      commands(plot, output: workspace.file("\(index).svg"))
    }
    let file = workspace.file("plots.gnuplot")
    guard FileManager.default.createFile(atPath: file, contents: Data((script.joined(separator: "\n") + "\n").utf8))
    else { return [:] }
    var command = Command("gnuplot", [file])
    // A user's own settings would change what every report looks like.
    command.environment = ["GNUTERM": "svg", "HOME": workspace.path, "LC_ALL": "C.UTF-8"]
    guard (try? await command.run(within: .seconds(300))) != nil else { return [:] }
    var drawings: [String: String] = [:]
    for (index, plot) in plots.enumerated() {
      guard let text = SystemFile.text(workspace.file("\(index).svg")) else { continue }
      drawings[plot.name] = DrawnSVG.inlined(text, plot: plot, number: index)
    }
    return drawings
  }

  private static func commands(_ plot: Plot, output: String) -> [String] {
    [
      "reset session",
      "set encoding utf8",
      "set terminal svg size \(plot.width),\(plot.height) dynamic font \"sans-serif,12\" noenhanced",
      "set output \(Plot.quoted(output))",
      "set border 1 linecolor rgb \"\(Plot.Ink.line)\"",
      "set grid xtics linecolor rgb \"\(Plot.Ink.line)\" linewidth 0.5",
      "set tics textcolor rgb \"\(Plot.Ink.text)\" nomirror scale 0",
      "set key textcolor rgb \"\(Plot.Ink.text)\"",
      "set xlabel textcolor rgb \"\(Plot.Ink.text)\"",
      "set ylabel textcolor rgb \"\(Plot.Ink.text)\"",
    ] + plot.commands + ["unset output"]
  }
}
