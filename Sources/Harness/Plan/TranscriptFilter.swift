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

  /// `text` without what the filter hides. Reads bytes, in a time that grows with their number: a pattern that
  /// backtracks, or that knows characters, would take another text for this one, or for ever.
  package func apply(_ text: ByteText) -> ByteText {
    switch self {
    case .reasons: ByteText(ToolReasons.reduce(text.bytes))
    case .dd: ByteText(CopyReport.reduce(text.bytes))
    case .qemuImg: ByteText(ToolDocuments.reduceQemuImg(text.bytes))
    case .fio: ByteText(ToolDocuments.reduceFio(text.bytes))
    case .times: Self.withoutTimes(text)
    case .durations:
      text.rewriting(at: ByteCursor.isDigit) { Self.quantity(&$0, Self.durationUnits) ? Array("DURATION".utf8) : nil }
    case .rates: text.rewriting(at: ByteCursor.isDigit) { Self.rate(&$0) ? Array("RATE".utf8) : nil }
    case .sizes:
      text.rewriting(at: ByteCursor.isDigit) { Self.quantity(&$0, Self.sizeUnits) ? Array("SIZE".utf8) : nil }
    case .numbers: text.rewriting(at: ByteCursor.isDigit) { $0.takeNumber() ? Array("N".utf8) : nil }
    case .pids: Self.withoutProcesses(text)
    case .blanks:
      text.rewriting(at: ByteCursor.isBlank) { cursor in
        _ = cursor.take(while: ByteCursor.isBlank)
        return cursor.next == nil || cursor.next == ByteText.lineEnd ? [] : Array(" ".utf8)
      }
    case .sort: Self.sorted(text)
    }
  }

  private static let durationUnits: Set<[UInt8]> = units("seconds second msec usec nsec sec ms us ns s")
  private static let sizeUnits: Set<[UInt8]> = units(
    "bytes k K M G T ki Ki Mi Gi Ti kB KB MB GB TB kiB KiB MiB GiB TiB")

  private static func units(_ words: String) -> Set<[UInt8]> { Set(words.fields(" ").map { Array($0.utf8) }) }

  /// Reads a number with one of `units` behind it; with none, it reads the digits alone.
  private static func quantity(_ cursor: inout ByteCursor, _ units: Set<[UInt8]>) -> Bool {
    guard cursor.takeNumber() else { return false }
    cursor.takeFraction()
    _ = cursor.take(" ")
    return units.contains(cursor.takeWord())
  }

  private static func rate(_ cursor: inout ByteCursor) -> Bool {
    guard cursor.takeNumber() else { return false }
    cursor.takeFraction()
    _ = cursor.take(" ")
    if cursor.take(anyOf: "kKMGT") { _ = cursor.take("i") }
    guard cursor.take("bytes") || cursor.take("ops") || cursor.take("B"), cursor.take("/s") else { return false }
    _ = cursor.take("ec")
    return true
  }

  private static func withoutTimes(_ text: ByteText) -> ByteText {
    text.rewriting(at: ByteCursor.isDigit, insideRuns: true) {
      takesDate(&$0) || takesTime(&$0) ? Array("TIME".utf8) : nil
    }
  }

  private static func takesDate(_ cursor: inout ByteCursor) -> Bool {
    var ahead = cursor
    guard ahead.takeDigits(4), ahead.take("-"), ahead.takeDigits(2), ahead.take("-"), ahead.takeDigits(2) else {
      return false
    }
    var time = ahead
    if time.take(anyOf: " T"), time.takeDigits(2), time.take(":"), time.takeDigits(2) {
      ahead = time
      var seconds = time
      if seconds.take(":"), seconds.takeDigits(2) {
        seconds.takeFraction()
        ahead = seconds
      }
    }
    var zone = ahead
    if zone.take(" "), zone.take(anyOf: "+-"), zone.takeDigits(4) { ahead = zone }
    cursor = ahead
    return true
  }

  private static func takesTime(_ cursor: inout ByteCursor) -> Bool {
    var ahead = cursor
    guard ahead.takeDigits(2), ahead.take(":"), ahead.takeDigits(2), ahead.take(":"), ahead.takeDigits(2) else {
      return false
    }
    ahead.takeFraction()
    cursor = ahead
    return true
  }

  private static func withoutProcesses(_ text: ByteText) -> ByteText {
    text.rewriting(at: { $0 == UInt8(ascii: "p") }, insideRuns: true) { cursor in
      let word = cursor.take("process") ? "process" : cursor.take("pid") ? "pid" : ""
      guard !word.isEmpty else { return nil }
      let between = Array(cursor.take { byte in byte == 0x20 || byte == 0x3D || byte == 0x3A })
      guard !between.isEmpty, cursor.takeNumber() else { return Array(word.utf8) + between }
      return Array(word.utf8) + between + Array("PID".utf8)
    }
  }

  private static func sorted(_ text: ByteText) -> ByteText {
    let lines = text.lines
    let end = text.endsLine ? 1 : 0
    let sorted = lines.dropLast(end).sorted { $0.lexicographicallyPrecedes($1) } + lines.suffix(end)
    return ByteText(sorted.joined(separator: [ByteText.lineEnd]))
  }

  /// The filters that a mapping's key `filters` names.
  static func list(_ map: StrictMap) throws -> [TranscriptFilter] {
    try map.words("filters").map { word in
      guard let filter = TranscriptFilter(rawValue: word) else {
        let known = TranscriptFilter.allCases.map(\.rawValue).joined(separator: ", ")
        throw map.fault("filter '\(ByteText.shown(word))' does not exist; known: \(known)", under: "filters", at: word)
      }
      return filter
    }
  }
}
