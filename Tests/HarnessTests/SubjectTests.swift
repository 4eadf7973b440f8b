// Subjects as data: what stands in the file becomes the command line, and mistakes are named.

import Foundation
import Testing

@testable import Harness

@Suite struct SubjectTests {
  private let places = Subject.Places(image: "/i", mountPoint: "/m", pidfile: "/p", statistics: "/s")

  private func words(_ mode: Mode, _ change: (inout ExportSettings) -> Void = { _ in }) throws -> String {
    let subject = try Subject.named("fusebench", in: scenarioFolder + "/subjects")
    var settings = ExportSettings()
    change(&settings)
    return try subject.arguments(mode: mode, settings: settings, places: places, cpus: 2).joined(
      separator: " ")
  }

  @Test func legacyHasNoIOThreads() throws {
    #expect(
      try words(.legacy)
        == "export --blockdev driver=file,node-name=prot,filename=/i --blockdev driver=raw,node-name=fmt,file=prot"
        + " --export type=fuse,id=exp0,node-name=fmt,mountpoint=/m,writable=on,stats=/s --pidfile /p")
  }

  @Test func ioUringHasIOThreadsAndTheWord() throws {
    let line = try words(.ioUring) {
      $0.node = .null
      $0.size = 4096
      $0.writable = false
      $0.depth = 8
      $0.threads = 3
    }
    #expect(
      line
        == "export --object iothread,id=t0 --object iothread,id=t1 --object iothread,id=t2"
        + " --blockdev driver=null-co,node-name=fmt,size=4096"
        + " --export type=fuse,id=exp0,node-name=fmt,mountpoint=/m,iothread.0=t0,iothread.1=t1,iothread.2=t2"
        + ",io-uring=on,queue-depth=8,stats=/s --pidfile /p")
  }

  @Test func settingsBecomeWords() throws {
    let line = try words(.multithread) {
      $0.growable = true
      $0.direct = true
      $0.aio = .ioUring
      $0.discard = .unmap
      $0.allowOther = .off
    }
    #expect(line.contains("filename=/i,cache.direct=on,aio=io_uring,discard=unmap "))
    #expect(line.contains(",writable=on,growable=on,allow-other=off,iothread.0=t0,iothread.1=t1,stats=/s"))
  }

  @Test func mistakesAreNamed() throws {
    let folder = try Workspace(label: "subject-test")
    defer { folder.remove() }
    func fault(_ text: String) throws -> String? {
      try text.write(toFile: folder.file("x.yaml"), atomically: true, encoding: .utf8)
      do {
        _ = try Subject.named("x", in: folder.path)
        return nil
      } catch { return "\(error)" }
    }
    let file = folder.file("x.yaml")
    #expect(try fault("title: T\nprogram: p\nmodes: [legacy]\narguments: [a]") == nil)
    #expect(
      try fault("title: T\nprogram: p\nmodes: [fast]\narguments: [a]")
        == "\(file): line 3: mode 'fast' does not exist; modes are legacy, multithread, io_uring")
    #expect(
      try fault("title: T\nprogram: p\nmodes: [legacy]")
        == "\(file): line 1: key 'arguments' is missing or empty")
    let base = "title: T\nprogram: p\nmodes: [legacy]\n"
    #expect(
      try fault(base + "arguments: [a]\nready: {pidfile: on}")
        == "\(file): line 5: 'pidfile' under 'ready' is on, but no word of 'arguments' holds {pidfile}")
    #expect(try fault(base + "arguments: [a, '{pidfile}']\nready: {pidfile: on}") == nil)
    #expect(try fault("title: T\nprogam: p")?.hasPrefix("\(file): line 2: unknown key 'progam'") == true)
    #expect(throws: FileError.self) { try Subject.named("y", in: folder.path) }
  }

  @Test func aPidfileIsAwaitedFromWhoeverIsToldOfOne() throws {
    let folder = try Workspace(label: "subject-test")
    defer { folder.remove() }
    for (words, awaited) in [("a", false), ("'{pidfile}'", true)] {
      try "title: T\nprogram: p\nmodes: [legacy]\narguments: [\(words)]".write(
        toFile: folder.file("x.yaml"), atomically: true, encoding: .utf8)
      #expect(try Subject.named("x", in: folder.path).ready.pidfile == awaited)
    }
  }

  @Test func aVariableThatDoesNotExistIsAFault() throws {
    let folder = try Workspace(label: "template-test")
    defer { folder.remove() }
    try "title: T\nprogram: p\nmodes: [legacy]\narguments: ['{colour}']".write(
      toFile: folder.file("x.yaml"), atomically: true, encoding: .utf8)
    let error = #expect(throws: FileError.self) { try Subject.named("x", in: folder.path) }
    let said = "line 4: '{colour}' under 'arguments' has the variable {colour}, which does not exist; there are "
    #expect(error?.message.hasPrefix(said) == true)
  }

  @Test func aScenarioCanTypeTheCommandLineItself() throws {
    var subject = try Subject.named(
      "qemu-storage-daemon", in: scenarioFolder + "/subjects", program: "/usr/bin/qsd", prefix: ["chroot", "/newer"])
    let words = try subject.environment(mode: .ioUring, settings: ExportSettings(), places: places, cpus: 2)
    #expect(
      words == [
        "DAEMON": "chroot /newer /usr/bin/qsd --object iothread,id=t0 --object iothread,id=t1",
        "TRANSPORT": ",iothread.0=t0,iothread.1=t1,io-uring=on",
      ])
    subject.prefix = []
    let plain = try subject.environment(mode: .legacy, settings: ExportSettings(), places: places, cpus: 2)
    #expect(plain == ["DAEMON": "/usr/bin/qsd", "TRANSPORT": ""])
  }

  @Test func whatASubjectCanDoIsFoundOutByTrying() async throws {
    var subject = try Subject.named("raw", in: scenarioFolder + "/subjects")
    subject.capabilities = []
    subject.probed = ["resize", "punch-hole", "seek-hole", "growable", "flying"]
    let found = try await CapabilityProbe.complete(subject)
    #expect(found.capabilities.isSuperset(of: ["resize", "growable"]))
    #expect(found.lacks["flying"] == "it is not known how to try 'flying'; name it under 'capabilities'")
  }

  @Test func aCapabilityThatIsMissingIsTheReasonOfASkip() throws {
    var subject = try Subject.named("raw", in: scenarioFolder + "/subjects")
    subject.capabilities = []
    subject.lacks = ["resize": "ftruncate 2M = EPERM", "multithread": "no such word"]
    let scenario = try Scenario(
      text: "title: T\nrequires: {capabilities: [resize]}\nsteps: [{run: x}]", file: "x.yaml")
    let reasons = [Mode.legacy, .multithread].map {
      CellRunner.missing(for: Cell(scenario: scenario, mode: $0, subject: subject))
    }
    #expect(
      reasons == ["raw lacks resize (ftruncate 2M = EPERM)", "raw does not serve multithread (no such word)"])
  }

  @Test func sizesTakeSuffixes() {
    #expect(ByteSize.parse("512") == 512)
    #expect(ByteSize.parse("64k") == 65536)
    #expect(ByteSize.parse("1M") == 1 << 20)
    #expect(ByteSize.parse("2g") == 2 << 30)
    #expect(ByteSize.parse("9999999999T") == nil)
    #expect(ByteSize.parse("1x") == nil)
    #expect(ByteSize.parse("") == nil)
    #expect(ByteSize.format(65536) == "64k")
    #expect(ByteSize.format(1000) == "1000")
  }

  @Test func theMountTableIsRead() {
    let text = """
      30 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
      77 30 0:52 / /var/tmp/with\\040blank ro,nosuid,nodev,noatime shared:9 - fuse /dev/fuse ro,user_id=0,max_read=4
      not a line
      """
    #expect(
      MountTable.entries(in: Array(text.utf8)).last
        == MountEntry(
          path: "/var/tmp/with blank", minor: 52, type: "fuse",
          options: ["ro", "nosuid", "nodev", "noatime", "ro", "user_id=0", "max_read=4"]))
    #expect(MountTable.entries(in: Array(text.utf8)).count == 2)
  }
}
