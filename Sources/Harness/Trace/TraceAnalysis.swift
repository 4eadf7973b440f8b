// From events to the time that requests spent in each stage.

/// Follows a trace event by event. Requests have a number where they are sent and answered; in between only kinds of
/// events tell how many go on to the next stage. Numbers of requests are enough for mean times (`TraceBreakdown.mean`).
package struct TraceAnalysis {
  /// Whom the trace is about.
  package struct Subject: Sendable {
    /// The tasks of the server's process.
    package var server: Set<Int32>
    /// The mount's connection, as the kernel numbers it.
    package var connection: UInt64

    /// The server's tasks, and the connection that it serves.
    package init(server: Set<Int32>, connection: UInt64) {
      self.server = server
      self.connection = connection
    }
  }

  private let subject: Subject
  private let slowest: Int
  private var out: TraceBreakdown

  /// Requests per stage, the two that depend on the server taken together.
  private var queued = 0
  private var served = 0
  private var back = 0
  private var atDisk: Set<TraceEvent.BlockRange> = []
  private var open: [UInt64: Sent] = [:]
  private var running: [Int: Int32] = [:]
  private var wokenAt: [Int32: Int64] = [:]
  private var clients: Set<Int32> = []
  private var fuseCommands: Set<UInt64> = []
  private var first: Int64?
  private var last: Int64 = 0
  private var taken = 0

  private struct Sent {
    var opcode: UInt32
    var time: Int64
    var serverRan: Int64
    var diskOnly: Int64
    var others: Int
  }
  /// Time in which no thread of the server ran and something was at the disk.
  private var diskOnly: Int64 = 0

  /// An analysis of `subject` in `mode`, which keeps the `slowest` requests.
  package init(mode: Mode, subject: Subject, slowest: Int) {
    self.subject = subject
    self.slowest = slowest
    out = TraceBreakdown(mode: mode)
  }

  /// Takes the next event, in the order of time.
  package mutating func add(_ event: TraceEvent) {
    pass(to: event.time)
    switch event.kind {
    case .send(subject.connection, let unique, let opcode): send(unique, opcode, event)
    case .end(subject.connection, let unique): end(unique, event.time)
    case .send, .end: break
    case .read(let result):
      if result >= Self.smallestRequest, subject.server.contains(event.task) { take() }
    case .submitted(let request, let isFuseCommand):
      if isFuseCommand, subject.server.contains(event.task) { fuseCommands.insert(request) }
    case .completed(let request, let result):
      if fuseCommands.remove(request) != nil, result == 0 { take() }
    case .issued(let range):
      if subject.server.contains(event.task) { issue(range) }
    case .finished(let range):
      if atDisk.remove(range) != nil { back += 1 }
    case .waking(let task): wokenAt[task] = event.time
    case .switched(let previous, let next): change(event, previous, next)
    }
  }

  /// The breakdown of what was added.
  package consuming func finish() -> TraceBreakdown {
    out.span = first.map { last - $0 } ?? 0
    note()
    return out
  }

  /// sizeof(struct fuse_in_header): less is no request (include/uapi/linux/fuse.h).
  private static let smallestRequest: Int64 = 40

  // MARK: time

  /// A recording lasts seconds: what claims to be an hour later is no time, and sums of such would grow beyond an
  /// Int64.
  private static let longest: Int64 = 3600 * 1_000_000_000

  private var serverRuns: Bool { running.values.contains { subject.server.contains($0) } }

  /// Everything stays as it is until `time`.
  private mutating func pass(to time: Int64) {
    guard let first else {
      first = time
      last = time
      return
    }
    guard time - first <= Self.longest else { return }
    let passed = max(0, time - last)
    last = max(last, time)
    let runs = serverRuns
    func add(_ stage: TraceStage, _ count: Int) { out.stages[stage, default: 0] += passed * Int64(count) }
    add(runs ? .queuedBusy : .queuedIdle, queued)
    add(.served, served)
    add(.node, atDisk.count)
    add(runs ? .answering : .waking, back)
    if runs { out.serverRan += passed }
    if !atDisk.isEmpty { out.diskBusy += passed }
    if !runs, !atDisk.isEmpty { diskOnly += passed }
  }

  // MARK: requests

  private mutating func send(_ unique: UInt64, _ opcode: UInt32, _ event: TraceEvent) {
    let sent = Sent(
      opcode: opcode, time: event.time, serverRan: out.serverRan, diskOnly: diskOnly, others: open.count)
    open[unique] = sent
    queued += 1
    if !subject.server.contains(event.task) { clients.insert(event.task) }
  }

  private mutating func take() {
    guard queued > 0 else { return }
    queued -= 1
    served += 1
    taken += 1
  }

  private mutating func issue(_ range: TraceEvent.BlockRange) {
    // One that was never seen to be taken, or the second of a request that needs several, stays where it is.
    guard served > 0, atDisk.insert(range).inserted else { return }
    served -= 1
    out.throughDisk += 1
  }

  /// Whichever request was counted on, one fewer is under way: one that is back, if there is one.
  private mutating func end(_ unique: UInt64, _ time: Int64) {
    guard let sent = open.removeValue(forKey: unique) else { return }
    if back > 0 {
      back -= 1
    } else if served > 0 {
      served -= 1
    } else if queued > 0 {
      queued -= 1
    } else if let any = atDisk.first {
      atDisk.remove(any)
    }
    out.requests += 1
    keep(
      TracedRequest(
        unique: unique, opcode: sent.opcode, sent: sent.time - (first ?? 0), duration: time - sent.time,
        serverRan: out.serverRan - sent.serverRan, diskOnly: diskOnly - sent.diskOnly, others: sent.others))
  }

  private mutating func keep(_ request: TracedRequest) {
    guard slowest > 0 else { return }
    if out.slowest.count == slowest, let least = out.slowest.last, least.duration >= request.duration { return }
    let place = out.slowest.firstIndex { $0.duration < request.duration } ?? out.slowest.count
    out.slowest.insert(request, at: place)
    if out.slowest.count > slowest { out.slowest.removeLast() }
  }

  // MARK: tasks

  private mutating func change(_ event: TraceEvent, _ previous: Int32, _ next: Int32) {
    running[event.cpu] = next
    guard let woken = wokenAt.removeValue(forKey: next) else { return }
    let took = event.time - woken
    if subject.server.contains(next) {
      out.serverWakes.count += 1
      out.serverWakes.nanoseconds += took
    } else if clients.contains(next) {
      out.clientWakes.count += 1
      out.clientWakes.nanoseconds += took
    }
  }

  // MARK: what was not seen

  private mutating func note() {
    guard out.requests > 0 else {
      out.notes.append("no request was answered while the trace ran")
      return
    }
    if Double(taken) < 0.9 * Double(out.requests) {
      // It takes requests in a way that leaves no event, or the kernel has not the events.
      out.notes.append(
        "\(taken) of \(out.requests) requests were seen to be taken: the rest count as queued until they are answered")
    }
    if out.throughDisk > 0, Double(out.throughDisk) < 0.9 * Double(out.requests) {
      out.notes.append(
        "\(out.throughDisk) of \(out.requests) requests were seen at a disk: the rest count as served until they are"
          + " answered (caches, merged requests, or work that the kernel's own threads hand on)")
    }
  }
}
