// INIT as text: what was offered, what was taken, and what follows.

import Foundation

/// The report of `fusebench init`.
package enum InitReport {
  /// The report of `result` of the subject called `name`.
  package static func text(_ result: InitProbe.Result, subject name: String) -> String {
    let exchange = result.findings.exchange
    let offer = exchange.offer
    var lines = [
      "\(name), \(result.mode), on Linux \(result.kernel)",
      "kernel offers   \(offer.major).\(offer.minor)  flags \(hex(offer.flags, 16))"
        + "  max_readahead \(offer.maxReadahead)",
    ]
    guard let answer = exchange.answer, let limits = result.findings.limits else {
      return (lines + ["export answers  error \(exchange.errorNumber)"]).joined(separator: "\n") + "\n"
    }
    lines += [
      "export answers  \(answer.major).\(answer.minor)  flags \(hex(UInt64(answer.flags), 8))"
        + "  flags2 \(hex(UInt64(answer.flags2), 8))  max_readahead \(answer.maxReadahead)",
      "                max_write \(answer.maxWrite)  max_pages \(answer.maxPages)"
        + "  max_background \(answer.maxBackground)  congestion_threshold \(answer.congestionThreshold)"
        + "  time_gran \(answer.timeGranularity)",
    ]
    if answer.maxStackDepth != 0 { lines.append("                max_stack_depth \(answer.maxStackDepth)") }
    if answer.requestTimeout != 0 { lines.append("                request_timeout \(answer.requestTimeout)") }
    lines += ["", "limits that follow"]
    lines += [
      "  largest READ    \(limits.largestRead) bytes", "  largest WRITE   \(limits.largestWrite) bytes",
      "  asynchronous requests open at a time: \(openRequests(result.findings, limits))", "",
    ]
    var grid = TextGrid(rows: [["bit", "flag", "offered", "taken", "what follows"]], leftColumns: [1, 2, 3, 4])
    grid.rows += result.findings.flags.map { line in
      [
        "\(line.bit)", line.name, line.isOffered ? "yes" : "no",
        line.isTaken ? "yes" : line.isAnswered ? "no effect" : "-", line.effect ?? "",
      ]
    }
    return (lines + grid.lines).joined(separator: "\n") + "\n"
  }

  private static func openRequests(_ findings: InitFindings, _ limits: InitLimits) -> String {
    let isAsynchronous = findings.flags.contains { $0.name == "FUSE_ASYNC_DIO" && $0.isTaken }
    return isAsynchronous ? "\(limits.background)" : "1 of each client (no FUSE_ASYNC_DIO)"
  }

  private static func hex(_ number: UInt64, _ digits: Int) -> String {
    let text = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// The same for programs.
  package static func json(_ result: InitProbe.Result, subject name: String) -> String {
    let exchange = result.findings.exchange
    let document = Document(
      subject: name, mode: result.mode, kernel: result.kernel, commandLine: result.commandLine,
      mountOptions: result.mountOptions,
      offer: .init(
        major: exchange.offer.major, minor: exchange.offer.minor, flags: hex(exchange.offer.flags, 16),
        maxReadahead: exchange.offer.maxReadahead),
      answer: exchange.answer.map {
        .init(
          major: $0.major, minor: $0.minor, flags: hex(UInt64($0.flags), 8), flags2: hex(UInt64($0.flags2), 8),
          maxReadahead: $0.maxReadahead, maxWrite: $0.maxWrite, maxPages: $0.maxPages,
          maxBackground: $0.maxBackground, congestionThreshold: $0.congestionThreshold,
          requestTimeout: $0.requestTimeout)
      },
      error: exchange.errorNumber,
      limits: result.findings.limits.map {
        .init(largestRead: $0.largestRead, largestWrite: $0.largestWrite, background: $0.background)
      },
      flags: result.findings.flags.map {
        .init(name: $0.name, bit: $0.bit, offered: $0.isOffered, answered: $0.isAnswered, taken: $0.isTaken)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Plain strings and whole numbers: nothing that could not be encoded.
    return String(decoding: (try? encoder.encode(document)) ?? Data(), as: UTF8.self) + "\n"
  }

  private struct Document: Encodable {
    struct Offer: Encodable {
      var major: UInt32
      var minor: UInt32
      var flags: String
      var maxReadahead: UInt32
    }
    struct Answer: Encodable {
      var major: UInt32
      var minor: UInt32
      var flags: String
      var flags2: String
      var maxReadahead: UInt32
      var maxWrite: UInt32
      var maxPages: UInt16
      var maxBackground: UInt16
      var congestionThreshold: UInt16
      var requestTimeout: UInt16
    }
    struct Limits: Encodable {
      var largestRead: Int
      var largestWrite: Int
      var background: Int
    }
    struct Flag: Encodable {
      var name: String
      var bit: Int
      var offered: Bool
      var answered: Bool
      var taken: Bool
    }
    var subject: String
    var mode: Mode
    var kernel: String
    var commandLine: String
    var mountOptions: [String]
    var offer: Offer
    var answer: Answer?
    var error: Int32
    var limits: Limits?
    var flags: [Flag]
  }
}
