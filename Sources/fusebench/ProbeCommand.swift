// `fusebench probe`: the child that makes a scenario's direct system calls; it may hang, the harness may not.

import ArgumentParser
import Foundation
import Harness

/// `fusebench probe`.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe", abstract: "Execute probe lines from standard input (see scenarios/README.md).",
    shouldDisplay: false)

  @Option(help: "Path of the export.")
  var export: String

  @Option(help: "Path of the image.")
  var image: String

  func run() throws {
    let script = ByteText(FileHandle.standardInput.readDataToEndOfFile()).text
    var machine = ProbeMachine(export: export, image: image)
    try machine.run(script) { StandardOutput.write("\($0)\n") }
  }
}
