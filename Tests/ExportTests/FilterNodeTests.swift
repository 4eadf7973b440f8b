// blkdebug and latency: nodes that stand in front of others and do nothing but harm.

import Glibc
import Testing

@testable import ExportUnderTest

@Suite(.needsRing) struct FilterNodeTests {
  private static let size: UInt64 = 1 << 20

  private func null() -> Node { .null(size: Self.size, readZeroes: true, latency: 0, isReadOnly: false) }

  private func failing(_ rules: RuleSettings..., of child: Node? = nil) throws -> RequestRig {
    try RequestRig(Node(filtering: child ?? null(), rules: rules, isReadOnly: false))
  }

  private func rule(
    _ kind: ErrorRule.IOType? = nil, code: Int32 = EIO, sector: UInt64? = nil, once: Bool = false,
    immediately: Bool = false
  ) -> RuleSettings {
    RuleSettings(kind: kind, code: code, sector: sector, once: once, immediately: immediately)
  }

  // MARK: blkdebug

  @Test func withoutRulesNothingChanges() throws {
    let rig = try failing()
    #expect(rig.run(.read, 0, 512) == 512)
    #expect(rig.run(.write, 512, 512) == 512)
    #expect(rig.run(.flush) == 0)
    #expect(rig.length == Self.size)
  }

  @Test(
    arguments: [
      (.read, [.read]), (.write, [.write]), (.flush, [.flush]), (.discard, [.discard]),
      (.writeZeroes, [.zero, .zeroExtending]),
      (nil, [.read, .write, .flush, .discard, .zero, .zeroExtending]),
    ] as [(ErrorRule.IOType?, [NodeRequest.Kind])])
  func aRuleIsAboutItsKindOnly(_ type: ErrorRule.IOType?, _ hit: [NodeRequest.Kind]) throws {
    let rig = try failing(rule(type, code: ENOMEM))
    for kind in [.read, .write, .flush, .discard, .zero, .zeroExtending] as [NodeRequest.Kind] {
      #expect((rig.run(kind, 0, 512) == -ENOMEM) == hit.contains(kind), "\(kind)")
    }
  }

  /// Truncating and preallocating have no name among blkdebug's kinds: no rule reaches them.
  @Test func sizesAreNotMeant() throws {
    let rig = try failing(rule())
    #expect(rig.run(.truncate, 0) == -ENOTSUP)
    #expect(rig.run(.allocate, 0, 512) == -ENOTSUP)
  }

  @Test func aSectorIsHitByEveryRangeThatTouchesIt() throws {
    let rig = try failing(rule(sector: 2))
    #expect(rig.run(.read, 0, 1024) == 1024)
    #expect(rig.run(.read, 0, 1025) == -EIO)
    #expect(rig.run(.read, 1024, 1) == -EIO)
    #expect(rig.run(.write, 1535, 1) == -EIO)
    #expect(rig.run(.write, 1536, 512) == 512)
    #expect(rig.run(.discard, 0, 4096) == -EIO)
    // A flush has no place.
    #expect(rig.run(.flush) == 0)
    #expect(rig.run(.read, 1024, 0) == 0)
  }

  @Test func onceIsSpentByTheFirstHit() throws {
    let rig = try failing(rule(.write, sector: 0, once: true))
    #expect(rig.run(.write, 512, 512) == 512)
    #expect(rig.run(.read, 0, 512) == 512)
    #expect(rig.run(.write, 0, 512) == -EIO)
    #expect(rig.run(.write, 0, 512) == 512)
  }

  @Test func theFirstRuleThatAppliesCounts() throws {
    let rig = try failing(rule(.read, code: ENOSPC, once: true), rule(.read, code: EIO), rule(code: EPERM))
    #expect(rig.run(.read, 0, 512) == -ENOSPC)
    #expect(rig.run(.read, 0, 512) == -EIO)
    #expect(rig.run(.write, 0, 512) == -EPERM)
  }

  /// An error that comes at once is the call's own; without `immediately` it comes as from a device, later.
  @Test func immediatelyMeansWithinTheCall() throws {
    let now = try failing(rule(immediately: true))
    #expect(now.begin(.read, 0, 512) == .done(-EIO))
    let later = try failing(rule())
    #expect(later.begin(.read, 0, 512) == .pending)
    #expect(later.step() == .done(-EIO))
  }

