// The command line: parse, call, print. Nothing else lives here.

import ArgumentParser
import ExportUnderTest

/// `fusebench`: conformance and speed of FUSE exports, in every transport.
@main
struct Fusebench: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fusebench",
    abstract: "Is a FUSE export right, and how fast is each transport?",
    subcommands: [
      Check.self, Record.self, List.self, Doctor.self, BenchCommand.self, ReportCommand.self, Export.self,
      Probe.self,
    ])
}

/// `fusebench export`: the export under test, in qemu-storage-daemon's words.
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the export under test (takes qemu-storage-daemon's options).")

  @Argument(parsing: .captureForPassthrough, help: "qemu-storage-daemon's words")
  var words: [String] = []

  func run() throws {
    throw ExitCode(exportMain(words))
  }
}
