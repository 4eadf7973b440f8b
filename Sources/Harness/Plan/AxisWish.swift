// An axis that the command line asks for: `depth=1,4,16`.

/// An axis asked for, which replaces a suite's own of that name or is one more.
public struct AxisWish: Equatable, Sendable {
  /// The axis.
  let axis: SuiteAxis

  /// The axis that `words` names, as in `depth=1,4,16`, `block=512..64k` or `fio.thinktime=0,100`.
  /// - Throws: an error that says how it should read.
  public init(_ words: String, cpus: Int) throws {
    guard let sign = words.firstIndex(of: "="), sign != words.startIndex else {
      throw KnobFault(description: "--axis should read KNOB=VALUE,VALUE…, as in depth=1,4,16; not '\(words)'")
    }
    let name = String(words[..<sign])
    var points: [SuiteAxis.Point] = []
    for text in words[words.index(after: sign)...].split(separator: ",", omittingEmptySubsequences: false) {
      for value in try Knob.values(String(text), cpus: cpus) {
        let setting = KnobSetting(name: name, text: value)
        var scratch = SuiteRow(workload: Workload(name: ""))
        do {
          try Knob.apply(setting, to: &scratch)
        } catch {
          throw KnobFault(description: "--axis \(words): \(error)")
        }
        points.append(.init(label: "\(name) \(value)", settings: [setting]))
      }
    }
    axis = SuiteAxis(name: name, points: points)
  }
}
