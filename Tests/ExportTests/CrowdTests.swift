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
    let folder = FileManager.default.temporaryDirectory.appending(path: "crowd-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try text.write(to: folder.appending(path: "waiting"), atomically: false, encoding: .utf8)
    let control = open(folder.path, O_RDONLY | O_DIRECTORY)
    defer { close(control) }
    #expect(control >= 0)
    var crowd = Crowd()
    crowd.ask(control)
    #expect(crowd.isThere == isMany)
  }

  @Test func withoutAFolderNothingIsKnown() {
    var crowd = Crowd()
    crowd.ask(-1)
    #expect(!crowd.isThere)
  }
}
