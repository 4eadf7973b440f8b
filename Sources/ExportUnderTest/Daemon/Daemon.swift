// The daemon: builds the objects in the order of the options, then waits for signals, for commands, and for exports
// that end.

import CLinux
import Glibc
import Synchronization

/// A signal ended the process while it still waited for a control socket's first client.
struct StopRequested: Error {}

/// One process of the export under test.
final class Daemon {
  private let graph: ObjectGraph
  /// Signalled by exports that have stopped.
  private let notifier: EventNotifier
  private let signals: Int32
  private var pidFile: PIDFile?
  private let commands: QMPCommands
  private var chardevs: [ByteText: QMPChardev] = [:]
  /// Chardevs that a monitor uses.
  private var monitored: Set<ByteText> = []
  private var monitors: [QMPMonitor] = []
  /// Events that clients are told once the reply to the command that caused them is on its way.
  private var events: [QMPEvent] = []

  /// Blocks the signals that end or ask the process, before any thread exists that could get them.
  /// - Parameter version: the program's, as clients of a control socket are told.
  init(version: String) throws {
    signal(SIGPIPE, SIG_IGN)
    // A file that grows beyond the process's limit is an error of that request, not the end of the export.
    signal(SIGXFSZ, SIG_IGN)
    // Left to themselves SIGQUIT, what a limit of CPU time sends and a slip of `kill` would end the process with its
    // mounts left. Who starts it under nohup wants it to outlive the terminal.
    let ending =
      [SIGTERM, SIGINT, SIGQUIT, SIGXCPU, SIGALRM, SIGUSR2] + (clinux_is_ignored(SIGHUP) != 0 ? [] : [SIGHUP])
    signals = try checked(clinux_signalfd(ending + [SIGUSR1], UInt32(ending.count + 1)), "cannot receive signals")
    notifier = try EventNotifier()
    graph = ObjectGraph(waker: notifier.handle)
    commands = QMPCommands(graph, version: version)
    graph.exportDeleted = { [unowned self] in self.events.append(.exportDeleted($0)) }
  }

  /// Makes everything that `words` asks for.
  func build(_ words: CommandLineOptions) throws {
    for command in words.commands {
      switch command {
      case .object(let text): try act("--object", text, "qom-type", id: "id", graph.addObject)
      case .blockdev(let text): try act("--blockdev", text, "driver", id: "node-name", graph.addNode)
      case .export(let text): try act("--export", text, "type", id: "id", graph.addExport)
      case .chardev(let text):
        try act("--chardev", text, "backend", id: "id") { try addChardev($0, daemonizes: words.daemonizes) }
      case .monitor(let text): try act("--monitor", text, "chardev", id: "chardev", addMonitor)
      }
    }
    if let path = words.pidFile { pidFile = try PIDFile(path) }
  }

  /// Does what one option says; in front of what is wrong with it stand the option's name and its object's.
  private func act(
    _ option: String, _ text: ByteText, _ implied: ByteText, id: ByteText,
    _ action: ([ByteText: OptionValue]) throws -> Void
  ) throws {
    var place = option
    do {
      let values = try OptionValue.parse(text, implied: implied)
      switch values[id] {
      case .text(let name)?, .string(let name)?: if !name.isEmpty { place += " \(id)=\(name)" }
      default: break
      }
      try action(values)
    } catch let stop as StopRequested {
      throw stop
    } catch {
      throw UsageError("\(place): \(error)")
    }
  }

  // MARK: --chardev and --monitor

  private func addChardev(_ options: [ByteText: OptionValue], daemonizes: Bool) throws {
    let chardev = try QMPChardev(options) { try waitForClient($0) }
    guard chardevs[chardev.id] == nil else { throw UsageError("Chardev with id '\(chardev.id)' already exists") }
    guard !(chardev.isStandardIO && daemonizes) else { throw UsageError("stdio and --daemonize exclude each other") }
    chardevs[chardev.id] = chardev
  }

  /// Waits for the first client of `listener`, or for a signal that ends the process.
  private func waitForClient(_ listener: Int32) throws(StopRequested) {
    while true {
      var requests = [
        pollfd(fd: signals, events: Int16(POLLIN), revents: 0),
        pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&requests, 2, -1) > 0 else { continue }
      if requests[0].revents != 0, nextSignal() != SIGUSR1 { throw StopRequested() }
      if requests[1].revents != 0 { return }
    }
  }

