// What a request costs beside the kernel's work: no allocation, no reference counting, no mutex. Counted by a
// preloaded library around the functions themselves.

import Foundation
import Glibc
import Harness
import HarnessStatistics
import Testing

@Suite(
  .serialized,
  .enabled(
    if: Machine.cannotMount == nil && Programs.find("fio") != nil && Programs.find("cc") != nil,
    "needs FUSE mounts, fio, and cc for the counting library"))
struct SteadyStateTests {
  private static let nodes = [
    "null": ["--blockdev", "driver=null-co,node-name=n,size=64M"],
    "file": ["--blockdev", "driver=file,node-name=n,filename=image,cache.direct=on,aio=io_uring"],
  ]

  /// What was called, in the order of Fixtures/counting.c.
  private static let kinds = ["allocations", "retains", "releases", "mutexes locked"]

  @Test(arguments: Mode.allCases, ["null", "file"])
  func requestsCallNothing(mode: Mode, node: String) async throws {
    let ring = mode == .ioUring && geteuid() == 0 ? try? EnableUring() : nil
    defer { ring?.end() }
    if mode == .ioUring, EnableUring.state != true { try Test.cancel("FUSE over io_uring is not available") }
    try await check(mode, "io_uring", Self.nodes[node]!, kinds: Self.kinds.count)
  }

  /// Without io_uring files are read and written by a pool of threads, which shares a queue under a mutex.
  @Test(arguments: [Mode.legacy, .multithread], ["null", "file"])
  func requestsAllocateNothingWithoutRing(mode: Mode, node: String) async throws {
    let words = Self.nodes[node]!.map { $0.replacingOccurrences(of: ",aio=io_uring", with: "") }
    try await check(mode, "epoll", words, kinds: node == "file" ? 3 : Self.kinds.count)
  }

  /// - Parameter kinds: how many of `kinds`, from the first on, must not grow with the requests.
  private func check(_ mode: Mode, _ eventLoop: String, _ node: [String], kinds: Int) async throws {
    let workspace = try Workspace(label: "steady-state-test")
    defer { workspace.remove() }
    let export = try await start(mode, eventLoop, node, in: workspace)
    let counted: [[UInt64]]
    do {
      counted = try await measure(in: workspace)
    } catch {
      _ = await export.terminate(grace: .seconds(10))
      _ = try await Command("umount", ["-l", workspace.file("mount")]).run(within: .seconds(5))
      throw error
    }
    #expect(await export.terminate(grace: .seconds(10)) == .exited(0))

    #expect(try requests(in: workspace.file("stats")) >= 24_000)
    for (kind, name) in Self.kinds.prefix(kinds).enumerated() {
      #expect(counted[0][kind] > 0, "the preloaded library did not count \(name)")
      // Opening, closing and looking at the file are in both runs; the second has 20,000 requests more.
      let opening = counted[1][kind] - counted[0][kind]
      #expect(counted[2][kind] - counted[1][kind] <= opening + 50, "\(name) for 20,000 requests more")
    }
  }

  /// The counts after a first run of fio, after the same again, and after the same with 20,000 requests more.
  private func measure(in workspace: Workspace) async throws -> [[UInt64]] {
    var counted: [[UInt64]] = []
    for count in [2000, 2000, 22_000] {
      var fio = Command(
        "fio",
        [
          "--name=steady", "--filename=mount", "--rw=randrw", "--bs=4k", "--ioengine=libaio", "--iodepth=16",
          "--direct=1", "--size=64M", "--io_size=\(count * 4096)", "--randrepeat=0", "--allow_file_create=0",
        ])
      fio.directory = workspace.path
      let finished = try await fio.run(within: .seconds(60))
      #expect(finished.status.isSuccess, "\(finished.output)")
      counted.append(try counts(workspace.file("counts")))
    }
    return counted
  }

  private func start(_ mode: Mode, _ eventLoop: String, _ node: [String], in workspace: Workspace) async throws -> Child
  {
    let library = workspace.file("counting.so")
    let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/counting.c").path
    let compiled = try await Command("cc", ["-O2", "-shared", "-fPIC", "-o", library, source])
      .run(within: .seconds(60))
    try #require(compiled.status.isSuccess, "\(compiled.output)")
    for (name, size) in [("mount", 0), ("counts", 8 * Self.kinds.count), ("image", 64 << 20)] {
      #expect(FileManager.default.createFile(atPath: workspace.file(name), contents: Data(count: size)))
    }
    let words =
      switch mode {
      case .legacy: ""
      case .multithread: ",iothread.0=t0,iothread.1=t1"
      case .ioUring: ",iothread.0=t0,iothread.1=t1,io-uring=on"
      }
    var command = Command(
      Subject.ownExecutable,
      ["main-loop,id=m", "iothread,id=t0", "iothread,id=t1"].reduce(["export"]) {
        $0 + ["--object", "\($1),event-loop=\(eventLoop)"]
      } + node + [
        "--export", "fuse,id=e,node-name=n,mountpoint=mount,writable=on,stats=stats" + words, "--pidfile", "pid",
      ])
    command.directory = workspace.path
    command.environment = ["LD_PRELOAD": library, "FUSEBENCH_COUNTS": workspace.file("counts")]
    let export = try await Child.start(command)
    for _ in 0..<6000 where access(workspace.file("pid"), F_OK) != 0 && !export.hasEnded {
      try await Task.sleep(for: .milliseconds(10))
    }
    guard export.hasEnded else { return export }
    struct DidNotStart: Error { let said: String }
    throw DidNotStart(said: await export.finish(within: .seconds(1)).output)
  }

  private func counts(_ path: String) throws -> [UInt64] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return data.withUnsafeBytes { bytes in
      (0..<Self.kinds.count).map { bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
    }
  }

  /// READs and WRITEs in the export's statistics.
  private func requests(in path: String) throws -> Int {
    struct Statistics: Decodable {
      struct Channel: Decodable { var requests: [String: Int] }
      var channels: [Channel]
    }
    let statistics = try JSONDecoder().decode(Statistics.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    return statistics.channels.reduce(0) { $0 + $1.requests["READ", default: 0] + $1.requests["WRITE", default: 0] }
  }
}
