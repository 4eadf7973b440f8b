// Named filters: each hides one thing that may differ from run to run or from tool to tool, and nothing else.

/// A filter of a transcript. Its name stands in the scenario, its meaning in scenarios/README.md.
package enum TranscriptFilter: String, CaseIterable, Sendable {
  /// Lines in which a program says why it failed become `PROGRAM: ERRNO` (`ToolReasons`).
  case reasons
  /// dd's reports, in one form: no times and rates (`CopyReport`).
  case dd
  /// What qemu-img's map and info tell, without what only some versions tell (`ToolDocuments`).
  case qemuImg = "qemu-img"
  /// fio's JSON: each job's error and counts (`ToolDocuments`).
  case fio
  /// Dates and times of day become TIME.
  case times
  /// Durations such as `0.25 s`, `3 seconds` or `12 msec` become DURATION.
  case durations
  /// Rates such as `12.5 MB/s`, `80 MiB/s`, `1000 ops/sec` become RATE.
  case rates
  /// Sizes with a unit such as `1 MiB`, `64 KiB` or `4K` become SIZE.
  case sizes
  /// Every whole number becomes N.
  case numbers
  /// `process 1234`, `pid 1234`, `pid=1234` become PID.
  case pids
  /// Runs of blanks become one blank, blanks at a line's end go.
  case blanks
  /// Lines are put in order, where their order is not promised.
  case sort

  /// `text` without what the filter hides.
  package func apply(_ text: String) -> String {
    switch self {
    case .reasons: String(decoding: ToolReasons.reduce(Array(text.utf8)), as: UTF8.self)
    case .dd: String(decoding: CopyReport.reduce(Array(text.utf8)), as: UTF8.self)
    case .qemuImg: String(decoding: ToolDocuments.reduceQemuImg(Array(text.utf8)), as: UTF8.self)
    case .fio: String(decoding: ToolDocuments.reduceFio(Array(text.utf8)), as: UTF8.self)
    case .times:
      text.replacing(
        /[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?( [+-][0-9]{4})?/,
        with: "TIME"
      )
      .replacing(/[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?/, with: "TIME")
    case .durations:
      text.replacing(/[0-9]+(\.[0-9]+)? ?(seconds|second|msec|usec|nsec|sec|ms|us|ns|s)\b/, with: "DURATION")
    case .rates:
      text.replacing(/[0-9]+(\.[0-9]+)? ?([kKMGT]i?)?(B|bytes|ops)\/s(ec)?/, with: "RATE")
    case .sizes:
      text.replacing(/[0-9]+(\.[0-9]+)? ?([kKMGT]i?B?|bytes)\b/, with: "SIZE")
    case .numbers:
      text.replacing(/[0-9]+/, with: "N")
    case .pids:
      text.replacing(/(process|pid)([ =:]+)[0-9]+/) { "\($0.1)\($0.2)PID" }
    case .blanks:
      text.replacing(/[ \t]+/, with: " ").replacing(/\ (\n|$)/) { "\($0.1)" }
    case .sort:
      Self.sorted(text)
    }
  }

  private static func sorted(_ text: String) -> String {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let end = text.hasSuffix("\n") ? 1 : 0
    return (lines.dropLast(end).sorted() + lines.suffix(end)).joined(separator: "\n")
  }

  /// The filters that a mapping's key `filters` names.
  static func list(_ map: StrictMap) throws -> [TranscriptFilter] {
    try map.words("filters").map { word in
      guard let filter = TranscriptFilter(rawValue: word) else {
        throw map.fault(
          "filter '\(word)' does not exist; known: \(TranscriptFilter.allCases.map(\.rawValue).joined(separator: ", "))"
        )
      }
      return filter
    }
  }
}