  private enum MonitorMode: String, CaseIterable { case control }

  private func addMonitor(_ options: [ByteText: OptionValue]) throws {
    var reader = OptionReader(options)
    let id = try reader.requiredText("chardev")
    _ = try reader.choice("mode", default: MonitorMode.control)
    let isPretty = try reader.bool("pretty", default: false)
    try reader.end()
    guard let entry = chardevs[id] else { throw UsageError("chardev \"\(id)\" not found") }
    guard monitored.insert(id).inserted else { throw UsageError("Chardev '\(id)' is busy: a monitor uses it") }
    monitors.append(QMPMonitor(entry, greeting: commands.greeting, isPretty: isPretty))
  }

  private func deliverEvents() {
    for event in events { for monitor in monitors { monitor.send(event) } }
    events = []
  }

  // MARK: Serving

  /// Serves until a signal or a client ends it, or until the last export has ended and nobody can add another; false
  /// when the end was not clean.
  func run() -> Bool {
    var isClean = true
    var hadExports = !graph.exports.isEmpty
    var signal: Int32?
    while signal == nil && !commands.isQuitting {
      for export in graph.exports where !export.isStopping {
        if export.isLost { graph.beginRemoval(of: export) } else { export.refreshSize() }
      }
      isClean = graph.collect() && isClean
      deliverEvents()
      hadExports = hadExports || !graph.exports.isEmpty
      if graph.exports.isEmpty, hadExports || !monitors.isEmpty, !monitors.contains(where: \.isControllable) { break }
      signal = waitForWork()
      if signal == SIGUSR1 {
        // One that is stopping writes its own at the end.
        for export in graph.exports where !export.isStopping { export.writeStatistics() }
        signal = nil
      }
    }
    if signal != nil || commands.isQuitting {
      events.append(.shutdown(byCommand: signal == nil))
      deliverEvents()
    }
    return stop() && isClean
  }

  /// Sleeps until there is something to do, and does what clients ask; the result is a signal, if one has come.
  private func waitForWork() -> Int32? {
    // An export that is stopping is listened to by the thread that stops it.
    let notifiers = [notifier.fd] + graph.exports.filter { !$0.isStopping }.map(\.notifierFD)
    var requests = ([signals] + notifiers).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    let first = requests.count
    for monitor in monitors { requests += monitor.requests }
    let handovers = graph.exports.filter { $0.handoverFD >= 0 }
    let firstHandover = requests.count
    requests += handovers.map { pollfd(fd: $0.handoverFD, events: Int16(POLLIN), revents: 0) }
    // Commands that wait already are not waited for.
    let hasCommands = monitors.contains(where: \.hasCommands)
    let found = poll(&requests, nfds_t(requests.count), hasCommands ? 0 : -1)
    guard found > 0 || hasCommands && found == 0 else { return nil }
    for request in requests[1..<first] where request.revents != 0 {
      EventNotifier.Handle(fd: request.fd).clear()
    }
    for (number, export) in handovers.enumerated() where requests[firstHandover + number].revents != 0 {
      graph.beginHandover(of: export)
    }
    for (number, monitor) in monitors.enumerated() {
      monitor.serve(requests[(first + 2 * number)..<(first + 2 * number + 2)], commands.execute) {
        deliverEvents()
        return !commands.isQuitting && !hasSignal
      }
      if commands.isQuitting { break }
    }
    return requests[0].revents != 0 ? nextSignal() : nil
  }

  /// Whether a signal waits: however many commands a client sends, it is heard after the one in work.
  private var hasSignal: Bool {
    var request = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
    return poll(&request, 1, 0) > 0
  }

  private func nextSignal() -> Int32 {
    var information = [UInt32](repeating: 0, count: 32)  // struct signalfd_siginfo: 128 bytes, the number first
    return read(signals, &information, 128) == 128 ? Int32(information[0]) : SIGTERM
  }

  /// Ends everything in order.
  func stop() -> Bool {
    let isClean = graph.stop()
    deliverEvents()
    for monitor in monitors { monitor.finish(milliseconds: 500) }
    monitors = []
    chardevs = [:]
    pidFile = nil
    return isClean
  }
}
