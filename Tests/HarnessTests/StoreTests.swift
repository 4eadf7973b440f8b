// Runs on disk: what is written is what is read, and an interrupted write costs nothing.

import Foundation
import Testing

@testable import Harness

@Suite struct StoreTests {
  /// A folder of its own for each test, gone afterwards.
  private func withFolder(_ body: (RunFolder) throws -> Void) throws {
    let results = NSTemporaryDirectory() + "fusebench-store-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: results) }
    try body(
      try RunFolder.create(in: results, suite: "transport", at: RunTime(secondsSince1970: 1_769_882_340)))
  }

  @Test func whatIsWrittenIsWhatIsRead() throws {
    try withFolder { folder in
      let run = StoredRunFixture.run
      try folder.write(run)
      #expect(try folder.read() == run)
      #expect(!FileManager.default.fileExists(atPath: folder.runFile + ".new"))
    }
  }

  @Test func namesOnDiskAreSnakeCaseAndKeysOfFactsStay() throws {
    try withFolder { folder in
      try folder.write(StoredRunFixture.run)
      let text = try String(contentsOfFile: folder.runFile, encoding: .utf8)
      for word in [
        "\"schema\" : 3", "\"cpus_online\" : 2", "\"enable_uring\" : \"Y\"", "\"user_micros\"", "\"queue.1\"",
      ] {
        #expect(text.contains(word))
      }
      #expect(text.hasSuffix("}\n"))
    }
  }

  @Test func aCellIsReplacedNotRepeated() {
    var run = StoredRunFixture.run
    let count = run.cells.count
    run.put(StoredRunFixture.cell(.file, "read rand aio ×1", "legacy", [1]))
    #expect(run.cells.count == count)
    #expect(run.cell(node: .file, workload: "read rand aio ×1", column: "legacy")?.samples.count == 1)
  }

  @Test func aWriteThatWasInterruptedLeavesTheOldRun() throws {
    try withFolder { folder in
      let run = StoredRunFixture.run
      try folder.write(run)
      // What a crash in the middle of a write leaves behind.
      try Data("{\"schema\": 2, \"cel".utf8).write(to: URL(fileURLWithPath: folder.runFile + ".new"))
      #expect(try folder.read() == run)
      var next = run
      next.finished = "2026-01-31T18:00:00Z"
      try folder.write(next)
      #expect(try folder.read() == next)
    }
  }

  @Test func aFullDiskIsSaidAndCostsNothing() throws {
    try withFolder { folder in
      let run = StoredRunFixture.run
      try folder.write(run)
      // A device that is always full in the file's place.
      try FileManager.default.moveItem(atPath: folder.runFile, toPath: folder.runFile + ".before")
      try FileManager.default.createSymbolicLink(atPath: folder.runFile, withDestinationPath: "/dev/full")
      let error = #expect(throws: StoreError.self) { try folder.write(run) }
      #expect(error?.description.contains("full") == true, "\(error?.description ?? "nothing")")
      #expect(try RunFolder.read(file: folder.runFile + ".before") == run)
    }
  }

  @Test func anotherSchemaIsRefused() throws {
    try withFolder { folder in
      var run = StoredRunFixture.run
      run.schema = 99
      try folder.write(run)
      let error = #expect(throws: StoreError.self) { try folder.read() }
      #expect(error?.description.contains("schema 99, but this fusebench reads 2 to 3") == true)
    }
  }

  /// Schema 2 had another name for the most samples, and the first floors were references beside null rows.
  @Test func olderRunsAreReadByTheirNames() throws {
    try withFolder { folder in
      var run = StoredRunFixture.run
      run.columns.append(Column(name: "floor legacy", kind: .export, role: .floor, mode: .legacy, node: .null))
      try folder.write(run)
      let text = try String(contentsOfFile: folder.runFile, encoding: .utf8)
      for (new, old) in [
        [("\"schema\" : 3", "\"schema\" : 2"), ("\"max_samples\"", "\"most_samples\"")],
        [("\"role\" : \"floor\"", "\"beside\" : \"null\", \"role\" : \"reference\"")],
      ].map({ names in names.reduce((text, text)) { ($0.0, $0.1.replacing($1.0, with: $1.1)) } }) {
        #expect(old != new)
        try old.write(toFile: folder.runFile, atomically: false, encoding: .utf8)
        #expect(try folder.read() == run)
      }
    }
  }

  @Test func whatIsNoRunIsRefused() throws {
    try withFolder { folder in
      #expect(throws: StoreError.self) { try folder.read() }
      try Data("hello".utf8).write(to: URL(fileURLWithPath: folder.runFile))
      #expect(throws: StoreError.self) { try folder.read() }
      try Data("{\"schema\": 2}".utf8).write(to: URL(fileURLWithPath: folder.runFile))
      let error = #expect(throws: StoreError.self) { try folder.read() }
      #expect(error?.description.contains("is damaged") == true)
    }
  }

