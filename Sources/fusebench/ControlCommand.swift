// `fusebench qmp`: the control client that scenarios use, a child of its own like `fusebench probe`.

import ArgumentParser
import Foundation
import Harness

/// `fusebench qmp`.
struct ControlCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qmp", abstract: "Send commands to a control socket (see docs/control-socket.md).",
    shouldDisplay: false)

  @Argument(help: "Path of the socket.")
  var socket: String

  @Argument(help: "NAME, NAME {ARGUMENTS}, {COMMAND}, or 'wait EVENT'; without any: the lines of standard input.")
  var commands: [String] = []

  @Flag(help: "Send standard input as it is, without negotiation, and show everything that comes.")
  var raw = false

  @Flag(help: "Send nothing; show everything that comes until the server closes.")
  var listen = false

  @Flag(help: "Send standard input as it is and read nothing.")
  var deaf = false

  func run() throws {
    var client = try QMPClient(path: socket)
    defer { client.end() }
    func show(_ line: String) { StandardOutput.write("\(line)\n") }
    do {
      if listen { return try client.listen(show) }
      let needsInput = raw || deaf || commands.isEmpty
      let input = needsInput ? FileHandle.standardInput.readDataToEndOfFile() : Data()
      if deaf { return try client.sendWithoutReading(input) }
      if raw { return try client.sendRaw(input, show) }
      let lines = ByteText(input).text.split(separator: "\n").map(String.init)
      try client.converse(commands.isEmpty ? lines : commands, show)
    } catch let fault as QMPError {
      show("\(fault)")
      throw ExitCode(1)
    }
  }
}
