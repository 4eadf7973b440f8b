// How an export is set up for a benchmark: what every row has, and what a row's knobs change.

extension ExportSettings {
  /// The settings of the export that serves `row` in `column`, of a node of `size` bytes.
  package init(row: Row, column: Column, size: Int64) {
    self.init()
    node = column.node ?? row.node
    self.size = size
    // Rows that only read get a writable export too: what is compared must not differ in more than the load.
    writable = true
    growable = row.export.growable ?? false
    direct = node == .file && row.export.direct ?? true
    aio = node == .file ? row.export.aio ?? .ioUring : .threads
    threads = row.export.threads ?? column.threads
    depth = row.export.queueDepth
    allowOther = row.export.allowOther ?? .auto
    discard = row.export.discard ?? .ignore
    pollLimit = row.export.pollLimit
    batch = row.export.batch
    eventLoop = column.eventLoop
  }
}

extension Subject {
  /// The command line in `mode`, with the same places always: two of them differ in what settings change only.
  private func line(_ mode: Mode, _ settings: ExportSettings, _ cpus: Int) -> [String]? {
    let places = Places(image: "image", mountPoint: "mount", pidfile: "pid", statistics: "stats")
    return try? arguments(mode: mode, settings: settings, places: places, cpus: cpus)
  }

  /// Whether a null node makes a difference to the command line that starts it in `mode`: otherwise it would serve the
  /// image under the name of nothing.
  func servesNull(in mode: Mode, cpus: Int) -> Bool {
    let words = [NodeKind.file, .null].map { node in
      var settings = ExportSettings()
      settings.node = node
      return line(mode, settings, cpus)
    }
    return words[0] != words[1]
  }

  /// What `row` asks of `column` and this subject has no way to do, one line each: the setting makes no difference to
  /// the command line that starts it.
  package func notes(row: Row, column: Column, size: Int64, cpus: Int) -> [String] {
    guard let mode = column.mode else { return [] }
    let wanted = ExportSettings(row: row, column: column, size: size)
    func isIgnored(_ change: (inout ExportSettings) -> Void) -> Bool {
      var other = wanted
      change(&other)
      return line(mode, other, cpus) == line(mode, wanted, cpus)
    }
    var notes: [String] = []
    if wanted.direct, isIgnored({ $0.direct = false }) {
      notes.append("\(name) cannot bypass the page cache: its node is not comparable with one that does")
    }
    if wanted.node == .file, wanted.aio != .threads, isIgnored({ $0.aio = .threads }) {
      notes.append("\(name) does its I/O in its own way, not by aio=\(wanted.aio.rawValue)")
    }
    if wanted.depth != nil, isIgnored({ $0.depth = nil }) { notes.append("\(name) has no queue-depth to set") }
    if row.export.allowOther != nil, isIgnored({ $0.allowOther = wanted.allowOther == .on ? .off : .on }) {
      notes.append("\(name) has no allow-other to set")
    }
    if wanted.discard == .unmap, wanted.node == .file, isIgnored({ $0.discard = .ignore }) {
      notes.append("\(name) has no discard to set")
    }
    if wanted.pollLimit != nil, isIgnored({ $0.pollLimit = nil }) {
      notes.append("\(name) has no poll-max-ns to set in \(mode)")
    }
    if wanted.batch != nil, isIgnored({ $0.batch = nil }) {
      notes.append("\(name) has no aio-max-batch to set in \(mode)")
    }
    if wanted.growable, isIgnored({ $0.growable = false }) { notes.append("\(name) cannot make an export growable") }
    if row.export.threads != nil, isIgnored({ $0.threads = (wanted.threads ?? 0) + 1 }) {
      notes.append("\(mode) has no iothreads in \(name): the row's number makes no difference")
    }
    return notes
  }
}
