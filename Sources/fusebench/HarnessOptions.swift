// Options that the commands of the harness share.

import ArgumentParser
import Foundation
import Glibc
import Harness

/// Where scenarios and subjects are, and which subject and modes are wanted.
struct HarnessOptions: ParsableArguments {
  @Option(help: "The folder with scenarios (default: the nearest folder 'scenarios').")
  var scenarios: String?

  @Option(name: .customLong("mode"), help: "Only this mode (may be repeated): legacy, multithread, io_uring.")
  var modes: [Mode] = []

  @Option(
    name: .customLong("subject"),
    help: "The export program: a file in scenarios/subjects, without '.yaml' (bench: may be repeated).")
  var subjects: [String] = []

  @Option(
    name: .customLong("program"),
    help: "The path of the subject's program, in place of the subject's own (bench: may be repeated).")
  var programs: [String] = []

  @Option(
    help: """
      Words to put before the program, such as 'chroot FOLDER'; quotes and \\ as in a shell. An empty text takes away \
      those of the subject's file.
      """)
  var prefix: String?

  @Flag(
    inversion: .prefixedNo,
    help: "Switch FUSE over io_uring on in the kernel for this run (default for root).")
  var enableUring: Bool?

  @Flag(help: "Say on standard error what is started, judged and cleared away.")
  var verbose = false

  /// The scenarios. One that requires what no subject can have would be skipped for ever and is an error.
  func library() throws -> ScenarioLibrary {
    if verbose { HarnessLog.begin() }
    let library = try ScenarioLibrary(folder: folder())
    try library.checkCapabilities(Subject.allCapabilities(in: folder() + "/subjects"))
    return library
  }

  /// - Throws: `FileError` if there is none.
  func folder() throws -> String { try scenariosFolder(scenarios) }

  /// The one subject asked for.
  func loadSubject() throws -> Subject {
    let all = try loadSubjects()
    guard all.count == 1 else {
      throw ValidationError("several subjects or programs can be compared by 'fusebench bench' only")
    }
    return all[0]
  }

  /// The subjects asked for: each of them, or one of them by each of its programs.
  func loadSubjects() throws -> [Subject] {
    let names = subjects.isEmpty ? ["fusebench"] : subjects
    guard programs.isEmpty || names.count == 1 || programs.count == names.count else {
      throw ValidationError("with several subjects give one --program for each, in their order, or none")
    }
    return try (0..<max(names.count, programs.count)).map { index in
      try load(names.count == 1 ? names[0] : names[index], program: programs.isEmpty ? nil : programs[index])
    }
  }

  /// The subject called `name`, with `program` in place of its own if given, behind --prefix, or else `before`.
  func load(_ name: String, program: String?, behind before: [String]? = nil) throws -> Subject {
    let subject = try Subject.named(
      name, in: folder() + "/subjects", program: program,
      prefix: try prefix.map { try ShellWords.split($0) } ?? before)
    // Behind a prefix the programs are looked for elsewhere, in another root for instance.
    let isPlain = subject.prefix.isEmpty
    let missing = isPlain ? subject.missingPrograms : subject.executable() == nil ? [subject.program] : []
    guard missing.isEmpty else {
      let way = subject.packages.isEmpty ? subject.get : "fusebench subjects --install \(subject.name)"
      throw FileError(
        file: missing[0],
        message: "the program of subject '\(subject.name)' is not there; "
          + "\(way.map { "\($0), or " } ?? "install it or ")give --program PATH")
    }
    return subject
  }

  /// The words that make these options again for `subject`, for the same program started elsewhere.
  /// - Throws: `FileError` if there is no folder of scenarios.
  func wordsOfOneSubject(_ subject: Subject) throws -> [String] {
    let folder = URL(fileURLWithPath: try folder()).path
    let program = subject.program == "self" ? [] : ["--program", subject.executable() ?? subject.program]
    return ["--scenarios", folder, "--subject", subject.name] + program + subject.prefixOption
  }

  /// This program's own export, as its subject's file has it.
  func ownSubject() throws -> Subject { try Subject.named("fusebench", in: folder() + "/subjects") }

  /// The floor, as its subject's file has it.
  func floorSubject() throws -> Subject { try Subject.named(Column.floorName, in: folder() + "/subjects") }

  /// The modes asked for, each once, in their usual order; all of them if none was asked for.
  var wantedModes: [Mode] { modes.isEmpty ? Mode.allCases : Mode.allCases.filter(modes.contains) }

  /// Whether the kernel's parameter is the run's to switch: only a run with the mode io_uring needs it. Root may write
  /// it, root of a user namespace may not; where it cannot be written, cells that need it are skipped, and say so.
  private var switchesUring: Bool {
    guard wantedModes.contains(.ioUring) else { return false }
    return enableUring ?? (EnableUring.state != nil && access(EnableUring.parameter, W_OK) == 0)
  }

  /// Runs `body` with clean-up on signals and with the kernel's parameter as wanted, and puts everything back.
  /// What makes it impossible to run ends with exit status 2 and one line.
  func prepared(_ body: () async throws -> Void) async throws {
    if verbose { HarnessLog.begin() }
    Interrupts.install()
    if let fault = try await BaseFolder.objection() { throw fault }
    removeLeftovers()
    do {
      let uring = try switchesUring ? EnableUring() : nil
      defer { uring?.end() }
      try await body()
    } catch {
      // What fails while everything is being undone fails because of that: the signal's handler has the last word.
      if Interrupts.isLeaving { await Interrupts.untilTheEnd() }
      throw error
    }
    if Interrupts.isLeaving { await Interrupts.untilTheEnd() }
  }
}

/// The folder with the scenarios: `named`, or the nearest that may be taken; what is passed over is said.
/// - Throws: `FileError` if there is none.
func scenariosFolder(_ named: String?) throws -> String {
  if let named { return named }
  let search = foundScenarios
  guard let folder = search.folder else {
    throw FileError(
      file: "scenarios",
      message: "no such folder from here upwards, nor beside the program; give --scenarios DIR")
  }
  return folder
}

/// Looked for once: options ask for it several times, and what is passed over is said once.
private let foundScenarios: ScenarioLibrary.Search = {
  let search = ScenarioLibrary.search()
  for line in search.passedOver { StandardError.write("fusebench: \(line)\n") }
  return search
}()

/// Removes what runs that were killed have left, and says so.
func removeLeftovers() {
  let left = StaleResources.remove()
  let lines =
    (left.words.map { ["removed what a run that was killed had left: \($0)"] } ?? [])
    + left.stuck.map { "\($0): left by a run that was killed, and cannot be removed; try as root" }
  for line in lines { StandardError.write("fusebench: \(line)\n") }
}

/// The words that fusebench was called with, for the record.
func commandLine() -> [String] { ["fusebench"] + CommandLine.arguments.dropFirst() }

/// Ends a command as its verdict says: with 1 if it is slower, 3 if unsure; goes on if it is neither.
func failUnlessGood(_ verdict: SpeedVerdict) throws(ExitCode) {
  switch verdict {
  case .slower: throw ExitCode(1)
  case .unsure: throw ExitCode(3)
  case .faster, .same: break
  }
}

/// Runs `body`; an error that is no exit status becomes one line on standard error and exit status 2.
func orCouldNotRun(_ body: () async throws -> Void) async throws {
  do {
    try await body()
  } catch let status as ExitCode {
    throw status
  } catch {
    let lines = "\(error)".split(separator: "\n").map { TextFormat.visible(String($0)) }
    StandardError.write("fusebench: \(lines.joined(separator: "\n"))\n")
    throw ExitCode(2)
  }
}
