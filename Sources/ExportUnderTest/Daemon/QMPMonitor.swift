// A control socket in use: what `--monitor` makes. Bytes in, commands done, replies and events out.

import Glibc

/// The conversation over one chardev, with one client after the other. Driven by the daemon's poll.
final class QMPMonitor {
  /// Unsent bytes from which on no further command is done: who does not read is not served.
  private static let highWater = 64 << 10
  /// Nanoseconds after which the daemon looks at everything else again, however many commands a client has sent.
  private static let turn: UInt64 = 50_000_000
  /// Unsent bytes at which a client that does not read loses its connection: events must not pile up.
  private static let limit = 1 << 20

  private let chardev: QMPChardev
  private let greeting: OptionValue
  private let isPretty: Bool
  private var session = QMPSession()
  private var splitter = QMPFramer()
  /// Commands that have been read and not yet done.
  private var pieces: ArraySlice<QMPFramer.Piece> = []
  private var unsent: [UInt8] = []
  private var hasEnded = false

  init(_ chardev: QMPChardev, greeting: OptionValue, isPretty: Bool) {
    self.chardev = chardev
    self.greeting = greeting
    self.isPretty = isPretty
    if chardev.input >= 0 { send(greeting) }
  }

  /// Whether somebody can still give a command.
  var isControllable: Bool { chardev.listens || chardev.input >= 0 }

  /// What to poll: for input or a client, and for room for output. A negative fd is left out.
  var requests: [pollfd] {
    guard chardev.input >= 0 else {
      return [
        pollfd(fd: chardev.listener, events: Int16(POLLIN), revents: 0), pollfd(fd: -1, events: 0, revents: 0),
      ]
    }
    let wantsInput = !hasEnded && pieces.isEmpty && unsent.count < Self.highWater
    return [
      // A negative fd: else the hang-up of a client that is not listened to now would wake the daemon without end.
      pollfd(fd: wantsInput ? chardev.input : -1, events: Int16(POLLIN), revents: 0),
      pollfd(fd: unsent.isEmpty ? -1 : chardev.output, events: Int16(POLLOUT), revents: 0),
    ]
  }

  /// Whether there are commands that need not be waited for.
  var hasCommands: Bool { chardev.input >= 0 && !pieces.isEmpty && unsent.count < Self.highWater }

  /// Works off what `found`, the answer to `requests`, says.
  /// - Parameters:
  ///   - execute: does one command.
  ///   - afterEach: called when a command's reply is on its way; false ends the conversation.
  func serve(_ found: ArraySlice<pollfd>, _ execute: QMPSession.Execution, afterEach: () -> Bool) {
    guard let input = found.first?.revents, let output = found.last?.revents else { return }
    if chardev.input < 0 {
      if input != 0, chardev.accept() { send(greeting) }
      return
    }
    if output != 0 { flush() }
    if input != 0 { receive() }
    let end = monotonicNanoseconds() + Self.turn
    while hasCommands, let piece = pieces.popFirst() {
      send(session.answer(piece, execute))
      guard afterEach() else { return }
      guard monotonicNanoseconds() < end else { break }
    }
    endIfDone()
  }

  private func receive() {
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    switch buffer.withUnsafeMutableBytes({ chardev.read(into: $0) }) {
    case .bytes(let count): pieces = splitter.take(buffer[..<count])[...]
    case .nothingNow: break
    case .ended: hasEnded = true
    }
  }

  /// Sends an event to a client that has negotiated.
  func send(_ event: QMPEvent) {
    if chardev.input >= 0, session.isNegotiated { send(event.value) }
  }

  private func send(_ value: OptionValue) {
    unsent += value.json(pretty: isPretty) + [13, 10]
    flush()
    guard unsent.count > Self.limit + Self.highWater else { return }
    report("control socket '\(chardev.id)': the client does not read; it is disconnected")
    drop()
  }

  private func flush() {
    var sent = 0
    var isOpen = true
    unsent.withUnsafeBytes { bytes in
      while sent < bytes.count {
        switch chardev.write(UnsafeRawBufferPointer(rebasing: bytes[sent...])) {
        case .bytes(let count): sent += count
        case .nothingNow: return
        case .ended:
          isOpen = false
          return
        }
      }
    }
    unsent.removeFirst(sent)
    if !isOpen { drop() }
  }

  /// A client that has said all and got all is gone.
  private func endIfDone() {
    if hasEnded, pieces.isEmpty, unsent.isEmpty { drop() }
  }

  /// Forgets the client; the exports stay.
  private func drop() {
    chardev.hangUp()
    session = QMPSession()
    splitter = QMPFramer()
    pieces = []
    unsent = []
    hasEnded = false
  }

  /// Before the process ends: gives the client at most `milliseconds` to take what is unsent.
  func finish(milliseconds: Int) {
    let end = monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    while !unsent.isEmpty, chardev.output >= 0, monotonicNanoseconds() < end {
      var request = pollfd(fd: chardev.output, events: Int16(POLLOUT), revents: 0)
      _ = poll(&request, 1, 10)
      flush()
    }
    drop()
  }
}
