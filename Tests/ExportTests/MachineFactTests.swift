// What the export reads from the system and writes about itself: mounts, processors, statistics, errors.

import Foundation
import Testing

@testable import ExportUnderTest

@Suite struct MachineFactTests {
  @Test func theMountTable() {
    let text = """
      22 28 0:20 / /proc rw,nosuid shared:12 - proc proc rw
      28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
      90 28 0:45 / /tmp/a\\040b\\134c\\011d rw,nosuid,nodev,noatime - fuse fusebench rw,user_id=0,max_read=1048576
      91 28 0:46 / /mnt/x ro master:1 shared:2 - fuse.sshfs host: rw
      92 28 0:47 / /mnt/y rw - fuseblk /dev/sda1 ro
      a line that is none
      """
    #expect(
      MountTable.parse(Array(text.utf8)) == [
        MountEntry(minor: 20, path: "/proc", type: "proc", options: ["rw"], isReadOnly: false),
        MountEntry(minor: 1, path: "/", type: "ext4", options: ["rw"], isReadOnly: false),
        MountEntry(
          minor: 45, path: "/tmp/a b\\c\td", type: "fuse", options: ["rw", "user_id=0", "max_read=1048576"],
          isReadOnly: false),
        MountEntry(minor: 46, path: "/mnt/x", type: "fuse.sshfs", options: ["rw"], isReadOnly: true),
        MountEntry(minor: 47, path: "/mnt/y", type: "fuseblk", options: ["ro"], isReadOnly: true),
      ])
    for path in MountTable.parse(Array(text.utf8)).map(\.path) {
      let all = MountTable.parse(Array(text.utf8))
      #expect(MountTable.entry(on: path, in: Array(text.utf8)) == all.last { $0.path == path }, "\(path)")
    }
    #expect(MountTable.entry(on: "/none", in: Array(text.utf8)) == nil)
    #expect(MountTable.parse(Array(text.utf8)).map(\.isFUSE) == [false, false, true, true, false])
  }

  @Test func namesThatAreNoASCII() {
    func path(_ field: [UInt8]) -> [UInt8]? {
      MountTable.parse(Array("1 2 0:3 / ".utf8) + field + Array(" rw - fuse x rw".utf8)).first?.path.bytes
    }
    // One scalar or two, and no UTF-8 at all: bytes.
    for name in [Array("/gr\u{00FC}n".utf8), Array("/gru\u{0308}n".utf8), [0x2f, 0xfc, 0xff], Array("/\\\\9".utf8)] {
      #expect(path(name) == name)
    }
    #expect(path(Array("/a\\012\\377\\4".utf8)) == [0x2f, 0x61, 0x0a, 0xff, 0x5c, 0x34])
  }

  @Test(arguments: [
    ("0\n", 1), ("0-3\n", 4), ("0,2\n", 2), ("0-1,4-7,9\n", 7), ("0-127", 128),
  ]) func processors(_ list: String, _ count: Int) { #expect(Processors.count(list) == count) }

  @Test(arguments: ["", "\n", "3-1", "a-b", "1-2-3"]) func whatIsNoSetOfProcessors(_ list: String) {
    #expect(Processors.count(list) == nil)
  }

  @Test func thisMachineHasProcessors() {
    #expect(Processors.online >= 1)
    #expect(Processors.possible >= Processors.online)
  }

  @Test func errorsNameTheAttemptAndTheRemedy() {
    #expect(
      SystemError("cannot open 'x'", code: 2).description == "cannot open 'x': No such file or directory")
    #expect(SystemError("a", code: 1, remedy: "do b").description == "a: Operation not permitted (do b)")
    let full = SystemError("cannot clone", code: 24, remedy: "see clone(2)").description
    #expect(full == "cannot clone: Too many open files (\(OpenFileLimit.remedy))")
    #expect(full.contains("(ulimit -n is \(OpenFileLimit.current); ") && full.contains("ulimit -n 256)"))
    #expect(throws: SystemError.self) { try checked(-5, "read") }
    #expect((try? checked(7, "read")) == 7)
    #expect(Ring.fileTableSize >= 1 && UInt64(Ring.fileTableSize) <= OpenFileLimit.current)
  }

  // MARK: Statistics

  private func statistics() -> Statistics {
    var device = Counters()
    device.count(26)
    device.maxInFlight = 1
    var queue = Counters()
    for opcode: UInt32 in [15, 15, 16, 3, 63, 4000] { queue.count(opcode) }
    (queue.bytesRead, queue.bytesWritten, queue.errors, queue.maxInFlight) = (8192, 512, 2, 15)
    let threads = [
      ThreadFacts(name: "t0", eventLoop: .ioUring, fallbackReason: nil),
      ThreadFacts(name: "t1", eventLoop: .epoll, fallbackReason: "denied"),
    ]
    return Statistics(
      export: "exp0", transport: "io_uring", threads: threads, queues: 2, depth: 64,
      records: [
        CounterRecord(.device, index: 0, counters: device), CounterRecord(.queue, index: 0, counters: queue),
      ])
  }

  @Test func theKeysOfStatistics() throws {
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(statistics()))
    let object = try #require(json as? [String: Any])
    #expect(
      object.keys.sorted() == [
        "channels", "context_switches", "cpu_seconds", "depth", "event_loop_fallback", "event_loops",
        "export", "max_in_flight",
        "peak_rss_bytes", "queues", "threads", "transport", "version",
      ])
    #expect(object["version"] as? Int == 1)
    #expect(object["transport"] as? String == "io_uring")
    #expect(object["threads"] as? [String] == ["t0", "t1"])
    #expect(object["event_loops"] as? [String] == ["io_uring", "epoll"])
    #expect(object["event_loop_fallback"] as? String == "denied")
    #expect(try #require(object["peak_rss_bytes"] as? Int) > 1 << 20)
    #expect((object["cpu_seconds"] as? [String: Any])?.keys.sorted() == ["system", "user"])
    #expect((object["context_switches"] as? [String: Any])?.keys.sorted() == ["involuntary", "voluntary"])
    let channels = try #require(object["channels"] as? [[String: Any]])
    #expect(
      channels[1].keys.sorted() == [
        "bytes_read", "bytes_written", "channel", "errors", "max_in_flight", "requests",
      ])
    #expect(channels[0]["requests"] as? [String: Int] == ["INIT": 1])
    #expect(
      channels[1]["requests"] as? [String: Int] == ["READ": 2, "WRITE": 1, "GETATTR": 1, "OPCODE_63": 2])
    #expect(channels[1]["bytes_read"] as? Int == 8192)
    #expect(channels[1]["bytes_written"] as? Int == 512)
    #expect(channels[1]["errors"] as? Int == 2)
    #expect(channels[1]["max_in_flight"] as? Int == 15)
  }

  @Test func statisticsAreWrittenWhole() throws {
    let file = try TemporaryFile(length: 100_000)
    try statistics().write(to: ByteText(file.path))
    #expect(try JSONDecoder().decode(Statistics.self, from: Data(file.bytes)).channels.count == 2)
    #expect(file.bytes.last == UInt8(ascii: "\n"))
    #expect(!FileManager.default.fileExists(atPath: file.path + ".partial"))
    #expect(throws: SystemError.self) { try statistics().write(to: "/nonexistent/stats.json") }
  }

  @Test func aPIDFileHoldsThisProcessAndGoes() throws {
    let path = NSTemporaryDirectory() + "/fusebench-pid-\(UUID().uuidString)"
    var file: PIDFile? = try PIDFile(ByteText(path))
    #expect(
      try String(contentsOfFile: path, encoding: .utf8) == "\(ProcessInfo.processInfo.processIdentifier)\n")
    #expect(throws: SystemError.self) { try PIDFile(ByteText(path)) }
    #expect(FileManager.default.fileExists(atPath: path))
    _ = file
    file = nil
    #expect(!FileManager.default.fileExists(atPath: path))
    #expect(throws: SystemError.self) { try PIDFile("/nonexistent/p") }
  }
}
