// What a cell needs of rights, and how it is known whether they are there.

import Testing

@testable import Harness

@Suite struct CellNeedsTests {
  @Test func rootOfAUserNamespaceIsNotRootOfTheMachine() {
    #expect(CellRunner.hasAllUsers("         0          0 4294967295\n"))
    #expect(!CellRunner.hasAllUsers("         0       1000          1\n"))
    #expect(!CellRunner.hasAllUsers("         0       1000          1\n         1     100000      65536\n"))
    #expect(!CellRunner.hasAllUsers(""))
    // A kernel without user namespaces has no such file.
    #expect(CellRunner.hasAllUsers(nil))
  }

  @Test func clientsThatUseIoUringSaySo() throws {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    for scenario in library.scenarios where scenario.modes != [.ioUring] {
      let usesIt = scenario.steps.contains { step in
        switch step.action {
        case .run(let lines): lines.contains { $0.contains("--ioengine=io_uring") || $0.contains("load io_uring ") }
        case .start(_, let line): line.contains("--ioengine=io_uring") || line.contains("load io_uring ")
        default: false
        }
      }
      #expect(scenario.requires.ioUring || !usesIt, "\(scenario.name): requires: {io-uring: on}")
    }
  }
}
