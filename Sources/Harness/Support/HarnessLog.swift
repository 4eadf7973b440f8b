// What the harness does, step by step, on standard error: for a person who wonders why (--verbose).

internal import Logging
internal import Synchronization

/// The harness's log; silent unless it is wanted.
package enum HarnessLog {
  private static let isWanted = Atomic<Bool>(false)
  private static let logger: Logger = {
    var logger = Logger(label: "fusebench") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = .debug
    return logger
  }()

  /// Turns the log on, for the rest of the process.
  package static func begin() { isWanted.store(true, ordering: .relaxed) }

  /// Says `text` of the part of the harness that is called `part`, if the log is wanted.
  package static func say(_ part: String, _ text: @autoclosure () -> String) {
    guard isWanted.load(ordering: .relaxed) else { return }
    logger.debug("\(part): \(ByteText.oneLine(text()))")
  }
}