  @Test func whatFailsDoesNotReachTheNodeBelow() throws {
    let file = try TemporaryFile(length: 8192)
    let before = file.bytes
    let node = try Node.file(FileNodeOptions(filename: file.path, locking: .off))
    let rig = try failing(rule(.write, sector: 3), of: node)
    #expect(rig.write(0, [1, 2, 3]) == .wrote(3))
    #expect(rig.write(1536, [9, 9]) == .failed(EIO))
    #expect(rig.read(1536, 2) == .replied(Array(before[1536..<1538])))
    #expect(file.bytes == [1, 2, 3] + before[3...])
  }

  // MARK: Chains and windows

  /// Sectors count from the start of the node that the rule stands on, wherever its window lies.
  @Test func sectorsCountFromTheFiltersOwnStart() throws {
    let window = try Node.raw(null(), offset: 4096, size: 8192, isReadOnly: false)
    let above = try failing(rule(sector: 1), of: window)
    #expect(above.run(.read, 0, 512) == 512)
    #expect(above.run(.read, 512, 512) == -EIO)
    let filtered = Node(filtering: null(), rules: [rule(sector: 9)], isReadOnly: false)
    let below = try RequestRig(.raw(filtered, offset: 4096, size: nil, isReadOnly: false))
    #expect(below.run(.read, 0, 512) == 512)
    #expect(below.run(.read, 512, 512) == -EIO)
  }

  @Test func theUpperFilterIsAskedFirst() throws {
    let lower = Node(filtering: null(), rules: [rule(code: ENOSPC)], isReadOnly: false)
    let rig = try failing(rule(.read, code: EPERM, once: true), of: lower)
    #expect(rig.run(.read, 0, 512) == -EPERM)
    #expect(rig.run(.read, 0, 512) == -ENOSPC)
    #expect(rig.run(.write, 0, 512) == -ENOSPC)
  }

  @Test func aFilterIsAsReadOnlyAsItsChild() {
    let readOnly = Node.null(size: 512, readZeroes: true, latency: 0, isReadOnly: true)
    #expect(Node(filtering: readOnly, isReadOnly: false).isReadOnly)
    #expect(Node(filtering: null(), isReadOnly: true).isReadOnly)
    #expect(!Node(filtering: null(), isReadOnly: false).isReadOnly)
  }

  // MARK: latency

  @Test(arguments: [.read, .write, .flush, .discard] as [NodeRequest.Kind])
  func everyOperationWaits(_ kind: NodeRequest.Kind) throws {
    let rig = try RequestRig(Node(filtering: null(), latency: 1000, isReadOnly: false))
    #expect(rig.begin(kind, 0, 512) == .pending)
    #expect(rig.step() == .done(kind == .read || kind == .write ? 512 : 0))
  }

  @Test func withoutLatencyNothingWaits() throws {
    #expect(try RequestRig(Node(filtering: null(), isReadOnly: false)).begin(.read, 0, 512) == .done(512))
  }

  @Test func afterTheWaitTheNodeBelowDoesItsWork() throws {
    let file = try TemporaryFile(length: 8192)
    let node = try Node.file(FileNodeOptions(filename: file.path, locking: .off))
    let rig = try RequestRig(Node(filtering: node, latency: 1000, isReadOnly: false))
    #expect(rig.write(4000, [7, 8, 9]) == .wrote(3))
    #expect(rig.read(3999, 4) == .replied([file.bytes[3999], 7, 8, 9]))
    #expect(Array(file.bytes[4000..<4003]) == [7, 8, 9])
  }

  @Test func delaysAddUpAndAnErrorBelowWaitsForThem() {
    let lower = Node(filtering: null(), rules: [rule(code: ENOSPC, immediately: true)], isReadOnly: false)
    let upper = Node(filtering: lower, latency: 500, isReadOnly: false)
    let top = Node(filtering: upper, latency: 250, isReadOnly: false)
    // A view does not keep its node alive.
    let injection = withExtendedLifetime(top) {
      FilterNode.injection(top.view.filters!, .read, offset: 0, length: 512)
    }
    #expect(injection.delay == 750 && injection.code == ENOSPC && injection.isImmediate)
  }
}