  @Test(arguments: [
    ("\"seed\" : 7", "\"seed\" : \"seven\"", "seed: 'seven' is no UInt64"),
    ("\"suite\" :", "\"suit\" :", "'suite' is missing"),
    ("\"role\" : \"reference\"", "\"role\" : \"ghost\"", "columns.0.role: "),
    ("\"started\" :", "\"shard\" : {\"number\": 0, \"of\": 0}, \"started\" :", "shard.number: 0 is out of range"),
    (
      "\"started\" :", "\"shard\" : {\"number\": 1, \"of\": 99999999999}, \"started\" :",
      "shard.of: 99999999999 is out of range"
    ),
  ])
  func whatIsDamagedIsNamedInOneLine(_ good: String, _ bad: String, _ said: String) throws {
    try withFolder { folder in
      try folder.write(StoredRunFixture.run)
      let text = try String(contentsOfFile: folder.runFile, encoding: .utf8)
      try #require(text.contains(good))
      try text.replacing(good, with: bad, maxReplacements: 1)
        .write(toFile: folder.runFile, atomically: false, encoding: .utf8)
      let error = #expect(throws: StoreError.self) { try folder.read() }
      #expect(error?.description.hasPrefix("\(folder.runFile): is damaged: ") == true)
      #expect(error?.description.contains(said) == true && error?.description.contains("\n") == false, "\(error!)")
    }
  }

  @Test func aRunIsFoundByFolderNameOrFile() throws {
    try withFolder { folder in
      try folder.write(StoredRunFixture.run)
      let (results, copy) = ((folder.path as NSString).deletingLastPathComponent, "\(folder.path)/copied")
      try FileManager.default.copyItem(atPath: folder.runFile, toPath: copy)
      for name in [folder.path, folder.path + "/", folder.id, folder.runFile, copy] {
        #expect(try RunFolder.read(name, in: results) == StoredRunFixture.run, "\(name)")
      }
      let error = #expect(throws: StoreError.self) { try RunFolder.read("20990101T000000Z-none", in: results) }
      #expect(error?.description.hasPrefix("20990101T000000Z-none/run.json: no such run; ") == true)
    }
  }

  @Test func twoRunsOfOneSecondHaveTwoFolders() throws {
    try withFolder { first in
      #expect(first.id == "20260131T175900Z-transport")
      let results = URL(fileURLWithPath: first.path).deletingLastPathComponent().path
      let time = RunTime(secondsSince1970: 1_769_882_340)
      let second = try RunFolder.create(in: results, suite: "transport", at: time)
      #expect(second.id == "20260131T175900Z-transport-2")
      try first.write(StoredRunFixture.run)
      try second.write(StoredRunFixture.run)
      #expect(try RunFolder.find("last", in: results).id == second.id)
      #expect(try RunFolder.find(first.id, in: results).id == first.id)
      #expect(try RunFolder.find(first.runFile, in: "elsewhere").path == first.path)
      #expect(RunFolder.runs(in: results).map(\.id) == [first.id, second.id])
      #expect(throws: StoreError.self) { try RunFolder.find("last", in: results + "/nowhere") }
    }
  }

  /// `last` is for a person who has just measured: what is broken beside it is said, and does not stand in the way.
  @Test func theLastRunIsTheNewestThatCanBeRead() throws {
    try withFolder { good in
      let results = URL(fileURLWithPath: good.path).deletingLastPathComponent().path
      try good.write(StoredRunFixture.run)
      for (name, text) in [("20270101T000000Z-cut", "{\"schema\": 3, \"id"), ("20270102T000000Z-half", nil)] {
        try FileManager.default.createDirectory(atPath: "\(results)/\(name)", withIntermediateDirectories: true)
        if let text { try OutputFile.write(text, to: "\(results)/\(name)/run.json") }
      }
      // No run's name, and a check: neither is looked at.
      for name in ["notes", "20270103T000000Z-check"] {
        try FileManager.default.createDirectory(atPath: "\(results)/\(name)", withIntermediateDirectories: true)
      }
      try OutputFile.write("{}", to: "\(results)/20270103T000000Z-check/results.json")
      var told: [String] = []
      #expect(try RunFolder.find("last", in: results) { told.append($0) }.id == good.id)
      #expect(told.count == 2)
      #expect(told[0].hasPrefix("left out: \(results)/20270102T000000Z-half: is half a result folder"))
      #expect(told[1].hasPrefix("left out: \(results)/20270101T000000Z-cut/run.json: is damaged"))
      // Where nothing can be read, the newest says why.
      try FileManager.default.removeItem(atPath: good.path)
      let error = #expect(throws: StoreError.self) { try RunFolder.find("last", in: results) { _ in } }
      #expect(error?.description.contains("20270102T000000Z-half") == true)
    }
  }

  @Test func resultsThatCannotBeMade() {
    let error = #expect(throws: StoreError.self) {
      try RunFolder.create(in: "/proc/nowhere", suite: "transport", at: .now())
    }
    #expect(error?.description.hasPrefix("/proc/nowhere") == true)
  }

  @Test func timesAreInUTC() {
    let time = RunTime(secondsSince1970: 1_769_882_340)
    #expect(time.compact == "20260131T175900Z")
    #expect(time.iso == "2026-01-31T17:59:00Z")
  }

  @Test func namesOfFioOutputAreFileNames() {
    let name = BenchCell.fioOutput(node: .file, workload: "read rand aio ×4", column: "io_uring", sample: 3)
    #expect(name == "fio/file-read-rand-aio-x4-io_uring-3.json")
  }
}
