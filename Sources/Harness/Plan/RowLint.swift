// What is wrong with a row before it runs: refused where its figure would be a fiction, noted where it must be
// read with care.

extension SuiteRow {
  /// Why this row would not measure what it says on `size` bytes, or nil when it does.
  func fault(size: Int64) -> String? { workload.fault(size: size) ?? export.fault }
}

extension Workload {
  /// Why this workload would not measure what it says on `size` bytes, or nil when it does.
  fileprivate func fault(size: Int64) -> String? {
    if let fault { return fault }
    let wanted = Double(block) * Double(depth) * Double(jobs)
    guard operation.runsFio, wanted > Double(size) else { return nil }
    let inFlight = ByteSize.format(Int64(Int(clamping: wanted)))
    return "the requests in flight (\(inFlight)) do not fit into \(ByteSize.format(size)); "
      + "make the suite's size larger"
  }
}

extension ExportKnobs {
  /// Why no export could be set up so, or nil.
  var fault: String? {
    if let threads, !(1...64).contains(threads) { return "threads must be between 1 and 64" }
    if let queueDepth, !(1...1024).contains(queueDepth) { return "queue-depth must be between 1 and 1024" }
    if let pollLimit, pollLimit < 0 { return "poll-max-ns must be 0 or more" }
    if let batch, !(1...1024).contains(batch) { return "aio-max-batch must be between 1 and 1024" }
    if aio == .native, direct == false {
      return "aio native needs direct: on; without it the kernel does not keep requests in flight"
    }
    return nil
  }
}

extension Row {
  /// The row's name with its node, as in `file read rand aio ×1`.
  package var title: String { "\(node.rawValue) \(workload.name)" }

  /// Why this row would not measure what it says on `size` bytes, or nil when it does.
  package func fault(size: Int64) -> String? { workload.fault(size: size) ?? export.fault }

  /// Where the page cache answers in place of what is measured, and other things that a reader of the figures must
  /// know, on a machine with `cpus` CPUs and a node of `size` bytes.
  func lints(size: Int64, cpus: Int) -> [String] {
    var notes: [String] = []
    if node == .null, export.direct != nil || export.aio != nil || export.discard != nil {
      notes.append("direct, aio and discard make no difference on a null node")
    }
    if workload.operation != .mixed, workload.readPercent != Workload(name: "").readPercent {
      notes.append("read-percent makes no difference to \(workload.operation.rawValue)")
    }
    let options = workload.fioOptions
    if workload.operation.isData, node == .file, export.direct == false {
      notes.append("the node goes through the host's page cache (direct: off): memory is measured, not the disk")
    }
    if options["direct"] == "0" || options["buffered"] == "1" {
      notes.append("fio goes through the client's page cache: many of its I/Os never reach the export")
    }
    if let set = options["size"] ?? options["io_size"] {
      notes.append("the working set is \(set) of \(ByteSize.format(size)) (fio.size): small ones live in caches")
    }
    if workload.jobs > cpus, workload.operation.isData {
      notes.append("\(workload.jobs) jobs share \(cpus) \(cpus == 1 ? "CPU" : "CPUs") with the export")
    }
    return notes
  }
}
