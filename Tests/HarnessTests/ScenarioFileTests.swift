// Scenario files: what they say is what is read, and every mistake is named with file, line and key.

import Testing

@testable import Harness

@Suite struct ScenarioFileTests {
  private func fault(_ text: String) -> String? {
    do {
      _ = try Scenario(text: text, file: "x.yaml")
      return nil
    } catch {
      return "\(error)"
    }
  }

  @Test func everythingThatAFileCanSay() throws {
    let scenario = try Scenario(
      text: """
        title: A title
        tags: [eof, quick]
        requires: {programs: fio, capabilities: [growable], root: on}
        image: {size: 2M, fill: hole, extents: [{at: 64k, size: 4k, fill: zero}]}
        export: {node: file, writable: off, growable: on, allow-other: on, direct: yes, aio: io_uring,
                 discard: unmap, depth: 8, threads: 3, start: off}
        parallel: on
        alone: on
        daemon-log: on
        timeout: 2.5
        filters: dd
        steps:
          - run: |
              echo one \\
                two
              # not a command
              echo three
            filters: [numbers]
            timeout: 1
          - probe: |
              open rw
              pwrite 4k 1 0xab
          - start: load
            run: sleep 1
          - wait: load
          - export: start
            with: {writable: on}
          - export: stop INT
          - export: signal USR1
          - export: start
            with: {growable: off}
            refused: on
          - verify: [no-mount, no-process]
        """, file: "dir/some-name.yaml")
    #expect(scenario.name == "some-name")
    #expect(scenario.tags == ["eof", "quick"])
    #expect(scenario.requires.programs == ["fio"])
    #expect(scenario.requires.root)
    #expect(scenario.alone)
    #expect(scenario.image.size == 2 << 20)
    #expect(scenario.image.extents == [.init(offset: 65536, length: 4096, fill: .zero)])
    #expect(scenario.export.direct && !scenario.export.writable && scenario.export.aio == .ioUring)
    #expect(scenario.export.size == 2 << 20)
    #expect(!scenario.startsExport && scenario.parallel && scenario.mayPrint)
    #expect(scenario.timeout == 2.5)
    #expect(scenario.filters == [.dd])
    #expect(scenario.steps.count == 9)
    #expect(scenario.steps[0].action == .run(["echo one two", "echo three"]))
    #expect(scenario.steps[0].filters == [.numbers] && scenario.steps[0].timeout == 1)
    #expect(scenario.steps[1].action == .probe(["open rw", "pwrite 4k 1 0xab"]))
    #expect(scenario.steps[2].action == .start(job: "load", line: "sleep 1"))
    var writable = scenario.export
    writable.writable = true
    #expect(scenario.steps[4].action == .export(.start(writable)))
    #expect(scenario.steps[5].action == .export(.stop(.interrupt)))
    #expect(scenario.steps[6].action == .export(.signal(.user1)))
    #expect(scenario.steps[8].action == .verify([.noMount, .noProcess]))
  }

  @Test(arguments: [
    ("title: T\ncolour: red\nsteps: [{run: x}]", "x.yaml: line 2: unknown key 'colour'"),
    ("title: T\nimage: {sise: 1M}\nsteps: [{run: x}]", "x.yaml: line 2: unknown key 'sise' in 'image'"),
    ("steps: [{run: x}]", "x.yaml: line 1: key 'title' is missing"),
    ("title: T", "x.yaml: line 1: key 'steps' is missing or empty"),
    ("title: T\ntitle: U\nsteps: [{run: x}]", "x.yaml: "),
    ("title: T\nimage: {size: big}\nsteps: [{run: x}]", "x.yaml: line 2: 'image.size' must be a size"),
    (
      "title: T\nexport: {writable: maybe}\nsteps: [{run: x}]",
      "x.yaml: line 2: 'export.writable' must be on or off"
    ),
    (
      "title: T\nexport: {node: floppy}\nsteps: [{run: x}]",
      "x.yaml: line 2: 'export.node' must be one of file, null"
    ),
    ("title: T\nfilters: [magic]\nsteps: [{run: x}]", "x.yaml: line 2: filter 'magic' does not exist"),
    ("title: T\nsteps: [{run: x, probe: close}]", "x.yaml: line 2: a step does one thing"),
    ("title: T\nsteps: [{probe: jump}]", "x.yaml: line 2: in 'probe': 'jump' is no probe"),
    (
      "title: T\nsteps: [{probe: pread 1}]",
      "x.yaml: line 2: in 'probe': 'pread 1' should read: pread OFFSET LENGTH"
    ),
    ("title: T\nsteps: [{export: explode}]", "x.yaml: line 2: 'export' takes start, stop"),
    ("title: T\nsteps: [{export: stop HARD}]", "x.yaml: line 2: signal 'HARD' is not known"),
    ("title: T\nsteps: [{wait: load}]", "x.yaml: line 2: 'wait: load' comes before 'start: load'"),
    (
      "title: T\nsteps: [{start: load, run: x}, {wait: load}, {wait: load}]",
      "x.yaml: line 2: job 'load' is waited for twice"
    ),
    ("title: T\nsteps: [{verify: peace}]", "x.yaml: line 2: 'verify' knows "),
    ("title: T\nmodes: [fast]\nsteps: [{run: x}]", "x.yaml: line 2: mode 'fast' does not exist"),
    (
      "title: T\nsteps: [{run: x, refused: on}]",
      "x.yaml: line 2: 'with' and 'refused' belong to 'export: start'"
    ),
    ("title: [", "x.yaml: is not YAML"),
    ("- a", "x.yaml: line 1: a mapping is needed"),
  ])
  func aMistakeIsNamed(text: String, message: String) {
    let fault = fault(text)
    #expect(fault?.hasPrefix(message) == true, "\(fault ?? "no fault") should begin with \(message)")
  }

  @Test func aPatternThatMatchesNothingIsAnError() throws {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    #expect(try library.select(["sparse-m*", "size-truncate"]).map(\.name) == ["size-truncate", "sparse-map"])
    #expect(try library.select([]).count == library.scenarios.count)
    #expect(throws: FileError.self) { try library.select(["sparse-m*", "no-such-*"]) }
  }

  @Test func everyScenarioOfTheProjectHasTagsAndAGolden() throws {
    let library = try ScenarioLibrary(folder: scenarioFolder)
    for scenario in library.scenarios {
      #expect(!scenario.tags.isEmpty, "\(scenario.name)")
      #expect(try library.golden(scenario) != nil, "\(scenario.name)")
    }
  }
}
