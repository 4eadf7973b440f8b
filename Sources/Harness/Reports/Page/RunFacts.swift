// What a page says of the machine and of how samples were taken.

/// Facts of a run by their names.
enum RunFacts {
  struct Fact {
    let name: String
    let value: String
  }

  /// All that is known of the machine and of how samples were taken.
  static func all(_ run: StoredRun) -> [Fact] {
    let machine = run.machine
    let settings = run.settings
    func list(_ values: [String: String]) -> String {
      values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }.joined(separator: "; ")
    }
    var facts: [(name: String, value: String)] = [
      ("kernel", machine.kernel), ("system", machine.system),
      (
        "CPU",
        "\(machine.cpu); \(machine.cpusOnline) online, \(machine.cpusPossible) possible"
          + (machine.virtual ? "; virtual" : "")
      ),
      ("governor", machine.governor ?? "none"), ("memory", Figures.mebibytes(machine.memory) + " MiB"),
      ("fio", machine.fio), ("image on", machine.imageFileSystem), ("fuse module", list(machine.fuseParameters)),
      ("sysctls", list(machine.sysctls)),
      ("load when it began", machine.load.map { Figures.fixed($0, 2) }.joined(separator: ", ")),
      ("build", run.build.rawValue), ("budget", settings.budget.rawValue),
      ("sample", "\(Figures.seconds(settings.runtime)) after a ramp of \(Figures.seconds(settings.ramp))"),
      (
        "samples per cell",
        "\(settings.samples) to \(settings.maxSamples), until intervals are narrower than "
          + "\(Figures.general(settings.precision * 100)) %"
      ),
      ("idle CPUs (cpu-idle)", settings.cpuIdle?.rawValue ?? "not known"),
      ("smallest effect that matters", "\(Figures.general(settings.smallestEffect * 100)) %"),
      ("seed", "\(settings.seed)"), ("size of the node", Figures.size(settings.size)),
      ("begun, ended", "\(run.started), \(run.finished ?? "not ended")"),
    ]
    for column in run.columns {
      guard let version = column.version else { continue }
      facts.append((column.name, "\(column.program ?? column.subject ?? ""): \(version)"))
    }
    return facts.map { Fact(name: $0.name, value: $0.value) }
  }
}
