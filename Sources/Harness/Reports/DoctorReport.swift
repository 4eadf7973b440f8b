// The table of `doctor`.

import Rainbow

/// Facts of the machine as text.
package struct DoctorReport: Sendable {
  private let colours: Bool

  /// A report with or without colours.
  package init(colours: Bool) { self.colours = colours }

  /// A line per fact; where something is to be done, the remedy stands below it.
  package func text(_ facts: [MachineFact]) -> String {
    let width = facts.map(\.name.count).max() ?? 0
    return facts.map { fact in
      let (word, colour): (String, NamedColor) =
        switch fact.state {
        case .fine: ("ok     ", .green)
        case .limited: ("limited", .yellow)
        case .missing: ("missing", .red)
        }
      let remedy = fact.state == .fine ? "" : fact.remedy.map { "         → \($0)\n" } ?? ""
      return "\(colours ? word.applyingColor(colour) : word)  \(fact.name.padded(to: width))  \(fact.value)\n"
        + remedy
    }.joined()
  }
}
