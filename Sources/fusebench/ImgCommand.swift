// `fusebench img`: what qemu-img does with raw images, for machines without QEMU.

import ArgumentParser
import Foundation
import Harness
internal import ImageClient

extension ImageMap: ExpressibleByArgument {}

/// `fusebench img`.
struct ImgCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "img",
    abstract: "Bench, convert, compare or map raw images, with qemu-img's options and output.",
    subcommands: [ImgBench.self, ImgConvert.self, ImgCompare.self, ImgMap.self])
}

/// Runs `body`; an `ImageError` becomes one line on standard error and `status`.
private func orError(status: Int32 = 1, _ body: () throws -> Void) throws {
  do {
    try body()
  } catch let fault as ImageError {
    StandardError.write("fusebench img: \(fault)\n")
    throw ExitCode(status)
  }
}

private func cache(_ word: String) throws -> ImageCache {
  guard let cache = ImageCache(rawValue: word) else {
    throw ImageError("Invalid cache option: \(word); known: none, writeback")
  }
  return cache
}

private func onlyRaw(_ formats: String...) throws {
  for format in formats where format != "raw" {
    throw ImageError("Unknown driver '\(format)': raw images only; qemu-img knows more")
  }
}

private func size(_ word: String, _ name: String) throws -> Int64 {
  guard let bytes = ByteSize.parse(word), bytes >= 0 else {
    throw ImageError("Invalid \(name) specified: '\(word)'; sizes read like 4096, 64k or 1M")
  }
  return bytes
}

struct ImgBench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Time requests of one size, several in flight.")

  @Option(name: .customShort("c"), help: "Number of requests.") var count = 75_000
  @Option(name: .customShort("d"), help: "Requests in flight.") var depth = 64
  @Option(name: .customShort("f"), help: "Format: raw.") var format = "raw"
  @Option(name: .customLong("flush-interval"), help: "Flush after so many requests.") var flushInterval = 0
  @Option(name: .customShort("o"), help: "Offset of the first request.") var offset = "0"
  @Option(help: "Byte that is written.") var pattern = 0
  @Option(name: .customShort("s"), help: "Bytes per request.") var buffer = "4096"
  @Option(name: .customShort("S"), help: "Bytes between the starts of requests.") var step = "0"
  @Option(name: .customShort("t"), help: "Cache: none, writeback.") var cacheMode = "writeback"
  @Flag(name: .customShort("w"), help: "Write instead of read.") var writes = false
  @Argument(help: "The image.") var file: String

  func run() throws {
    try orError {
      try onlyRaw(format)
      guard let byte = UInt8(exactly: pattern) else { throw ImageError("Invalid pattern byte specified") }
      var bench = ImageBench()
      bench.count = count
      bench.depth = depth
      bench.flushInterval = flushInterval
      bench.offset = try size(offset, "offset")
      bench.pattern = byte
      bench.size = try size(buffer, "buffer size")
      bench.step = try size(step, "step size")
      bench.cache = try cache(cacheMode)
      bench.writes = writes
      try bench.run(file) { print($0) }
    }
  }
}

struct ImgConvert: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Copy a raw image into another.")

  @Option(name: .customShort("f"), help: "Format of the source: raw.") var format = "raw"
  @Option(name: .customShort("O"), help: "Format of the target: raw.") var targetFormat = "raw"
  @Option(name: .customShort("t"), help: "Cache of the target: none, writeback.") var targetCache = "writeback"
  @Option(name: .customShort("T"), help: "Cache of the source: none, writeback.") var sourceCache = "writeback"
  @Option(name: .customShort("m"), help: "Pieces in flight with -W (1 to 16).") var parallel = 8
  @Flag(name: .customShort("n"), help: "The target is there already.") var keepsTarget = false
  @Flag(name: .customShort("W"), help: "Write in any order.") var outOfOrder = false
  @Argument(help: "The source.") var source: String
  @Argument(help: "The target.") var target: String

  func run() throws {
    try orError {
      try onlyRaw(format, targetFormat)
      var convert = ImageConvert()
      convert.sourceCache = try cache(sourceCache)
      convert.targetCache = try cache(targetCache)
      convert.parallel = parallel
      convert.keepsTarget = keepsTarget
      convert.outOfOrder = outOfOrder
      try convert.run(from: source, to: target)
    }
  }
}

struct ImgCompare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Where two raw images differ first.",
    discussion: "Exit status: 0 identical, 1 different, 2 an image cannot be opened or read.")

  @Option(name: .customShort("f"), help: "Format of the first: raw.") var format = "raw"
  @Option(name: .customShort("F"), help: "Format of the second: raw.") var secondFormat = "raw"
  @Option(name: .customShort("T"), help: "Cache: none, writeback.") var cacheMode = "writeback"
  @Flag(name: .customShort("s"), help: "A different length is a difference.") var strict = false
  @Flag(name: .customShort("q"), help: "Print nothing.") var quiet = false
  @Argument(help: "The first image.") var first: String
  @Argument(help: "The second image.") var second: String

  func run() throws {
    try orError(status: 2) {
      try onlyRaw(format, secondFormat)
      var compare = ImageCompare()
      compare.cache = try cache(cacheMode)
      compare.strict = strict
      let outcome = try compare.run(first, second)
      if !quiet { for line in outcome.lines { print(line) } }
      if outcome.status != 0 { throw ExitCode(outcome.status) }
    }
  }
}

struct ImgMap: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "map", abstract: "Which ranges of a raw image hold data.")

  @Option(name: .customShort("f"), help: "Format: raw.") var format = "raw"
  @Option(help: "human or json.") var output = ImageMap.human
  @Argument(help: "The image.") var file: String

  func run() throws {
    try orError {
      try onlyRaw(format)
      print(try output.text(file), terminator: "")
    }
  }
}
