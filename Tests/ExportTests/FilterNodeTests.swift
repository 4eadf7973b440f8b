// blkdebug and latency: nodes that stand in front of others and do nothing but harm.

import Glibc
import Testing

@testable import ExportUnderTest

@Suite(.needsRing) struct FilterNodeTests {
  private static let size: UInt64 = 1 << 20

  private func null() -> Node { .null(size: Self.size, readZeroes: true, latency: 0, isReadOnly: false) }

  private func failing(_ rules: RuleSettings..., of child: Node? = nil) throws -> Bench {
    try Bench(Node(filtering: child ?? null(), rules: rules, isReadOnly: false))
  }

  private func rule(
    _ kind: ErrorRule.IOType? = nil, code: Int32 = EIO, sector: UInt64? = nil, once: Bool = false,
    immediately: Bool = false
  ) -> RuleSettings {
    RuleSettings(kind: kind, code: code, sector: sector, once: once, immediately: immediately)
  }

  // MARK: blkdebug

  @Test func withoutRulesNothingChanges() throws {
    let bench = try failing()
    #expect(bench.run(.read, 0, 512) == 512)
    #expect(bench.run(.write, 512, 512) == 512)
    #expect(bench.run(.flush) == 0)
    #expect(bench.length == Self.size)
  }

  @Test(
    arguments: [
      (.read, [.read]), (.write, [.write]), (.flush, [.flush]), (.discard, [.discard]),
      (.writeZeroes, [.zero, .zeroExtending]),
      (nil, [.read, .write, .flush, .discard, .zero, .zeroExtending]),
    ] as [(ErrorRule.IOType?, [NodeRequest.Kind])])
  func aRuleIsAboutItsKindOnly(_ type: ErrorRule.IOType?, _ hit: [NodeRequest.Kind]) throws {
    let bench = try failing(rule(type, code: ENOMEM))
    for kind in [.read, .write, .flush, .discard, .zero, .zeroExtending] as [NodeRequest.Kind] {
      #expect((bench.run(kind, 0, 512) == -ENOMEM) == hit.contains(kind), "\(kind)")
    }
  }

  /// Truncating and preallocating have no name among blkdebug's kinds: no rule reaches them.
  @Test func sizesAreNotMeant() throws {
    let bench = try failing(rule())
    #expect(bench.run(.truncate, 0) == -ENOTSUP)
    #expect(bench.run(.allocate, 0, 512) == -ENOTSUP)
  }

  @Test func aSectorIsHitByEveryRangeThatTouchesIt() throws {
    let bench = try failing(rule(sector: 2))
    #expect(bench.run(.read, 0, 1024) == 1024)
    #expect(bench.run(.read, 0, 1025) == -EIO)
    #expect(bench.run(.read, 1024, 1) == -EIO)
    #expect(bench.run(.write, 1535, 1) == -EIO)
    #expect(bench.run(.write, 1536, 512) == 512)
    #expect(bench.run(.discard, 0, 4096) == -EIO)
    // A flush has no place.
    #expect(bench.run(.flush) == 0)
    #expect(bench.run(.read, 1024, 0) == 0)
  }

  @Test func onceIsSpentByTheFirstHit() throws {
    let bench = try failing(rule(.write, sector: 0, once: true))
    #expect(bench.run(.write, 512, 512) == 512)
    #expect(bench.run(.read, 0, 512) == 512)
    #expect(bench.run(.write, 0, 512) == -EIO)
    #expect(bench.run(.write, 0, 512) == 512)
  }

  @Test func theFirstRuleThatAppliesCounts() throws {
    let bench = try failing(rule(.read, code: ENOSPC, once: true), rule(.read, code: EIO), rule(code: EPERM))
    #expect(bench.run(.read, 0, 512) == -ENOSPC)
    #expect(bench.run(.read, 0, 512) == -EIO)
    #expect(bench.run(.write, 0, 512) == -EPERM)
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
    let bench = try failing(rule(.write, sector: 3), of: node)
    #expect(bench.write(0, [1, 2, 3]) == .wrote(3))
    #expect(bench.write(1536, [9, 9]) == .failed(EIO))
    #expect(bench.read(1536, 2) == .replied(Array(before[1536..<1538])))
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
    let below = try Bench(.raw(filtered, offset: 4096, size: nil, isReadOnly: false))
    #expect(below.run(.read, 0, 512) == 512)
    #expect(below.run(.read, 512, 512) == -EIO)
  }

  @Test func theUpperFilterIsAskedFirst() throws {
    let lower = Node(filtering: null(), rules: [rule(code: ENOSPC)], isReadOnly: false)
    let bench = try failing(rule(.read, code: EPERM, once: true), of: lower)
    #expect(bench.run(.read, 0, 512) == -EPERM)
    #expect(bench.run(.read, 0, 512) == -ENOSPC)
    #expect(bench.run(.write, 0, 512) == -ENOSPC)
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
    let bench = try Bench(Node(filtering: null(), latency: 1000, isReadOnly: false))
    #expect(bench.begin(kind, 0, 512) == .pending)
    #expect(bench.step() == .done(kind == .read || kind == .write ? 512 : 0))
  }

  @Test func withoutLatencyNothingWaits() throws {
    #expect(try Bench(Node(filtering: null(), isReadOnly: false)).begin(.read, 0, 512) == .done(512))
  }

  @Test func afterTheWaitTheNodeBelowDoesItsWork() throws {
    let file = try TemporaryFile(length: 8192)
    let node = try Node.file(FileNodeOptions(filename: file.path, locking: .off))
    let bench = try Bench(Node(filtering: node, latency: 1000, isReadOnly: false))
    #expect(bench.write(4000, [7, 8, 9]) == .wrote(3))
    #expect(bench.read(3999, 4) == .replied([file.bytes[3999], 7, 8, 9]))
    #expect(Array(file.bytes[4000..<4003]) == [7, 8, 9])
  }

  @Test func delaysAddUpAndAnErrorBelowWaitsForThem() {
    let lower = Node(filtering: null(), rules: [rule(code: ENOSPC, immediately: true)], isReadOnly: false)
    let upper = Node(filtering: lower, latency: 500, isReadOnly: false)
    let top = Node(filtering: upper, latency: 250, isReadOnly: false)
    let verdict = Filter.verdict(top.view.filters!, .read, offset: 0, length: 512)
    #expect(verdict.delay == 750 && verdict.code == ENOSPC && verdict.isImmediate)
  }
}
