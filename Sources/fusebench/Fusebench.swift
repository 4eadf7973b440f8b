// The command line: parse, call, print. Nothing else lives here.

import ArgumentParser
import ExportUnderTest

/// `fusebench`: conformance and speed of FUSE exports, in every transport.
struct Fusebench: AsyncParsableCommand {
  static let version = "1.0"

  static let configuration = CommandConfiguration(
    commandName: "fusebench",
    abstract: "Is a FUSE export right, and how fast is each transport?",
    version: version,
    subcommands: [
      RunCommand.self, CheckCommand.self, RecordCommand.self, ListCommand.self, DoctorCommand.self,
      InitCommand.self, SubjectsCommand.self,
      BenchCommand.self, ReportCommand.self, HistoryCommand.self, MergeCommand.self, MatrixCommand.self,
      Export.self, ImgCommand.self, StreamCommand.self, ProbeCommand.self, ControlCommand.self,
      CompareCommand.self, ReplayCommand.self, TraceCommand.self, SelftestCommand.self, StatxLoadCommand.self,
      KernelGuestCommand.self,
    ],
    defaultSubcommand: RunCommand.self)
}

/// `fusebench export`: the export under test, in qemu-storage-daemon's words (see `Main`, which runs it before
/// anything is parsed here; this entry makes it show up in the help).
struct Export: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Run the export under test (takes qemu-storage-daemon's options).")

  @Argument(parsing: .captureForPassthrough, help: "qemu-storage-daemon's words")
  var words: [String] = []

  func run() throws {
    throw ExitCode(exportMain(words.map { Array($0.utf8) }, version: Fusebench.version))
  }
}
