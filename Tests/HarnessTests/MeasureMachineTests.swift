// The machine's facts and clocks, from texts as the kernel prints them.

import Foundation
import Testing

@testable import Harness

@Suite struct MeasureMachineTests {
  @Test func factsOfAMachineOnPaper() throws {
    let root = NSTemporaryDirectory() + "fusebench-facts-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    let files = [
      "proc/sys/kernel/osrelease": "6.18.44\n",
      "etc/os-release": "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
      "proc/cpuinfo": "processor\t: 0\nmodel name\t: Fast CPU\nflags\t\t: fpu hypervisor sse\n",
      "proc/meminfo": "MemTotal:       16777216 kB\nMemFree: 1 kB\n",
      "proc/loadavg": "0.50 0.25 0.10 1/100 4242\n",
      "sys/devices/system/cpu/online": "0-2,5\n",
      "sys/devices/system/cpu/possible": "0-7\n",
      "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
      "sys/module/fuse/parameters/enable_uring": "Y\n",
      "proc/sys/fs/aio-max-nr": "65536\n",
    ]
    for (path, text) in files {
      let url = URL(fileURLWithPath: "\(root)/\(path)")
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url)
    }
    let facts = MachineProfile.collect(fio: "fio-3.33", imageFileSystem: "ext4", root: root)
    #expect(facts.kernel == "6.18.44")
    #expect(facts.system == "Debian GNU/Linux 12 (bookworm)")
    #expect(facts.cpu == "Fast CPU")
    #expect(facts.cpusOnline == 4)
    #expect(facts.cpusPossible == 8)
    #expect(facts.governor == "performance")
    #expect(facts.virtual)
    #expect(facts.memory == 16 << 30)
    #expect(facts.fuseParameters == ["enable_uring": "Y"])
    #expect(facts.sysctls == ["fs.aio-max-nr": "65536"])
    #expect(facts.load == [0.5, 0.25, 0.1])
    #expect(facts.line == "4 CPUs (virtual), Fast CPU, 16 GiB, Linux 6.18.44, fio-3.33, image on ext4")
  }

  @Test func thisMachineHasFacts() {
    let facts = MachineProfile.collect(fio: "", imageFileSystem: MountTable.type(of: "/"))
    #expect(facts.kernel != "unknown")
    #expect(facts.cpusOnline > 0)
    #expect(facts.memory > 0)
    #expect(facts.imageFileSystem != "unknown")
  }

  @Test(arguments: [("0", 1), ("0-3", 4), ("0-1,4,6-7", 5), ("", 0), ("3-1", 0)])
  func cpuLists(_ list: String, _ count: Int) {
    #expect(MachineProfile.count(cpuList: list) == count)
  }

  @Test func noiseBetweenTwoReadings() throws {
    let before = try #require(
      HostClock(stat: "cpu  100 0 100 800 0 0 0 0 0 0\ncpu0 1\n", loadavg: "1.5 1 1 1/2 3"))
    let after = try #require(HostClock(stat: "cpu  150 0 130 900 10 0 0 10 0 0\n", loadavg: "2 1 1 1/2 3"))
    let noise = HostNoise(from: before, to: after)
    // 200 ticks: 110 idle or waiting, 10 stolen.
    #expect(noise.load == 1.5)
    #expect(noise.stealPercent == 5)
    #expect(noise.busyPercent == 45)
  }

  @Test func readingsInAnotherFormAreNone() {
    #expect(HostClock(stat: "intr 5\n", loadavg: "1 1 1") == nil)
    #expect(HostClock(stat: "cpu 1 2 3\n", loadavg: "1 1 1") == nil)
  }

  @Test func costOfAProcess() throws {
    func reading(_ user: Int, _ system: Int, _ voluntary: Int) throws -> ProcessClock {
      // Between the state and the user time stand ten fields that do not matter here.
      let between = Array(repeating: "0", count: 10).joined(separator: " ")
      return try #require(
        ProcessClock(
          stat: "42 (a) (b c) S \(between) \(user) \(system) 0 0",
          status: "Name:\tx\nVmHWM:\t   2048 kB\n",
          threads: ["voluntary_ctxt_switches:\t\(voluntary)\nnonvoluntary_ctxt_switches:\t10\n"],
          ticksPerSecond: 100))
    }
    let cost = ServerCost(from: try reading(100, 50, 0), to: try reading(200, 250, 500), operations: 1000)
    #expect(cost.source == .proc)
    #expect(cost.userMicros == 1000)
    #expect(cost.systemMicros == 2000)
    #expect(cost.micros == 3000)
    #expect(cost.switches == 0.5)
    #expect(cost.peakResident == 2 << 20)
  }

  @Test func costThatAnExportReports() throws {
    let json = """
      {"version": 1, "export": "exp0", "transport": "io_uring", "threads": ["t0", "t1"], "queues": 2, "depth": 64,
       "channels": [
         {"channel": "device.0", "requests": {"INIT": 1}, "bytes_read": 0, "bytes_written": 0, "errors": 0,
          "max_in_flight": 1},
         {"channel": "queue.0", "requests": {"READ": 60, "WRITE": 40}, "bytes_read": 327680,
          "bytes_written": 81920, "errors": 0, "max_in_flight": 16}],
       "max_in_flight": 16, "cpu_seconds": {"user": 0.001, "system": 0.002}, "peak_rss_bytes": 4096,
       "context_switches": {"voluntary": 40, "involuntary": 10}}
      """
    let statistics = try JSONDecoder().decode(ExportStatistics.self, from: Data(json.utf8))
    // 400 KiB in blocks of 4 KiB are 100 I/Os.
    let cost = try #require(ServerCost(statistics, of: Workload(name: "row")))
    #expect(cost.source == .statistics)
    #expect(abs(cost.userMicros - 10) < 1e-9)
    #expect(abs(cost.systemMicros - 20) < 1e-9)
    #expect(cost.switches == 0.5)
    #expect(cost.peakResident == 4096)
    #expect(cost.maxInFlight == 16)
    #expect(cost.channels == ["device.0": 0, "queue.0": 100])
  }
}
