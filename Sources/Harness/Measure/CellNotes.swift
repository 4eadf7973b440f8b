// What a cell's samples say about themselves: was the load what its row promises?

extension BenchCell {
  /// The least share of I/Os that must have been submitted at the full depth, and of requests that must have been in
  /// flight at once in the export; with less the cell is noted.
  static let depthShare = 0.75

  /// What must be known beside the figures of `samples`, one line each.
  static func notes(of samples: [Sample], in workload: Workload, on node: NodeKind) -> [String] {
    guard workload.operation.isData, !samples.isEmpty else { return [] }
    var notes: [String] = []
    let shares = samples.compactMap(\.io?.atDepth)
    if workload.depth > 1, let least = shares.min(), least < depthShare {
      let percent = Int(clamping: (least * 100).rounded(.down))
      notes.append("depth \(workload.depth) was not reached: \(percent) % of fio's I/Os were submitted at it")
    }
    let asked = workload.depth * workload.jobs
    let most = samples.compactMap(\.server?.maxInFlight).max()
    // A null node has answered a request before the next one is looked at: one in flight is all that it needs.
    if node == .file, workload.depth > 1, let most, Double(most) < depthShare * Double(asked) {
      notes.append("the export had at most \(most) of \(asked) requests in flight at once")
    }
    return notes
  }
}
