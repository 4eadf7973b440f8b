// The knobs of a row: what each name sets in it, and how its text is read.

/// A knob and the text that it is set to, as in `depth: 16`.
package struct KnobSetting: Equatable, Sendable {
  /// The knob's name; `fio.NAME` is fio's own option NAME.
  var name: String
  /// Its value, as it is written.
  var text: String
}

/// A knob cannot be set so; one line with the way out.
struct KnobError: Error, Equatable, CustomStringConvertible {
  let description: String
}

/// The knobs there are.
enum Knob: String, CaseIterable {
  case operation, metric, pattern, engine, block, depth, jobs
  case readPercent = "read-percent"
  case threads, growable, direct, aio
  case queueDepth = "queue-depth"
  case allowOther = "allow-other"
  case discard
  case pollLimit = "poll-max-ns"
  case batch = "aio-max-batch"

  /// What stands before the name of an option of fio.
  static let fioPrefix = "fio."

  /// The names there are, for people.
  static var known: String { (allCases.map(\.rawValue) + ["fio.OPTION"]).sorted().joined(separator: ", ") }

  /// Sets what `setting` says in `row`.
  static func apply(_ setting: KnobSetting, to row: inout SuiteRow) throws(KnobError) {
    if setting.name.begins(with: fioPrefix) {
      let option = String(setting.name.dropFirst(fioPrefix.count))
      row.workload.fioOptions[option] = setting.text
      return
    }
    guard let knob = Knob(rawValue: setting.name) else {
      throw KnobError(description: "unknown knob '\(setting.name)'; known: \(known)")
    }
    switch knob {
    case .operation: row.workload.operation = try choice(setting)
    case .metric: row.metric = try choice(setting)
    case .pattern: row.workload.pattern = try choice(setting)
    case .engine: row.workload.engine = try choice(setting)
    case .block: row.workload.block = try size(setting)
    case .depth: row.workload.depth = try number(setting)
    case .jobs: row.workload.jobs = try number(setting)
    case .readPercent: row.workload.readPercent = try number(setting)
    case .threads: row.export.threads = try number(setting)
    case .queueDepth: row.export.queueDepth = try number(setting)
    case .pollLimit: row.export.pollLimit = try number(setting)
    case .batch: row.export.batch = try number(setting)
    case .growable: row.export.growable = try flag(setting)
    case .direct: row.export.direct = try flag(setting)
    case .aio: row.export.aio = try choice(setting)
    case .allowOther: row.export.allowOther = try choice(setting)
    case .discard: row.export.discard = try choice(setting)
    }
  }

  /// The values that `text` stands for: `1..64` doubles from 1 to 64 (and has 64 in it, whatever it is), `cpus` is
  /// the number of CPUs, anything else stands for itself.
  static func values(_ text: String, cpus: Int) throws(KnobError) -> [String] {
    func end(_ word: Substring) -> Int64? { word == "cpus" ? Int64(cpus) : ByteSize.parse(word) }
    if text == "cpus" { return ["\(cpus)"] }
    guard let (low, rest) = text.cut(at: "."), rest.begins(with: ".") else { return [text] }
    guard let first = end(low), let last = end(rest.dropFirst()), first > 0, first <= last
    else { throw KnobError(description: "'\(text)' is no range such as 1..64, 512..1M or 1..cpus") }
    var values: [Int64] = []
    var next = first
    while next < last {
      values.append(next)
      let (doubled, overflow) = next.multipliedReportingOverflow(by: 2)
      next = overflow ? last : doubled
    }
    return (values + [last]).map { ByteSize.format($0) }
  }

  // MARK: texts

  private static func choice<Choice>(_ setting: KnobSetting) throws(KnobError) -> Choice
  where Choice: RawRepresentable & CaseIterable, Choice.RawValue == String {
    guard let choice = Choice(rawValue: setting.text) else {
      let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw KnobError(description: "'\(setting.name)' must be one of \(words), not '\(setting.text)'")
    }
    return choice
  }

  private static func number(_ setting: KnobSetting) throws(KnobError) -> Int {
    guard let number = ByteSize.parse(setting.text).flatMap({ Int(exactly: $0) }) else {
      throw KnobError(description: "'\(setting.name)' must be a number, not '\(setting.text)'")
    }
    return number
  }

  private static func size(_ setting: KnobSetting) throws(KnobError) -> Int {
    guard let bytes = ByteSize.parse(setting.text).flatMap({ Int(exactly: $0) }) else {
      throw KnobError(description: "'\(setting.name)' must be a size such as 4k or 1M, not '\(setting.text)'")
    }
    return bytes
  }

  private static func flag(_ setting: KnobSetting) throws(KnobError) -> Bool {
    switch setting.text {
    case "on", "yes", "true": true
    case "off", "no", "false": false
    default: throw KnobError(description: "'\(setting.name)' must be on or off, not '\(setting.text)'")
    }
  }
}
