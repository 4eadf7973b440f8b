// `fusebench stream`: random operations on a file, each compared with a model of it.

import ArgumentParser
import Foundation
import Harness

extension StreamOperation.Kind: ExpressibleByArgument {}

/// `fusebench stream`.
struct StreamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Random operations on a file, each compared with a model; a failing sequence is shrunk.",
    discussion: """
      The file's content is lost. Exit status: 0 all as the model says, 1 a result differs, 2 could not run.
      A script (--script) has one operation per line, as a failing run prints them.
      """)

  @Option(help: "The export, or any file.") var file: String
  @Option(help: "The same seed gives the same operations everywhere.") var seed: UInt64 = 1
  @Option(help: "How many operations.") var operations = 1000
  @Flag(help: "Writes beyond the end extend the file.") var growable = false
  @Option(help: "No operation reaches beyond this size (default: one and a half times the file's).")
  var limit: String?
  @Option(help: "A kind of operation that is left out (may be repeated).")
  var without: [StreamOperation.Kind] = []
  @Option(help: "Take the operations from this file instead.") var script: String?

  func run() async throws {
    try await orCouldNotRun {
      var layer = try StreamFile(file, truncates: !without.contains(.truncate))
      let stream = try plan(length: layer.length)
      guard let mismatch = try stream.replay(on: &layer) else {
        print("\(title): \(stream.summary): all as the model says")
        return
      }
      print("\(title): operation \(mismatch.index + 1) of \(stream.operations.count): \(mismatch.detail)")
      fflush(nil)
      try shrink(stream, &layer)
      throw ExitCode(1)
    }
  }

  private var title: String { script.map { "script \($0)" } ?? "seed \(seed)" }

  private func plan(length: Int) throws -> OperationStream {
    if let script {
      let text = try InputFile.text(script, takesPipes: true)
      let lines = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
      return OperationStream(try lines.map(StreamOperation.init), length: length, growable: growable)
    }
    var largest = length + length / 2
    if let limit {
      guard let bytes = ByteSize.parse(limit), bytes > 0 else {
        throw FileError(file: "--limit \(limit)", message: "must be a size such as 4096, 64k or 1M")
      }
      largest = Int(bytes)
    }
    guard (1...10_000_000).contains(operations), (1...(1 << 30)).contains(largest) else {
      throw FileError(
        file: file,
        message: "an empty file needs --limit (up to 1G, the model lies in memory), and --operations 1 to 10000000")
    }
    let made = StreamGenerator.operations(
      seed: seed, count: operations, length: length, limit: largest, growable: growable,
      without: Set(without))
    return OperationStream(made, length: length, growable: growable)
  }

  private func shrink(_ stream: OperationStream, _ layer: inout StreamFile) throws {
    guard let short = try stream.shrunk(on: &layer) else {
      print("It does not come again when the same operations are replayed: look for a race.")
      return
    }
    print("Shrunk to \(short.operations.count) operations, for --script with a file of \(short.length) bytes:")
    for operation in short.operations { print(operation.line) }
    if let mismatch = try short.replay(on: &layer) { print("# \(mismatch.detail)") }
  }
}
