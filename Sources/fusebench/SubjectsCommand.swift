// `fusebench subjects`: which export programs there are, whether this machine has them, and how to get them.

import ArgumentParser
import Foundation
import Harness

/// `fusebench subjects`.
struct SubjectsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subjects", abstract: "List the export programs that can be checked, or get one.",
    discussion: """
      --install gets one subject's program and nothing else: from this system's packages by apt-get (as root), or with \
      --suite from another Debian suite into the folder --into, which needs no root and installs nothing. The command \
      is printed before it is run. Exit status: 0, or 2 where a program could not be got.
      """)

  @Option(help: "The folder with scenarios (default: the nearest folder 'scenarios').")
  var scenarios: String?

  @Option(name: .customLong("install"), help: "Get the program of this subject.")
  var wanted: String?

  @Option(help: "Get it from this Debian suite, such as trixie or sid.")
  var suite: String?

  @Option(help: "Unpack it into this folder; its programs are in FOLDER/bin then.")
  var into: String?

  func validate() throws {
    guard (suite == nil) == (into == nil) else { throw ValidationError("--suite and --into belong together") }
    guard suite == nil || wanted != nil else { throw ValidationError("--suite needs --install NAME") }
  }

  func run() async throws {
    try await orCouldNotRun {
      let folder = try scenariosFolder(scenarios)
      guard let wanted else {
        var subjects: [Subject] = []
        for subject in try Subject.all(in: folder + "/subjects") {
          subjects.append(subject.missingPrograms.isEmpty ? try await subject.knowingVersion() : subject)
        }
        return print(Terminal.fitted(SubjectTable.text(subjects)), terminator: "")
      }
      let subject = try Subject.named(wanted, in: folder + "/subjects")
      guard let words = subject.wordsToGet(suite: suite, into: into, folder: folder + "/subjects") else {
        throw FileError(
          file: "\(folder)/subjects/\(wanted).yaml",
          message: subject.get.map { "no package has its program; \($0)" } ?? "there is nothing to install")
      }
      print("+ \(TextFormat.shellLine(words))")
      fflush(nil)
      var command = Command(words[0], Array(words.dropFirst()))
      command.output = .file("/dev/stdout")
      Interrupts.install()
      let done = try await command.run(within: .seconds(1800))
      guard done.status.isSuccess else {
        let other = suite == nil ? "; --suite SUITE --into FOLDER takes it from another Debian suite" : ""
        throw FileError(file: words[0], message: "ended with \(done.status), \(wanted) was not got\(other)")
      }
    }
  }
}
