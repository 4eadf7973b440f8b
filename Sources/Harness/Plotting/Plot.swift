// A plot before it is drawn: gnuplot's commands, and how text gets into them unharmed.

/// A plot: what gnuplot is to draw, and what it shows in words.
package struct Plot: Equatable, Sendable {
  /// The plot's name, unique in its report.
  package let name: String
  /// What it shows, for those who do not see it.
  package let caption: String
  /// The width in pixels at which text has its natural size.
  package let width: Int
  /// The height in pixels.
  package let height: Int
  /// gnuplot's commands, without terminal and output.
  package let commands: [String]

  /// The colours of a page, by the numbers that stand for them in commands. A page says what they look like, so that
  /// one drawing serves in the light and in the dark.
  package enum Ink {
    /// The number of colours for columns.
    package static let columns = 16
    /// Text and whiskers.
    package static let text = "#0000ff"
    /// Axes and grids.
    package static let line = "#0000fe"
    /// The zone in which differences do not matter.
    package static let zone = "#0000fd"

    /// The colour with this number, from 1.
    package static func column(_ number: Int) -> String {
      "#0000" + (number < 16 ? "0" : "") + String(number, radix: 16)
    }

    /// gnuplot's dash type of the line with this colour: who cannot tell two colours tells two lines.
    package static func dashType(_ number: Int) -> Int { number % 5 + 1 }

    /// The same for a legend, in SVG's words.
    package static func dashes(_ number: Int) -> String {
      ["none", "9 4", "3 4", "9 4 3 4", "9 4 3 4 3 4"][number % 5]
    }
  }

  /// Characters of a label that a small plot has room for; one with longer ones is drawn wider.
  package static let shortLabel = 20

  /// `text` as a label of at most `most` characters: a long one would leave no room for what it names.
  package static func label(_ text: String, most: Int = 48) -> String {
    quoted(text.count > most ? text.prefix(most - 1) + "…" : text)
  }

  /// How many entries a key can have beside each other in a plot of `width` pixels that is a file of its own, so that
  /// the widest of `names` is whole: gnuplot does not know the viewer's letters, guesses them narrower than they are.
  package static func keyColumns(_ names: [String], width: Int) -> Int {
    let widest = names.map(\.count).max() ?? 1
    return max(1, min(4, (width - 20) / (48 + 9 * widest)))
  }

  /// `text` as a string of gnuplot's. Between single quotes nothing is expanded, neither variables nor commands.
  package static func quoted(_ text: String) -> String {
    let inside = text.escapingScalars { scalar in
      scalar == "'" ? "''" : scalar.value < 0x20 || scalar.value == 0x7f ? " " : nil
    }
    return "'\(inside)'"
  }
}
