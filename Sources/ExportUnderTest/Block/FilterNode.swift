// What can stand between an export and a leaf: injected errors (blkdebug) and added latency.

import Glibc
import Synchronization

/// One rule of a blkdebug node.
struct ErrorRule: ~Copyable {
  /// Kinds of operations that fail; nil: every kind.
  let kind: IOType?
  /// The positive errno.
  let code: Int32
  /// The sector (512 bytes) that a range must touch; nil: any request.
  let sector: UInt64?
  /// Fails the first matching request only.
  let once: Bool
  /// Fails within the call; else like an error that comes from a device, later.
  let immediately: Bool
  private let isSpent = Atomic<Bool>(false)

  /// Kinds of operations by blkdebug's names.
  enum IOType: String, CaseIterable {
    case read, write, flush, discard
    case writeZeroes = "write-zeroes"
  }

  /// Whether a request on `range` (bytes of the node) fails by this rule; spends a rule that counts once.
  func applies(to kind: NodeRequest.Kind, offset: UInt64, length: UInt64) -> Bool {
    guard let type = Self.ioType(kind), self.kind == nil || self.kind == type else { return false }
    if let sector {
      guard type != .flush, length > 0 else { return false }
      guard offset / 512 <= sector, sector <= (offset + (length - 1)) / 512 else { return false }
    }
    return !once || !isSpent.exchange(true, ordering: .relaxed)
  }

  private static func ioType(_ kind: NodeRequest.Kind) -> IOType? {
    switch kind {
    case .read: .read
    case .write: .write
    case .flush: .flush
    case .discard: .discard
    case .zero, .zeroExtending: .writeZeroes
    case .truncate, .allocate: nil
    }
  }
}

/// A filter node. Filters of one chain are linked from the export's side down.
struct FilterNode: ~Copyable {
  private let rules: UnsafeMutablePointer<ErrorRule>
  private let count: Int
  /// Nanoseconds by which every operation is delayed.
  private let latency: UInt64
  /// Where the filter's node begins on the leaf.
  private let start: UInt64
  let below: UnsafeMutablePointer<FilterNode>?

  init(
    rules: consuming [RuleSettings] = [], latency: UInt64 = 0, start: UInt64, below: UnsafeMutablePointer<FilterNode>?
  ) {
    count = rules.count
    self.rules = .allocate(capacity: max(1, rules.count))
    for (index, settings) in rules.enumerated() { (self.rules + index).initialize(to: settings.rule()) }
    self.latency = latency
    self.start = start
    self.below = below
  }

  deinit {
    rules.deinitialize(count: count)
    rules.deallocate()
  }

  /// What the filters from `top` down do to a request whose offset counts from the leaf's start.
  static func injection(
    _ top: UnsafeMutablePointer<FilterNode>, _ kind: NodeRequest.Kind, offset: UInt64, length: UInt64
  ) -> Injection {
    var injection = Injection()
    var filter: UnsafeMutablePointer<FilterNode>? = top
    while let current = filter, injection.code == 0 {
      // Several filters may add up to more than 64 bits hold.
      let (delay, isTooLong) = injection.delay.addingReportingOverflow(current.pointee.latency)
      injection.delay = isTooLong ? UInt64(Int64.max) : min(delay, UInt64(Int64.max))
      for index in 0..<current.pointee.count {
        let rule = current.pointee.rules + index
        guard rule.pointee.applies(to: kind, offset: offset - current.pointee.start, length: length) else { continue }
        injection.code = rule.pointee.code
        injection.isImmediate = rule.pointee.immediately
        break
      }
      filter = current.pointee.below
    }
    return injection
  }

  struct Injection {
    /// The positive errno, or 0.
    var code: Int32 = 0
    var isImmediate = false
    /// Nanoseconds.
    var delay: UInt64 = 0
  }
}

/// A rule as options give it.
struct RuleSettings: Sendable {
  var kind: ErrorRule.IOType?
  var code = EIO
  var sector: UInt64?
  var once = false
  var immediately = false

  fileprivate func rule() -> ErrorRule {
    ErrorRule(kind: kind, code: code, sector: sector, once: once, immediately: immediately)
  }
}
