// When many requests wait, as the kernel's count tells.

import Foundation
import Glibc
import Testing

@testable import ExportUnderTest

@Suite struct CrowdTests {
  @Test func manyMakeACrowdAtOnce() {
    var crowd = Crowd()
    crowd.count(Crowd.many - 1)
    #expect(!crowd.isThere)
    crowd.count(Crowd.many)
    #expect(crowd.isThere)
  }

  @Test func aCrowdIsGoneAfterAWhileWithoutMany() {
    var crowd = Crowd()
    crowd.count(64)
    for _ in 1..<Crowd.patience {
      crowd.count(0)
      #expect(crowd.isThere)
    }
    crowd.count(0)
    #expect(!crowd.isThere)
  }

  @Test func manyNowAndThenKeepIt() {
    var crowd = Crowd()
    for moment in 0..<100 {
      crowd.count(moment % (Crowd.patience - 1) == 0 ? Crowd.many : 1)
      #expect(crowd.isThere)
    }
  }

  /// What the kernel writes, and what it never should.
  @Test(arguments: [("17\n", true), ("7\n", false), ("8\n", true), ("", false), ("x\n", false)])
  func readsTheKernelsCount(text: String, isMany: Bool) throws {
    try Self.withFolder(text) { control in
      var crowd = Crowd()
      crowd.ask(control)
      #expect(crowd.isThere == isMany)
    }
  }

  /// Runs `body` with a folder whose file `waiting` holds `text`.
  private static func withFolder(_ text: String, _ body: (Int32) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "crowd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try text.write(to: folder.appending(path: "waiting"), atomically: false, encoding: .utf8)
    let control = open(folder.path, O_RDONLY | O_DIRECTORY)
    #expect(control >= 0)
    defer { close(control) }
    try body(control)
  }

  /// The kernel's count is the connection's; a thread that sleeps or looks long for each request has none of it.
  @Test(arguments: [(Crowd.mostWaits, true), (Crowd.mostWaits + 1, false)])
  func whoWaitsForMostHasNoCrowd(waits: UInt64, isMany: Bool) throws {
    try Self.withFolder("64\n") { control in
      var crowd = Crowd()
      for number in 0..<waits {
        crowd.waited(Crowd.longLook)
        if number % 2 == 0 { crowd.waited() } else { crowd.waited(Crowd.longLook + 1) }
      }
      crowd.ask(control)
      #expect(crowd.isThere == isMany)
      // And from then on as before.
      crowd.ask(control)
      #expect(crowd.isThere)
    }
  }

  @Test func whoIsAloneSoonForgetsTheCrowd() {
    var crowd = Crowd()
    crowd.count(Crowd.many)
    var questions = 0
    while crowd.isThere {
      for _ in 0..<Crowd.interval { crowd.waited() }
      crowd.ask(-1)
      questions += 1
    }
    #expect(questions < Crowd.patience / 2)
  }

  @Test func withoutAFolderNothingIsKnown() {
    var crowd = Crowd()
    crowd.ask(-1)
    #expect(!crowd.isThere)
    // A crowd that was there ends when nothing is heard any more: no folder, or no file in it.
    let empty = open("/proc/self/fdinfo", O_RDONLY | O_DIRECTORY)
    defer { close(empty) }
    for folder in [-1, empty] {
      crowd.count(Crowd.many)
      for _ in 0..<Crowd.patience { crowd.ask(folder) }
      #expect(!crowd.isThere)
    }
  }
}
