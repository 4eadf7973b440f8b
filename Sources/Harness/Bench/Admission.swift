// Whether two sides may be compared at all, found out before anything is measured where that is possible.

/// What keeps two sides from being compared.
package struct Admission: Equatable, Sendable {
  /// One line each; empty if nothing does.
  let obstacles: [String]
  /// The two sides, in words.
  let sides: String

  /// Of two stored runs.
  package init(_ before: StoredRun, _ after: StoredRun) {
    obstacles = before.obstacles(to: after)
    sides = "\(before.id) and \(after.id)"
  }

  /// Of a stored run with anything that this machine measures today; fio and the image's place count as the same,
  /// they show later.
  package init(ofToday before: StoredRun) {
    let machine = before.machine
    obstacles = machine.differences(
      from: MachineProfile.collect(fio: machine.fio, imageFileSystem: machine.imageFileSystem))
    sides = "\(before.id) and this machine"
  }

  /// Of the baseline of `gate` with what `bench` is going to measure.
  /// - Throws: `BenchError` if they will have no row and column in common, which nobody can insist on.
  package init(_ gate: BenchGate, _ bench: Bench) throws(BenchError) {
    let baseline = gate.baseline
    guard let plan = bench.plans.first(where: { $0.suite == baseline.suite }) else {
      throw BenchError(
        "\(baseline.id) is of suite \(baseline.suite), which will not be measured; add --suite \(baseline.suite)")
    }
    let rows = Set(plan.rows.map(\.title)).intersection(baseline.rows.map(\.title))
    guard !rows.isEmpty else {
      throw BenchError(
        "\(baseline.id) has none of the rows asked for; it has \(TextFormat.first(4, of: baseline.rows.map(\.title)))")
    }
    func compared(_ columns: [Column]) -> [String] { columns.filter { $0.role == .compared }.map(\.name) }
    guard !Set(compared(plan.columns)).isDisjoint(with: compared(baseline.columns)) else {
      throw BenchError(
        "\(baseline.id) compares \(compared(baseline.columns).joined(separator: ", ")), not "
          + "\(compared(plan.columns).joined(separator: ", ")); choose with --mode, --subject and --program")
    }
    let planned = StoredRun(id: "this run", plan: plan, started: "", command: [], machine: baseline.machine)
    obstacles = baseline.obstacles(to: planned)
    sides = "\(baseline.id) and this run"
  }

  /// Lets the comparison go on. `tell` hears what is to be said of it, if there is something.
  /// - Throws: `BenchError` if something keeps the sides from being compared and nobody insists.
  package func admit(force: Bool, tell: (String) -> Void) throws(BenchError) {
    guard !obstacles.isEmpty else { return }
    let list = obstacles.map { "  \($0)\n" }.joined()
    guard force else { throw BenchError("\(sides) cannot be compared (--force does it all the same):\n\(list)") }
    tell("Compared although these differ:\n\(list)")
  }
}
