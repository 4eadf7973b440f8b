// The daemon: builds the objects in the order of the options, then waits for signals and for exports that end.

import CLinux
import Glibc
import Synchronization

/// One process of the export under test.
final class Daemon {
  private let graph: ObjectGraph
  private let bell: Int32
  private let signals: Int32
  private var pidFile: PIDFile?

  /// Blocks the signals that end or ask the process, before any thread exists that could get them.
  init() throws {
    signal(SIGPIPE, SIG_IGN)
    signals = try checked(clinux_signalfd([SIGTERM, SIGINT, SIGHUP, SIGUSR1], 4), "cannot receive signals")
    bell = try checked(clinux_eventfd(), "cannot make an eventfd")
    graph = ObjectGraph(bell: bell)
    Polling.maxPollers.store(max(1, Processors.online - 1), ordering: .relaxed)
  }

  /// Makes everything that `words` asks for.
  func build(_ words: CommandLineWords) throws {
    for command in words.commands {
      switch command {
      case .object(let text):
        try naming("--object \(text)") { try graph.addObject(OptionValue.parse(text, implied: "qom-type")) }
      case .blockdev(let text):
        try naming("--blockdev \(text)") { try graph.addNode(OptionValue.parse(text, implied: "driver")) }
      case .export(let text):
        try naming("--export \(text)") { try graph.addExport(OptionValue.parse(text, implied: "type")) }
      }
    }
    if let path = words.pidFile { pidFile = try PIDFile(path) }
  }

  /// Puts the option in front of what is wrong with it.
  private func naming(_ option: String, _ action: () throws -> Void) throws {
    do {
      try action()
    } catch {
      throw UsageError("\(option): \(error)")
    }
  }

  /// Serves until a signal comes or the last export has ended; false when the end was not clean.
  func run() -> Bool {
    var isClean = true
    let hadExports = !graph.exports.isEmpty
    while !(hadExports && graph.exports.isEmpty) {
      var requests = [
        pollfd(fd: signals, events: Int16(POLLIN), revents: 0), pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&requests, 2, -1) > 0 else { continue }
      if requests[1].revents != 0 {
        var count: UInt64 = 0
        _ = read(bell, &count, 8)
        for export in graph.exports where export.isLost { isClean = graph.remove(export) && isClean }
      }
      if requests[0].revents != 0 {
        if nextSignal() != SIGUSR1 { break }
        for export in graph.exports { export.writeStatistics() }
      }
    }
    return stop() && isClean
  }

  private func nextSignal() -> Int32 {
    var information = [UInt32](repeating: 0, count: 32)  // struct signalfd_siginfo: 128 bytes, the number first
    return read(signals, &information, 128) == 128 ? Int32(information[0]) : SIGTERM
  }

  /// Ends everything in order.
  func stop() -> Bool {
    let isClean = graph.stop()
    pidFile = nil
    return isClean
  }
}
