// Stored runs as CSV in long form: a line for every sample and figure, so that no reader needs to know the columns.

/// The CSV of runs. Quoting as in RFC 4180; lines end with a line feed.
enum CSVReport {
  static let head = "run,suite,node,workload,column,role,sample,figure,unit,value,note"

  static func lines(of runs: [StoredRun]) -> [String] { [head] + runs.flatMap(lines) }

  private static func lines(of run: StoredRun) -> [String] {
    run.cells.flatMap { cell -> [String] in
      let metric = run.rows.first { $0.node == cell.node && $0.workload.name == cell.workload }?.workload.metric
      let role = run.columns.first { $0.name == cell.column }?.role.rawValue ?? ""
      func line(_ sample: Int?, _ figure: String, _ unit: String, _ value: String, _ note: String = "") -> String {
        [
          plain(run.id), plain(run.suite), cell.node.rawValue, plain(cell.workload), plain(cell.column), role,
          sample.map(String.init) ?? "", plain(figure), unit, value, plain(note),
        ].map(quoted).joined(separator: ",")
      }
      // Samples of a failed cell count for nothing, so they are not handed on as numbers.
      if let failure = cell.failure { return [line(nil, "failure", "", "", failure)] }
      return cell.samples.flatMap { sample in
        figures(of: sample, metric ?? .rate).map {
          line(sample.index, $0.name, $0.unit, $0.value, sample.disturbance.map { "disturbed: \($0)" } ?? "")
        }
      } + (cell.costs?.figures ?? []).map { line(nil, "kernel_\($0.name)", "1/io", "\($0.value)") }
        + cell.dropped.map { line($0.index, "dropped", "", "", $0.reason) }
    }
  }

  private typealias Entry = (name: String, unit: String, value: String)

  private static func figures(of sample: Sample, _ metric: Metric) -> [Entry] {
    var entries: [Entry] = [(metric.rawValue, MetricFormat(metric).storedUnit, "\(sample.value)")]
    if let io = sample.io {
      entries += [
        ("iops", "1/s", "\(io.iops)"), ("read_iops", "1/s", "\(io.readIops)"),
        ("write_iops", "1/s", "\(io.writeIops)"), ("bandwidth", "bytes/s", "\(io.bandwidth)"),
        ("operations", "", "\(io.operations)"), ("seconds", "s", "\(io.seconds)"),
      ]
      if let latency = io.latency {
        entries += [
          ("latency_p50", "ns", "\(latency.p50)"), ("latency_p99", "ns", "\(latency.p99)"),
          ("latency_p999", "ns", "\(latency.p999)"), ("latency_max", "ns", "\(latency.max)"),
        ]
      }
      entries.append(("client_cpu", "us/io", "\(io.clientMicros)"))
    }
    if let server = sample.server {
      entries += [
        ("server_user_cpu", "us/io", "\(server.userMicros)"), ("server_system_cpu", "us/io", "\(server.systemMicros)"),
      ]
      if let switches = server.switches { entries.append(("server_switches", "1/io", "\(switches)")) }
      if let peak = server.peakResident { entries.append(("server_peak_resident", "bytes", "\(peak)")) }
      if let most = server.maxInFlight { entries.append(("server_max_in_flight", "", "\(most)")) }
      for (channel, count) in (server.channels ?? [:]).sorted(by: { $0.key < $1.key }) {
        entries.append(("requests_\(channel)", "", "\(count)"))
      }
    }
    if let host = sample.host {
      entries += [
        ("host_load", "", "\(host.load)"), ("host_steal", "%", "\(host.stealPercent)"),
        ("host_busy", "%", "\(host.busyPercent)"),
      ]
    }
    return entries
  }

  /// `text` so that a spreadsheet takes it for text and not for a formula. Numbers stay as they are: theirs may be
  /// negative.
  private static func plain(_ text: String) -> String {
    // A blank before it does not keep a spreadsheet from reading a formula.
    let mark = text.unicodeScalars.drop { $0.properties.isWhitespace }.first
    let begins = mark.map { "=+-@|%\u{ff1d}\u{ff0b}\u{ff0d}\u{ff20}".unicodeScalars.contains($0) } ?? false
    return begins ? "'" + text : text
  }

  private static func quoted(_ text: String) -> String {
    // By scalars: CR LF is one Character, and would be none of these.
    let isPlain = !text.unicodeScalars.contains { ",\"\n\r".unicodeScalars.contains($0) }
    return isPlain ? text : "\"" + text.escapingScalars { $0 == "\"" ? "\"\"" : nil } + "\""
  }
}
