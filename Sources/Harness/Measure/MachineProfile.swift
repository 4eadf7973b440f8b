// The machine that a number belongs to: what another machine must share for its numbers to be compared.

internal import Foundation

/// The machine as a benchmark found it when it began.
package struct MachineProfile: Codable, Equatable, Sendable {
  /// The kernel's release, as `uname -r` prints it.
  package var kernel: String
  /// The distribution's name and version.
  package var system: String
  /// The CPU's model name.
  package var cpu: String
  /// CPUs that are on.
  package var cpusOnline: Int
  /// CPUs that could be on: the number of io_uring queues of an export.
  package var cpusPossible: Int
  /// The frequency governor, nil where the machine has none (most virtual ones).
  package var governor: String?
  /// Whether a hypervisor runs this machine.
  package var virtual: Bool
  /// Memory in bytes.
  package var memory: UInt64
  /// fio's version, as it prints it.
  package var fio: String
  /// The versions of the other tools, as `ToolVersions` tells them; nil in runs that were stored without.
  package var tools: [String: String]?
  /// The fuse module's parameters.
  package var fuseParameters: [String: String]
  /// Kernel settings that bear on FUSE and on asynchronous I/O.
  package var sysctls: [String: String]
  /// The type of the file system that holds the image.
  package var imageFileSystem: String
  /// Load averages over 1, 5 and 15 minutes.
  package var load: [Double]

  private static let sysctlNames = [
    "fs/aio-max-nr", "fs/fuse/max_pages_limit", "fs/fuse/default_request_timeout",
    "fs/fuse/max_request_timeout", "fs/pipe-user-pages-soft", "kernel/io_uring_disabled",
    "kernel/sched_autogroup_enabled", "kernel/randomize_va_space", "vm/dirty_ratio", "vm/swappiness",
  ]

  /// The facts of this machine; `fio` is the version that fio prints, `imageFileSystem` the type of
  /// the file system that holds the image. `root` stands before every path that is read.
  package static func collect(
    fio: String, tools: [String: String]? = nil, imageFileSystem: String, root: String = ""
  ) -> MachineProfile {
    let cpuinfo = SystemFile.text("\(root)/proc/cpuinfo") ?? ""
    let cpus = "\(root)/sys/devices/system/cpu"
    return MachineProfile(
      kernel: SystemFile.word("\(root)/proc/sys/kernel/osrelease") ?? "unknown",
      system: field("PRETTY_NAME", of: SystemFile.text("\(root)/etc/os-release") ?? "", separator: "=")
        .map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) } ?? "unknown",
      cpu: field("model name", of: cpuinfo, separator: ":") ?? "unknown",
      cpusOnline: count(cpuList: SystemFile.word("\(cpus)/online") ?? ""),
      cpusPossible: count(cpuList: SystemFile.word("\(cpus)/possible") ?? ""),
      governor: SystemFile.word("\(cpus)/cpu0/cpufreq/scaling_governor"),
      virtual: field("flags", of: cpuinfo, separator: ":")?.split(separator: " ").contains("hypervisor")
        ?? false,
      memory: memory(SystemFile.text("\(root)/proc/meminfo") ?? ""),
      fio: fio,
      tools: tools,
      fuseParameters: values(in: "\(root)/sys/module/fuse/parameters"),
      sysctls: sysctls(root),
      imageFileSystem: imageFileSystem,
      load: (SystemFile.word("\(root)/proc/loadavg") ?? "").split(separator: " ").prefix(3).compactMap {
        Double($0)
      })
  }

  /// The number of CPUs in a list as the kernel prints it, like `0-3,8`.
  static func count(cpuList: String) -> Int {
    cpuList.split(separator: ",").reduce(0) { sum, range in
      let ends = range.split(separator: "-").compactMap { Int($0) }
      guard let first = ends.first, let last = ends.last, last >= first else { return sum }
      return sum + last - first + 1
    }
  }

  private static func field(_ name: String, of text: String, separator: Character) -> String? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: separator, maxSplits: 1).map {
        $0.trimmingCharacters(in: .whitespaces)
      }
      if parts.count == 2, parts[0] == name { return parts[1] }
    }
    return nil
  }

  private static func memory(_ meminfo: String) -> UInt64 {
    let kibibytes = field("MemTotal", of: meminfo, separator: ":")?.split(separator: " ").first
    return (kibibytes.flatMap { UInt64($0) } ?? 0) * 1024
  }

  private static func values(in directory: String) -> [String: String] {
    var values: [String: String] = [:]
    for name in SystemFile.names(directory) { values[name] = SystemFile.word("\(directory)/\(name)") }
    return values
  }

  private static func sysctls(_ root: String) -> [String: String] {
    var values: [String: String] = [:]
    for name in sysctlNames {
      values[name.replacing("/", with: ".")] = SystemFile.word("\(root)/proc/sys/\(name)")
    }
    return values
  }

  /// The machine in one line, for the foot of a table.
  package var line: String {
    let gibibytes = (Double(memory) / Double(1 << 30)).rounded()
    return "\(cpusOnline) CPUs\(virtual ? " (virtual)" : ""), \(cpu), \(Int(clamping: gibibytes)) GiB, "
      + "Linux \(kernel), \(fio), image on \(imageFileSystem)"
  }
}
