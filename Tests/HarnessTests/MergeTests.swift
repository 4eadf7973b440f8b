// Shares put together: the whole is what one machine would have kept, and nothing that differs goes in unseen.

import Foundation
import Testing

@testable import Harness

@Suite struct MergeTests {
  /// What one machine would have kept, and the same as `count` shares.
  private static let whole: StoredRun = {
    var run = StoredRunFixture.run
    run.finished = "2026-01-31T18:30:00Z"
    return run
  }()

  private static func shares(_ count: Int) -> [StoredRun] {
    (1...count).map { number in
      let shard = Shard(number: number, of: count)
      var run = whole
      run.id = "run-\(number)of\(count)"
      run.shard = shard
      run.started = "2026-01-31T17:59:0\(number)Z"
      run.finished = "2026-01-31T18:0\(number):00Z"
      let rows = whole.plan.share(shard).rows
      run.cells = whole.cells.filter { cell in
        rows.contains { $0.node == cell.node && $0.workload.name == cell.workload }
      }
      return run
    }
  }

  private static func merge(_ shares: [StoredRun], force: Bool = false) throws -> Merge {
    try Merge(shares, id: "merged", command: ["fusebench", "merge"], force: force)
  }

  private static func refusal(_ change: (inout StoredRun) -> Void) -> String? {
    var shares = shares(2)
    change(&shares[1])
    do {
      _ = try merge(shares)
      return nil
    } catch { return "\(error)" }
  }

  @Test(arguments: [1, 2, 3, 4]) func sharesMakeTheWhole(count: Int) throws {
    let merge = try Self.merge(Self.shares(count).reversed())
    #expect(merge.missing.isEmpty)
    #expect(Set(merge.run.cells.map(\.fioCommand)) == Set(Self.whole.cells.map(\.fioCommand)))
    for cell in Self.whole.cells {
      #expect(merge.run.cell(node: cell.node, workload: cell.workload, column: cell.column) == cell)
    }
    #expect(merge.run.cells.count == Self.whole.cells.count)
    #expect(merge.run.rows == Self.whole.rows)
    #expect(merge.run.shard == nil)
    #expect(merge.run.mergedFrom == (1...count).map { "run-\($0)of\(count)" })
    #expect(merge.run.started == "2026-01-31T17:59:01Z")
    #expect(merge.run.finished == "2026-01-31T18:0\(count):00Z")
    #expect(merge.run.notes == [])
  }

  @Test func aMissingShareIsTold() throws {
    let merge = try Self.merge([Self.shares(3)[2], Self.shares(3)[0]])
    #expect(merge.missing == [2])
    #expect(merge.run.notes == ["share 2/3 is missing: its rows are empty"])
  }

  @Test func anInterruptedShareIsTold() throws {
    var shares = Self.shares(2)
    shares[0].finished = nil
    let merge = try Self.merge(shares)
    #expect(merge.run.finished == nil)
    #expect(merge.run.notes == ["run-1of2 was interrupted: its share is not complete"])
  }

  @Test func whatDiffersIsRefused() {
    #expect(Self.refusal { _ in } == nil)
    #expect(Self.refusal { $0.settings.seed = 8 }?.contains("run-2of2: has seed 8") == true)
    #expect(Self.refusal { $0.settings.runtime = 9 }?.contains("other settings than run-1of2") == true)
    #expect(Self.refusal { $0.suite = "mixed" }?.contains("suite mixed") == true)
    #expect(Self.refusal { $0.rows.removeLast() }?.contains("other rows") == true)
    #expect(Self.refusal { $0.columns[1].threads = 4 }?.contains("legacy fusebench 4 threads") == true)
    #expect(Self.refusal { $0.shard = Shard(number: 2, of: 3) }?.contains("one of 3 shares") == true)
    #expect(Self.refusal { $0.shard = Shard(number: 1, of: 2) }?.contains("measured share 1/2 as") == true)
    #expect(Self.refusal { $0.shard = nil }?.contains("no share of a matrix") == true)
    #expect(
      Self.refusal {
        $0.shard = nil
        $0.mergedFrom = ["a", "b"]
      }?.contains("merged already; merge the runs it was made of: a, b") == true)
    #expect(Self.refusal { $0.build = .debug }?.contains("debug build") == true)
    #expect(Self.refusal { $0.shard = Shard(number: 5, of: 2) } != nil)
    #expect(Self.refusal { $0.cells = Self.shares(2)[0].cells }?.contains("a row of another share") == true)
  }

  @Test func machinesThatDifferNeedForce() throws {
    var shares = Self.shares(2)
    shares[1].machine.kernel = "6.14.0"
    shares[1].machine.fuseParameters["enable_uring"] = nil
    shares[1].machine.load = [9, 9, 9]
    let error = #expect(throws: MergeError.self) { try Self.merge(shares) }
    #expect(error?.description.contains("kernel: 6.18.44, 6.14.0; ") == true)
    #expect(error?.description.contains("fuse.enable_uring: Y, none") == true)
    #expect(error?.description.contains("--force") == true)
    let merge = try Self.merge(shares, force: true)
    #expect(merge.run.notes.count == 2)
    #expect(
      merge.run.notes.first == "merged from machines that differ: run-1of2 and run-2of2: kernel: 6.18.44, 6.14.0")
  }

  @Test func aFailedCheckOfDataCountsForAll() throws {
    var shares = Self.shares(2)
    shares[0].integrity = [.init(column: "legacy", failure: nil)]
    shares[1].integrity = [.init(column: "legacy", failure: "lost a write")]
    #expect(try Self.merge(shares).run.integrity == [.init(column: "legacy", failure: "lost a write")])
  }

  // MARK: on disk

  private func withFolders(_ shares: [StoredRun], _ body: (String, [RunFolder]) throws -> Void) throws {
    let results = NSTemporaryDirectory() + "fusebench-merge-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: results) }
    let folders = try shares.map { share in
      let folder = RunFolder(path: "\(results)/\(share.id)")
      try folder.make()
      try folder.write(share)
      for output in share.cells.flatMap(\.samples).compactMap(\.fioOutput) {
        let text = "\(share.id) \(output)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(output)"))
      }
      return folder
    }
    try body(results, folders)
  }

  @Test func theMergedFolderHoldsWhatFioSaid() throws {
    try withFolders(Self.shares(2)) { results, folders in
      let merged = try MergedFolder.make(of: folders, at: nil, in: results, command: [], force: false)
      #expect(merged.folder.path.hasSuffix("-transport-merged"))
      #expect(merged.merge.run.id == merged.folder.id)
      #expect(try merged.folder.read() == merged.merge.run)
      let outputs = merged.merge.run.cells.flatMap(\.samples).compactMap(\.fioOutput)
      #expect(!outputs.isEmpty)
      #expect(outputs.allSatisfy { FileManager.default.fileExists(atPath: "\(merged.folder.path)/\($0)") })
      // Once more: what is there is never written over.
      #expect(throws: MergeError.self) {
        try MergedFolder.make(of: folders, at: merged.folder.path, in: results, command: [], force: false)
      }
    }
  }

  @Test func aFileOutsideOfARunIsNotTouched() throws {
    var shares = Self.shares(2)
    shares[0].cells[0].samples[0].fioOutput = "../../etc/passwd"
    let plain = Self.shares(2)
    try withFolders(plain) { results, folders in
      try folders[0].write(shares[0])
      let error = #expect(throws: StoreError.self) {
        try MergedFolder.make(of: folders, at: "\(results)/whole", in: results, command: [], force: false)
      }
      #expect(error?.description.contains("outside of its folder") == true)
    }
  }
}
