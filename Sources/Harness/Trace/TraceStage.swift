// Where a request can be on its way from a client's call to its answer, and how long requests were there.

/// A stage of a request's way. At every moment each request is in one of them.
package enum TraceStage: String, CaseIterable, Codable, Sendable {
  /// In the kernel's queue while no thread of the server runs: the server has to be woken, or waits for a CPU.
  case queuedIdle = "queued, server off CPU"
  /// In the kernel's queue while the server runs: it does something else first.
  case queuedBusy = "queued, server on CPU"
  /// Taken by the server and not yet at a disk; of a node without a disk, until the answer.
  case served = "served"
  /// At the disk.
  case node = "at the disk"
  /// Back from the disk while no thread of the server runs.
  case waking = "back, server off CPU"
  /// Back from the disk while the server runs: its turn comes, and its answer is written.
  case answering = "back, server on CPU"

  /// The stage in a table's head.
  package var head: String {
    switch self {
    case .queuedIdle: "queued/off"
    case .queuedBusy: "queued/on"
    case .served: "served"
    case .node: "disk"
    case .waking: "back/off"
    case .answering: "back/on"
    }
  }
}

/// What one request went through, by what the server and the disk did meanwhile.
package struct TracedRequest: Codable, Equatable, Sendable {
  /// The request's number, which the kernel gives.
  package var unique: UInt64
  /// The FUSE operation's number.
  package var opcode: UInt32
  /// Nanoseconds from the trace's start until it was sent.
  package var sent: Int64
  /// Nanoseconds from its being sent until its answer.
  package var duration: Int64
  /// Nanoseconds of these while a thread of the server ran.
  package var serverRan: Int64
  /// Nanoseconds while none ran, and something was at the disk.
  package var diskOnly: Int64
  /// Requests that were under way when it was sent.
  package var others: Int

  /// Nanoseconds while no thread of the server ran and nothing was at the disk: somebody was to be woken.
  package var nobody: Int64 { max(0, duration - serverRan - diskOnly) }
}

/// Where the time of requests went in one mode.
package struct TraceBreakdown: Codable, Equatable, Sendable {
  /// The mode.
  package var mode: Mode
  /// Requests that were answered.
  package var requests = 0
  /// Nanoseconds from the first event to the last.
  package var span: Int64 = 0
  /// Nanoseconds that requests spent in each stage, summed over requests.
  package var stages: [TraceStage: Int64] = [:]
  /// Nanoseconds in which at least one thread of the server ran.
  package var serverRan: Int64 = 0
  /// Nanoseconds in which at least one of the server's requests was at the disk.
  package var diskBusy: Int64 = 0
  /// How often the server was woken, and how long until it ran.
  package var serverWakes = WakeCount()
  /// The same of the clients.
  package var clientWakes = WakeCount()
  /// Requests whose way to the disk and back was seen.
  package var throughDisk = 0
  /// The slowest requests, the slowest first.
  package var slowest: [TracedRequest] = []
  /// What could not be seen, and why; one line each.
  package var notes: [String] = []

  /// A breakdown of `mode` in which nothing has happened yet.
  package init(mode: Mode) { self.mode = mode }

  /// Wake-ups, and how long they took.
  package struct WakeCount: Codable, Equatable, Sendable {
    /// How many.
    package var count = 0
    /// From being woken to running, summed.
    package var nanoseconds: Int64 = 0
    /// Microseconds from being woken to running, on average; nil without a wake-up.
    package var mean: Double? { count > 0 ? Double(nanoseconds) / Double(count) / 1000 : nil }
  }

  /// Microseconds of a request in `stage`, on average. By Little's law this is the mean number of requests there, by
  /// the rate at which they come: nothing has to know which request is which.
  package func mean(_ stage: TraceStage) -> Double {
    requests > 0 ? Double(stages[stage] ?? 0) / Double(requests) / 1000 : 0
  }

  /// Microseconds of a request, on average.
  package var total: Double { TraceStage.allCases.reduce(0) { $0 + mean($1) } }
  /// Answers per second.
  package var rate: Double { span > 0 ? Double(requests) * 1e9 / Double(span) : 0 }
  /// Requests at the disk, on average.
  package var diskDepth: Double { span > 0 ? Double(stages[.node] ?? 0) / Double(span) : 0 }
  /// Of the time, the share in which the server ran.
  package var serverShare: Double { span > 0 ? Double(serverRan) / Double(span) : 0 }
  /// Of the time, the share in which the disk had something to do.
  package var diskShare: Double { span > 0 ? Double(diskBusy) / Double(span) : 0 }
}
