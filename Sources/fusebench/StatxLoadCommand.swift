// `fusebench stat-load`: the client of a benchmark's `stat` rows; it may hang, the harness may not.

import ArgumentParser
import Foundation
import Harness

/// `fusebench stat-load`.
struct StatxLoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stat-load", abstract: "Ask for a file's attributes again and again, and print the latencies as JSON.",
    shouldDisplay: false)

  @Argument(help: "The file.")
  var path: String

  @Option(help: "Measured seconds.")
  var seconds = 1.0

  @Option(help: "Seconds before the measured time that are thrown away.")
  var ramp = 0.0

  func validate() throws {
    guard seconds > 0, seconds <= 3600, ramp >= 0, ramp <= 3600 else {
      throw ValidationError("--seconds must be more than 0 and --ramp 0 or more, both at most 3600")
    }
  }

  func run() async throws {
    try await orCouldNotRun {
      let report = try StatxLoad(path: path, seconds: seconds, ramp: ramp).run()
      StandardOutput.write(String(decoding: report.json, as: UTF8.self) + "\n")
    }
  }
}
