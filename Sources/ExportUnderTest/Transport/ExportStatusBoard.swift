// Where the threads of one export tell what has become of it, and where whoever drives it waits for that.

import Synchronization

/// What has become of an export, as its threads tell it.
struct ExportStatus: Sendable {
  var isInitialized = false
  var threadsReady = 0
  var threadsRegistered = 0
  var channelsDrained = 0
  var channelsFinished = 0
  /// Why it cannot start.
  var failure: String?
  /// The kernel ended the connection.
  var isLost = false
  /// What came over a channel could not be trusted: all of them are closed.
  var isHalted = false
  /// Of the channels that have ended.
  var counters: [CounterRecord] = []
}

/// A channel's counters with the channel's name as statistics give it: `device.0`, `queue.1`.
struct CounterRecord: Sendable, Comparable {
  let name: String
  let counters: Counters
  /// Devices before queues, each by number.
  private let order: (Int, Int)

  init(_ kind: Channel.Kind, index: Int, counters: Counters) {
    name = (kind == .device ? "device." : "queue.") + String(index)
    order = (kind == .device ? 0 : 1, index)
    self.counters = counters
  }

  init(_ channel: Channel) {
    self.init(channel.kind, index: channel.index, counters: channel.counters)
  }

  static func < (left: CounterRecord, right: CounterRecord) -> Bool { left.order < right.order }
  static func == (left: CounterRecord, right: CounterRecord) -> Bool { left.order == right.order }
}

/// The status behind its lock. Channels point here and to nothing above it: whoever drives the export reads.
final class ExportStatusBoard: Sendable {
  private let status = Mutex(ExportStatus())
  private let notifier: EventNotifier
  private let onHalt = Mutex<(@Sendable () -> Void)?>(nil)

  /// - Throws: where no descriptor is left.
  init() throws(SystemError) { notifier = try EventNotifier() }

  /// Readable after every change of status. Exactly one thread may listen at a time.
  var fd: Int32 { notifier.fd }

  /// What wakes whoever listens.
  var handle: EventNotifier.Handle { notifier.handle }

  var current: ExportStatus { status.withLock { $0 } }

  func update(_ change: (inout ExportStatus) -> Void) {
    status.withLock { change(&$0) }
    notifier.signal()
  }

  /// Sleeps until the status fulfils `condition`; false when that took more than `milliseconds`.
  func wait(milliseconds: Int, until condition: (ExportStatus) -> Bool) -> Bool {
    let end = monotonicNanoseconds() &+ UInt64(milliseconds) &* 1_000_000
    while !condition(current) {
      let now = monotonicNanoseconds()
      guard now < end else { return false }
      _ = notifier.wait(milliseconds: Int((end &- now) / 1_000_000) + 1)
    }
    return true
  }

  /// Says what closes the export's channels in all threads.
  func setHaltAction(_ action: @escaping @Sendable () -> Void) { onHalt.withLock { $0 = action } }

  /// Nothing that comes can be trusted: every channel of the export stops taking requests. The process lives.
  func halt() {
    update { $0.isHalted = true }
    let action = onHalt.withLock { $0 }
    action?()
  }
}
