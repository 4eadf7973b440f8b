// Which colour is which column: the same on every plot and every page.

/// Colours of columns, by their names.
struct ColumnInks: Sendable {
  private let numbers: [String: Int]

  /// What nearly every run has looks the same on every page.
  private static let usual = [
    "raw": 1, "legacy": 2, "multithread": 3, "io_uring": 4, "null": 5, "legacy again": 6, "floor": 7, "loop": 9,
    "nbd": 10,
  ]

  /// Colours for the columns of `runs`, which are shown on one page. A name that is not usual has its colour from its
  /// letters, so that it is likely to have the same beside others; none stands for two columns while there are enough.
  init(_ runs: [StoredRun]) {
    var numbers: [String: Int] = [:]
    var free = Set(1...Plot.Ink.columns)
    let names = runs.flatMap { $0.columns.map(\.name) }
    for name in names {
      guard let number = Self.usual[name] else { continue }
      numbers[name] = number
      free.remove(number)
    }
    for name in names where numbers[name] == nil {
      let start = Int(Self.hash(name) % UInt64(Plot.Ink.columns))
      let all = (0..<Plot.Ink.columns).map { (start + $0) % Plot.Ink.columns + 1 }
      let number = all.first(where: free.contains) ?? start + 1
      numbers[name] = number
      free.remove(number)
    }
    self.numbers = numbers
  }

  /// The number of the colour of the column `name`, from 1.
  func number(of name: String) -> Int { numbers[name] ?? 1 }

  /// The colour of the column `name` in gnuplot's commands.
  func ink(_ name: String) -> String { Plot.Ink.column(number(of: name)) }

  /// FNV-1a of the letters: Swift's own hash is another one in each process.
  private static func hash(_ name: String) -> UInt64 {
    name.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
