// A failure that is known: which scenarios fail with a subject, what they show then, why, and where one reads about it.

import Glibc

/// One entry of a subject's `xfail`: scenarios that are expected to fail with it, and what they show then.
package struct ExpectedFailure: Sendable, Equatable {
  /// Names or globs of the scenarios.
  package var scenarios: [String]
  /// The modes in which they fail.
  package var modes = Mode.allCases
  /// What the program's version must be, each with `*` for any text; any version where there is none.
  package var versions: [String] = []
  /// The lines that the failure may show, each with `*` for any text. A cell that shows another one fails: what is new
  /// is not known.
  package var shows: [String]
  /// Why, in one line.
  package var why: String
  /// Where one reads about it: an address, or a file of the project.
  package var link: String
  /// Whether it shows in some runs only; then a pass is a pass.
  package var sometimes = false

  /// Whether it speaks of the scenario called `name` in `mode`, with a program that says `version` (nil: nothing).
  package func covers(_ name: String, _ mode: Mode, version: String?) -> Bool {
    guard modes.contains(mode), scenarios.contains(where: { fnmatch($0, name, 0) == 0 }) else { return false }
    return versions.isEmpty || versions.contains { pattern in version.map { Self.fits($0, pattern) } ?? false }
  }

  /// Whether the failure may show `line`.
  package func allows(_ line: String) -> Bool { shows.contains { Self.fits(line, $0) } }

  /// Whether `text` is `pattern`, in which `*` is any text and every other byte is itself: lines of transcripts have
  /// the brackets that fnmatch(3) takes for something else.
  private static func fits(_ text: String, _ pattern: String) -> Bool {
    let (text, pattern) = (Array(text.utf8), Array(pattern.utf8))
    var (at, place) = (0, 0)
    // Where the last `*` stands, and how far it reaches as yet.
    var star: (place: Int, end: Int)?
    while at < text.count {
      if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
        star = (place, at)
        place += 1
      } else if place < pattern.count, pattern[place] == text[at] {
        (at, place) = (at + 1, place + 1)
      } else if let last = star {
        star = (last.place, last.end + 1)
        (at, place) = (last.end + 1, last.place + 1)
      } else {
        return false
      }
    }
    return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
  }

  /// The entries of a mapping's key `xfail`.
  static func list(_ map: StrictMap) throws -> [ExpectedFailure] {
    let keys: Set<String> = ["scenario", "modes", "versions", "shows", "why", "link", "sometimes"]
    return try map.items("xfail", known: keys).map { item in
      guard case .map(let entry) = item else {
        throw map.fault("an entry of 'xfail' must be a mapping {scenario, shows, why, link}")
      }
      let known = ExpectedFailure(
        scenarios: try entry.names("scenario"),
        modes: entry.has("modes") ? try Mode.list(entry, "modes") : Mode.allCases,
        versions: try entry.words("versions"), shows: try entry.words("shows"), why: try entry.text("why"),
        link: try entry.text("link"), sometimes: try entry.flag("sometimes", default: false))
      guard !known.scenarios.isEmpty, !known.shows.isEmpty else {
        throw entry.fault("an entry of 'xfail' needs 'scenario' and 'shows': which fail, and with which lines")
      }
      return known
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
