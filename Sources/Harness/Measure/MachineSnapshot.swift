// What else the machine does: a look before and one after some samples, and whether they were disturbed meanwhile.

internal import Foundation

/// What a look at the machine shows that a benchmark does not cause itself.
struct MachineSnapshot: Equatable {
  /// Somebody else's fio or export.
  struct ForeignProcess: Equatable {
    let pid: Int32
    let name: String
    /// CPU seconds so far.
    let cpu: Double
  }

  /// CPU seconds of all programs, of all CPUs, since the machine was started; without interrupts.
  var programs: Double
  /// CPU seconds of this process and of all its children that have ended: every export and every fio of ours has.
  var own: Double
  /// CPU seconds that the hypervisor gave to somebody else.
  var steal: Double
  /// All CPU seconds, idle ones too.
  var total: Double
  /// Other exports and fio processes.
  var strangers: [ForeignProcess]
  /// How often any CPU has been throttled for heat.
  var throttles: UInt64
  /// The highest frequency that any CPU may have now, in kHz; nil where the machine does not say.
  var frequencyLimit: UInt64?

  /// The share of all CPU time that others may take before a sample counts as disturbed. A minute's load average would
  /// say the same later, and would hold our own load too.
  static let maxOthers = 0.15
  /// The share of all CPU time that the hypervisor may take. Small virtual machines lose some per cent all the time, to
  /// every column alike.
  static let maxSteal = 0.1

  /// What disturbed the time between two looks, in one line; nil if nothing did.
  static func disturbance(from before: MachineSnapshot, to after: MachineSnapshot) -> String? {
    let total = after.total - before.total
    guard total > 0 else { return nil }
    let steal = (after.steal - before.steal) / total
    if steal > maxSteal { return "the hypervisor took \(percent(steal)) of the CPU time" }
    for stranger in after.strangers {
      let earlier = before.strangers.first { $0.pid == stranger.pid }?.cpu ?? 0
      // One that waits for something all the while disturbs nobody.
      if stranger.cpu - earlier > 0.02 { return "\(stranger.name) (process \(stranger.pid)) ran, which is not ours" }
    }
    let others = (after.programs - before.programs - (after.own - before.own)) / total
    if others > maxOthers { return "other programs took \(percent(others)) of the CPU time" }
    if after.throttles != before.throttles { return "a CPU was throttled for heat" }
    if after.frequencyLimit != before.frequencyLimit { return "the limit of the CPUs' frequency changed" }
    return nil
  }

  private static func percent(_ share: Double) -> String { "\(Int(clamping: (share * 100).rounded())) %" }
}

extension MachineSnapshot {
  /// A look now; nil where /proc is not as expected.
  static func now() -> MachineSnapshot? {
    guard let clock = HostClock.now() else { return nil }
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    return MachineSnapshot(
      programs: Double(clock.programs) / ticks, own: ownSeconds, steal: Double(clock.steal) / ticks,
      total: Double(clock.total) / ticks, strangers: strangersNow, throttles: throttlesNow,
      frequencyLimit: cpuFolders.compactMap { number("\($0)/cpufreq/scaling_max_freq") }.max())
  }

  private static var ownSeconds: Double {
    var sum = 0.0
    for who in [RUSAGE_SELF, RUSAGE_CHILDREN] {
      var usage = rusage()
      guard getrusage(__rusage_who_t(who.rawValue), &usage) == 0 else { continue }
      for time in [usage.ru_utime, usage.ru_stime] { sum += Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    }
    return sum
  }

  private static var cpuFolders: [String] {
    let folder = "/sys/devices/system/cpu"
    return SystemFile.names(folder).filter { $0.wholeMatch(of: /cpu\d+/) != nil }.map { "\(folder)/\($0)" }
  }

  /// Not the frequency itself: it follows the load, and at the moment of a look there is none.
  private static var throttlesNow: UInt64 {
    cpuFolders.compactMap { number("\($0)/thermal_throttle/core_throttle_count") }.reduce(0, +)
  }

  private static func number(_ path: String) -> UInt64? { SystemFile.word(path).flatMap { UInt64($0) } }

  private static var strangersNow: [ForeignProcess] {
    let ours = "\(ChildMark.variable)=\(ChildMark.ours)"
    return SystemFile.names("/proc").compactMap { Int32($0) }.compactMap { pid in
      // The kernel keeps the first 15 characters of a name.
      guard let name = SystemFile.word("/proc/\(pid)/comm"),
        ["fio", "fusebench", "qemu-storage-da", "nbdfuse"].contains(name),
        let words = SystemFile.text("/proc/\(pid)/cmdline")?.split(separator: "\0"),
        name != "fusebench" || words.dropFirst().first == "export",
        SystemFile.text("/proc/\(pid)/environ").map({ !$0.contains(ours) }) ?? false,
        let clock = ProcessClock(pid: pid)
      else { return nil }
      return ForeignProcess(pid: pid, name: name, cpu: clock.user + clock.system)
    }
  }
}
