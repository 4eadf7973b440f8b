// What keeps the figures of two machines from being compared.

extension MachineProfile {
  /// The facts in which `other` differs from this machine, one line each, as in `kernel: 6.14.0, 6.18.1`.
  ///
  /// The load is none of them: it says how a machine was that day, and is kept with every sample.
  package func differences(from other: MachineProfile) -> [String] {
    var lines: [String] = []
    func compare(_ name: String, _ value: (MachineProfile) -> String) {
      let (left, right) = (value(self), value(other))
      if left != right { lines.append("\(name): \(left), \(right)") }
    }
    compare("kernel") { $0.kernel }
    compare("system") { $0.system }
    compare("CPU") { $0.cpu }
    compare("CPUs online") { "\($0.cpusOnline)" }
    compare("CPUs possible") { "\($0.cpusPossible)" }
    compare("governor") { $0.governor ?? "none" }
    compare("virtual") { $0.virtual ? "yes" : "no" }
    // Machines of one kind differ by some MiB, by what their firmware keeps for itself.
    compare("memory") { "\(Int(clamping: (Double($0.memory) / Double(1 << 30)).rounded())) GiB" }
    compare("fio") { $0.fio }
    compare("image on") { $0.imageFileSystem }
    for name in Set(fuseParameters.keys).union(other.fuseParameters.keys).sorted() {
      compare("fuse.\(name)") { $0.fuseParameters[name] ?? "none" }
    }
    for name in Set(sysctls.keys).union(other.sysctls.keys).sorted() {
      compare(name) { $0.sysctls[name] ?? "none" }
    }
    return lines
  }
}
