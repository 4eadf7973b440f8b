// A stored run in Go's benchmark format: benchstat then compares columns (-col /column) or runs (two files).

/// The benchstat form of a run: configuration lines, then a line for every sample.
enum BenchstatReport {
  static func lines(of run: StoredRun) -> [String] {
    var lines = [
      "goos: linux", "pkg: fusebench/\(word(run.suite))", "cpu: \(line(run.machine.cpu))",
      "kernel: \(line(run.machine.kernel))", "fio: \(line(run.machine.fio))", "build: \(run.build.rawValue)",
      "run: \(line(run.id))", "Unit IOPS better=higher", "",
    ]
    if let idle = run.settings.cpuIdle { lines.insert("cpu-idle: \(idle.rawValue)", at: lines.count - 2) }
    for row in run.rows {
      for column in run.columns {
        guard let cell = run.cell(node: row.node, workload: row.workload.name, column: column.name),
          cell.failure == nil
        else { continue }
        let name =
          "BenchmarkExport/node=\(row.node.rawValue)/load=\(word(row.workload.name))/column=\(word(column.name))"
        lines += cell.samples.map { "\(name) \(measures($0, row.workload.metric))" }
      }
    }
    return lines
  }

  /// The iterations, and every figure with its unit. Times are in ns/op, which benchstat knows to be better when less.
  private static func measures(_ sample: Sample, _ metric: Metric) -> String {
    let count = max(1, sample.io?.operations ?? 1)
    var parts: [String] = []
    switch metric {
    case .rate:
      if sample.value > 0 { parts.append("\(Figures.fixed(1e9 / sample.value, 1)) ns/op") }
      parts.append("\(Figures.fixed(sample.value, 1)) IOPS")
    case .latency: parts.append("\(Figures.fixed(sample.value, 0)) ns/op")
    case .time: parts.append("\(Figures.fixed(sample.value * 1e9, 0)) ns/op")
    case .memory: parts.append("\(Figures.fixed(sample.value, 0)) resident-bytes")
    }
    if let latency = sample.io?.latency { parts += ["\(latency.p50) p50-ns", "\(latency.p99) p99-ns"] }
    if let io = sample.io { parts.append("\(Figures.fixed(io.clientMicros * 1000, 1)) client-ns/op") }
    if let server = sample.server { parts.append("\(Figures.fixed(server.micros * 1000, 1)) server-ns/op") }
    return "\(count) " + parts.joined(separator: " ")
  }

  /// A benchmark's name ends at a blank, and its parts at a slash.
  private static func word(_ text: String) -> String {
    String(text.map { $0.isWhitespace || $0 == "/" || $0 == "=" ? "_" : $0 })
  }

  private static func line(_ text: String) -> String { String(text.map { $0.isNewline ? " " : $0 }) }
}
