// Did the export serve over the transport that the cell is labelled with? A pure function of its statistics.

/// What an export's statistics say about the transport asked for.
package enum TransportProof: Codable, Sendable, Equatable {
  /// The numbers agree with the label; the text has them.
  case proven(String)
  /// The subject tells nothing; the text says why.
  case unproven(String)
  /// The numbers contradict the label; the text has them.
  case refuted(String)

  /// The share of READ and WRITE requests that must have come over the transport asked for.
  package static let share = 0.99

  /// Judges `statistics` of an export that was started in `mode`.
  /// - Parameters:
  ///   - eventLoop: what its serving threads were told to wait by; nil if they were not told.
  ///   - parallelLoad: whether the load kept several requests in flight; then each queue of a multithread export must
  ///     have served some.
  package static func of(
    mode: Mode, eventLoop: EventLoop? = nil, statistics: ExportStatistics?, parallelLoad: Bool
  ) -> TransportProof {
    guard let statistics else { return .unproven("the subject writes no statistics") }
    guard statistics.transport == mode.rawValue else {
      return .refuted("asked for \(mode), but the export says that it served over \(statistics.transport)")
    }
    if let eventLoop {
      let loops = statistics.eventLoops ?? []
      guard !loops.isEmpty, loops.allSatisfy({ $0 == eventLoop.rawValue }) else {
        let told = loops.isEmpty ? "tells of none" : "says that it used \(loops.joined(separator: ", "))"
        return .refuted("asked for the event loop \(eventLoop.rawValue), but the export \(told)")
      }
    }
    let prefix = mode == .ioUring ? "queue." : "device."
    let total = statistics.channels.reduce(0) { $0 + $1.dataRequests }
    let served = statistics.channels.filter { $0.channel.begins(with: prefix) }
    let right = served.reduce(0) { $0 + $1.dataRequests }
    let name = mode == .ioUring ? "ring queues" : "/dev/fuse"
    let numbers = "\(right) of \(total) reads and writes over \(name)"
    guard Double(right) >= share * Double(total) else {
      return .refuted("only \(numbers); at least 99 % must be")
    }
    if mode == .legacy, served.count > 1 {
      return .refuted("legacy has one descriptor, but the export used \(served.count)")
    }
    if mode == .multithread {
      guard served.count == statistics.threads.count, served.count > 0 else {
        return .refuted("\(statistics.threads.count) iothreads but \(served.count) descriptors")
      }
      let idle = served.filter { $0.dataRequests == 0 }.map(\.channel)
      if parallelLoad, !idle.isEmpty {
        let counts = served.map { "\($0.channel) \($0.dataRequests)" }.joined(separator: ", ")
        return .refuted("unused under parallel load: \(idle.joined(separator: ", ")) (\(counts))")
      }
    }
    return .proven(numbers)
  }
}
