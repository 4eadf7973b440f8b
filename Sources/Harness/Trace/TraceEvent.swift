// What the kernel recorded, one event at a time: the lines that `trace-cmd report -R -t` prints.

/// An event of a trace.
package struct TraceEvent: Equatable, Sendable {
  /// What happened.
  package enum Kind: Equatable, Sendable {
    /// A client's task put a request into the queue of connection `connection`.
    case send(connection: UInt64, unique: UInt64, opcode: UInt32)
    /// The kernel has a request's answer.
    case end(connection: UInt64, unique: UInt64)
    /// A read or readv of the task came back with `result` bytes, or a negative errno.
    case read(result: Int64)
    /// An entry was handed to an io_uring; `request` is the kernel's name for it until it completes.
    case submitted(request: UInt64, isFuseCommand: Bool)
    /// An entry of an io_uring completed.
    case completed(request: UInt64, result: Int64)
    /// A request went to a disk.
    case issued(BlockRange)
    /// It came back from there.
    case finished(BlockRange)
    /// `task` was asleep and is to run.
    case waking(task: Int32)
    /// The CPU goes from one task to another; 0 is the idle task.
    case switched(from: Int32, to: Int32)
  }

  /// Where on which disk: what tells block requests from each other while they are at the disk.
  package struct BlockRange: Hashable, Sendable {
    let device: UInt64
    let sector: UInt64
  }

  /// Nanoseconds on the machine's monotonic clock.
  package let time: Int64
  /// The CPU.
  package let cpu: Int
  /// The task that ran; block events that end a request happen to whichever task was interrupted.
  package let task: Int32
  /// What happened.
  package let kind: Kind
}

extension TraceEvent {
  /// The event in `line`; nil where the line holds none that counts here.
  ///
  /// A line reads `buffer:  comm-PID [CPU]  SECONDS.NANOSECONDS: NAME:   KEY=VALUE KEY=VALUE…`. A comm may hold
  /// anything, so what stands behind it is found from the CPU's brackets on.
  package init?(line: some Collection<UInt8>) {
    let bytes = Array(line)
    guard let place = Self.place(in: bytes) else { return nil }
    var text = TraceText(bytes, from: place.end)
    guard let time = text.nanoseconds(), let name = text.name() else { return nil }
    guard let kind = Self.kind(name, text) else { return nil }
    self.time = time
    self.cpu = place.cpu
    self.task = place.task
    self.kind = kind
  }

  /// Task and CPU: the first `-DIGITS [DIGITS]` of the line, and where it ends. Short numbers of tasks are followed by
  /// more blanks: they are printed in columns of five.
  private static func place(in bytes: [UInt8]) -> (task: Int32, cpu: Int, end: Int)? {
    var open = bytes.firstIndex(of: UInt8(ascii: "["))
    while let bracket = open {
      let head = bytes[..<bracket]
      if let close = bytes[bracket...].firstIndex(of: UInt8(ascii: "]")), head.last == 0x20,
        let cpu = Int(String(decoding: bytes[(bracket + 1)..<close], as: UTF8.self)),
        let last = head.lastIndex(where: { $0 != 0x20 }), let dash = head[...last].lastIndex(of: UInt8(ascii: "-")),
        let task = Int32(String(decoding: bytes[(dash + 1)...last], as: UTF8.self))
      {
        return (task, cpu, close + 1)
      }
      open = bytes[(bracket + 1)...].firstIndex(of: UInt8(ascii: "["))
    }
    return nil
  }

  private static func kind(_ name: String, _ text: TraceText) -> Kind? {
    switch name {
    case "fuse_request_send":
      guard let connection = text.number("connection"), let unique = text.number("unique"),
        let opcode = text.number("opcode")
      else { return nil }
      return .send(connection: connection, unique: unique, opcode: UInt32(truncatingIfNeeded: opcode))
    case "fuse_request_end":
      guard let connection = text.number("connection"), let unique = text.number("unique") else { return nil }
      return .end(connection: connection, unique: unique)
    case "sys_exit_read", "sys_exit_readv":
      return text.number("ret").map { .read(result: Int64(bitPattern: $0)) }
    case "io_uring_submit_req":
      return text.number("req").map { .submitted(request: $0, isFuseCommand: text.number("opcode") == uringCommand) }
    case "io_uring_complete":
      guard let request = text.number("req"), let result = text.number("res") else { return nil }
      return .completed(request: request, result: Int64(bitPattern: result))
    case "block_rq_issue": return text.range.map(Kind.issued)
    case "block_rq_complete": return text.range.map(Kind.finished)
    case "sched_waking":
      return text.number("pid").map { .waking(task: Int32(truncatingIfNeeded: $0)) }
    case "sched_switch":
      guard let previous = text.number("prev_pid"), let next = text.number("next_pid") else { return nil }
      return .switched(from: Int32(truncatingIfNeeded: previous), to: Int32(truncatingIfNeeded: next))
    default: return nil
    }
  }

  /// IORING_OP_URING_CMD of the kernel's ABI.
  private static let uringCommand: UInt64 = 46
}

/// The part of a line behind the CPU, read from left to right.
private struct TraceText {
  private let bytes: [UInt8]
  private var at: Int

  init(_ bytes: [UInt8], from start: Int) {
    self.bytes = bytes
    at = start
  }

  /// `SECONDS.NANOSECONDS:`
  mutating func nanoseconds() -> Int64? {
    skipBlanks()
    guard let dot = bytes[at...].firstIndex(of: UInt8(ascii: ".")),
      let colon = bytes[dot...].firstIndex(of: UInt8(ascii: ":")), colon - dot == 10,
      let seconds = Int64(String(decoding: bytes[at..<dot], as: UTF8.self)), 0...0xFFFF_FFFF ~= seconds,
      let rest = Int64(String(decoding: bytes[(dot + 1)..<colon], as: UTF8.self))
    else { return nil }
    at = colon + 1
    return seconds * 1_000_000_000 + rest
  }

  /// `NAME:`
  mutating func name() -> String? {
    skipBlanks()
    guard at < bytes.count, let colon = bytes[at...].firstIndex(of: UInt8(ascii: ":")) else { return nil }
    defer { at = colon + 1 }
    return String(decoding: bytes[at..<colon], as: UTF8.self)
  }

  /// The value of `KEY=VALUE`, decimal or hexadecimal; of several the last, for a comm may hold one too.
  func number(_ key: String) -> UInt64? {
    let wanted = Array(" \(key)=".utf8)
    var start = bytes.count - wanted.count
    while start >= at {
      if bytes[start] == 0x20, bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
        return Self.number(bytes[(start + wanted.count)...].prefix { $0 != 0x20 })
      }
      start -= 1
    }
    return nil
  }

  var range: TraceEvent.BlockRange? {
    guard let device = number("dev"), let sector = number("sector") else { return nil }
    return TraceEvent.BlockRange(device: device, sector: sector)
  }

  private static func number(_ word: ArraySlice<UInt8>) -> UInt64? {
    let text = String(decoding: word, as: UTF8.self)
    if text.hasPrefix("0x") { return UInt64(text.dropFirst(2), radix: 16) }
    return UInt64(text) ?? Int64(text).map { UInt64(bitPattern: $0) }
  }

  private mutating func skipBlanks() {
    while at < bytes.count, bytes[at] == 0x20 { at += 1 }
  }
}
