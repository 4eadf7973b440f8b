// The programs that a subject needs: which of them are missing, and what would bring them.

import Foundation

extension Subject {
  /// All subjects in `folder`, by name.
  /// - Throws: `FileError` for the first file that is wrong.
  package static func all(in folder: String) throws -> [Subject] {
    try names(in: folder).map { try Subject(file: "\(folder)/\($0).yaml") }
  }

  /// The programs that are not on this machine: its own, and those that a script around them starts.
  package var missingPrograms: [String] {
    (executable() == nil ? [program] : []) + needs.filter { Programs.find($0) == nil }
  }

  /// The command that gets the subject's programs: from this system's packages, or from `suite` into the folder
  /// `into`; `folder` is the one with subjects and their scripts. Nil where no package has them.
  package func wordsToGet(suite: String?, into: String?, folder: String) -> [String]? {
    guard !packages.isEmpty else { return nil }
    guard let suite, let into else {
      return ["apt-get", "install", "--yes", "--no-install-recommends"] + packages
    }
    let programs = program.holds("/") ? needs : [program] + needs
    return ["sh", "\(folder)/from-debian.sh", into, suite, programs.joined(separator: ",")] + packages
  }
}
