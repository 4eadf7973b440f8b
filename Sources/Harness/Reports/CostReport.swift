// What a gate on the kernel's counts comes to, as text: one line, and one for each count that is too much.

/// Text of a gate on counts.
package enum CostReport {
  /// The lines of `result`; with a line feed at the end.
  package static func text(_ result: CostGate.Result) -> String {
    let lines = result.excesses.map { "costs more: \(words($0))" }
    let limit = "\(Figures.general(result.limit * 100)) %"
    let count = TextFormat.count(result.entries.count, "count")
    let last =
      result.passes
      ? "none of \(count) per I/O is more than \(limit) above the baseline's."
      : "\(result.excesses.count) of \(count) per I/O are more than \(limit) above the baseline's, counted twice."
    return (lines + [last]).flatMap { wrapped($0, width: 100, indent: "  ") }.map { $0 + "\n" }.joined()
  }

  /// `null read rand aio ×1 legacy: 2.00 system calls per I/O, then 1.50 (+33.3%)`.
  static func words(_ entry: CostGate.Entry) -> String {
    let name = entry.name.replacing("_", with: " ").replacing("wakeups", with: "wake-ups")
    let now = Figures.fixed(min(entry.after, entry.again ?? entry.after), 3)
    let change = entry.change.isFinite ? " (\(Figures.percent(entry.change)))" : ""
    return "\(entry.row) \(entry.column): \(now) \(name) per I/O, in the baseline "
      + "\(Figures.fixed(entry.before, 3))\(change)"
  }
}
