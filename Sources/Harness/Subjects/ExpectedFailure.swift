// A failure that is known: which scenarios fail with a subject, why, and where one reads about it.

import Glibc

/// One entry of a subject's `xfail`: a scenario that is expected to fail with it.
package struct ExpectedFailure: Sendable, Equatable {
  /// Name or glob of the scenarios.
  package var scenario: String
  /// The modes in which they fail.
  package var modes: [Mode]
  /// Why, in one line.
  package var why: String
  /// Where one reads about it: an address, or a file of the project.
  package var link: String
  /// Whether it shows in some runs only; then a pass is a pass.
  package var sometimes: Bool

  /// A known failure, in every mode unless `modes` says otherwise.
  package init(
    scenario: String, modes: [Mode] = Mode.allCases, why: String, link: String, sometimes: Bool = false
  ) {
    self.scenario = scenario
    self.modes = modes
    self.why = why
    self.link = link
    self.sometimes = sometimes
  }

  /// Whether it speaks of the scenario called `name`.
  package func covers(_ name: String) -> Bool { fnmatch(scenario, name, 0) == 0 }

  /// Whether it speaks of the scenario called `name` in `mode`.
  package func covers(_ name: String, _ mode: Mode) -> Bool { modes.contains(mode) && covers(name) }

  /// The entries of a mapping's key `xfail`.
  static func list(_ map: StrictMap) throws -> [ExpectedFailure] {
    try map.items("xfail", known: ["scenario", "modes", "why", "link", "sometimes"]).map { item in
      guard case .map(let entry) = item else {
        throw map.fault("an entry of 'xfail' must be a mapping {scenario, why, link}")
      }
      return ExpectedFailure(
        scenario: try entry.text("scenario"),
        modes: entry.has("modes") ? try Mode.list(entry, "modes") : Mode.allCases,
        why: try entry.text("why"), link: try entry.text("link"),
        sometimes: try entry.flag("sometimes", default: false))
    }
  }
}

extension Mode {
  /// The modes that the key `key` of a mapping names.
  static func list(_ map: StrictMap, _ key: String) throws -> [Mode] {
    try map.words(key).map { word in
      guard let mode = Mode(rawValue: word) else {
        throw map.fault(
          "mode '\(ByteText.shown(word))' does not exist; modes are "
            + allCases.map(\.rawValue).joined(separator: ", "),
          under: key, at: word)
      }
      return mode
    }
  }
}
