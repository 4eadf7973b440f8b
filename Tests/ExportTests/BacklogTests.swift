// When many requests wait, as the kernel's count tells.

import Foundation
import Glibc
import Testing

@testable import ExportUnderTest

@Suite struct BacklogTests {
  @Test func manyMakeABacklogAtOnce() {
    var backlog = Backlog()
    backlog.count(Backlog.deep - 1)
    #expect(!backlog.isDeep)
    backlog.count(Backlog.deep)
    #expect(backlog.isDeep)
  }

  @Test func aBacklogIsGoneAfterAWhileWithoutMany() {
    var backlog = Backlog()
    backlog.count(64)
    for _ in 1..<Backlog.patience {
      backlog.count(0)
      #expect(backlog.isDeep)
    }
    backlog.count(0)
    #expect(!backlog.isDeep)
  }

  @Test func manyNowAndThenKeepIt() {
    var backlog = Backlog()
    for moment in 0..<100 {
      backlog.count(moment % (Backlog.patience - 1) == 0 ? Backlog.deep : 1)
      #expect(backlog.isDeep)
    }
  }

  /// What the kernel writes, and what it never should.
  @Test(arguments: [("17\n", true), ("7\n", false), ("8\n", true), ("", false), ("x\n", false)])
  func readsTheKernelsCount(text: String, isDeep: Bool) throws {
    try Self.withFolder(text) { control in
      var backlog = Backlog()
      backlog.ask(control)
      #expect(backlog.isDeep == isDeep)
    }
  }

  /// Runs `body` with a folder whose file `waiting` holds `text`.
  private static func withFolder(_ text: String, _ body: (Int32) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "backlog-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try text.write(to: folder.appending(path: "waiting"), atomically: false, encoding: .utf8)
    let control = open(folder.path, O_RDONLY | O_DIRECTORY)
    #expect(control >= 0)
    defer { close(control) }
    try body(control)
  }

  /// The kernel's count is the connection's; a thread that sleeps or looks long for each request has none of it.
  @Test(arguments: [(Backlog.maxWaits, true), (Backlog.maxWaits + 1, false)])
  func whoWaitsForMostHasNoBacklog(waits: UInt64, isDeep: Bool) throws {
    try Self.withFolder("64\n") { control in
      var backlog = Backlog()
      for number in 0..<waits {
        backlog.waited(Backlog.longPoll)
        if number % 2 == 0 { backlog.waited() } else { backlog.waited(Backlog.longPoll + 1) }
      }
      backlog.ask(control)
      #expect(backlog.isDeep == isDeep)
      // And from then on as before.
      backlog.ask(control)
      #expect(backlog.isDeep)
    }
  }

  @Test func whoIsAloneSoonForgetsTheBacklog() {
    var backlog = Backlog()
    backlog.count(Backlog.deep)
    var questions = 0
    while backlog.isDeep {
      for _ in 0..<Backlog.interval { backlog.waited() }
      backlog.ask(-1)
      questions += 1
    }
    #expect(questions < Backlog.patience / 2)
  }

  @Test func withoutAFolderNothingIsKnown() {
    var backlog = Backlog()
    backlog.ask(-1)
    #expect(!backlog.isDeep)
    // A backlog that was there ends when nothing is heard any more: no folder, or no file in it.
    let empty = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY)
    defer { close(empty) }
    for folder in [-1, empty] {
      backlog.count(Backlog.deep)
      for _ in 0..<Backlog.patience { backlog.ask(folder) }
      #expect(!backlog.isDeep)
    }
  }
}
