// What this machine has of what the harness needs.

import Foundation
import Glibc

/// One thing that the harness needs or likes to have.
package struct MachineFact: Sendable, Equatable {
  /// How it stands.
  package enum State: Sendable, Equatable {
    /// As it should be.
    case fine
    /// Something is skipped or slower without it.
    case limited
    /// Nothing can be run without it.
    case missing
  }

  /// What it is.
  package var name: String
  /// How it stands.
  package var state: State
  /// What was found.
  package var value: String
  /// What to do about it.
  package var remedy: String?
}

/// Facts about this machine.
package enum Machine {
  /// Address space that the harness takes at most: each of its threads has a stack and an arena, and one that cannot be
  /// made is waited for without end.
  private static let leastMemory: rlim_t = 1 << 30
  /// Files that the harness and an export have open at a time, and some to spare.
  private static let leastFiles = 64

  /// Why no export can be mounted here; nil if nothing stands in the way.
  package static var cannotMount: FileError? {
    guard access("/dev/fuse", F_OK) == 0 else {
      return FileError(file: "/dev/fuse", message: "does not exist; load the module: modprobe fuse")
    }
    guard access("/dev/fuse", R_OK | W_OK) == 0 else {
      return FileError(file: "/dev/fuse", message: "cannot be opened by this user; run as root")
    }
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 || limit.rlim_cur >= leastFiles else {
      return FileError(
        file: "ulimit -n",
        message: "is \(limit.rlim_cur), and at least \(leastFiles) are needed: ulimit -n \(leastFiles)")
    }
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) != 0 || limit.rlim_cur >= leastMemory else {
      return FileError(
        file: "ulimit -v",
        message: "is \(limit.rlim_cur >> 10), and at least \(leastMemory >> 10) are needed: ulimit -v unlimited")
    }
    return nil
  }

  /// Whether the kernel has the file system `name` (proc_filesystems(5)); what a module would bring is not asked for.
  package static func knows(fileSystem name: String) -> Bool {
    (SystemFile.text("/proc/filesystems") ?? "").fields("\n").contains {
      $0.utf8.split(separator: UInt8(ascii: "\t")).last.map { $0.elementsEqual(name.utf8) } ?? false
    }
  }

  /// All facts, in the order in which a person would mend them.
  package static func facts() async -> [MachineFact] {
    var facts = [kernel(), device(), user(), uring(), uringDisabled(), control()]
    if let fault = try? await BaseFolder.objection() {
      // Everything below makes files there.
      return facts + [
        MachineFact(name: "TMPDIR", state: .missing, value: fault.description, remedy: "set TMPDIR to another folder")
      ]
    }
    facts.append(libfuse())
    for (program, package, required) in [
      ("fusermount3", "fuse3", false), ("qemu-storage-daemon", "qemu-system-common", false), ("jq", "jq", false),
    ] {
      facts.append(await self.program(program, package: package, required: required))
    }
    return facts + tools(await ToolVersions.known()) + [openFiles(), processors(), keptFolders()]
  }

  /// Programs that scenarios call, and whose wording a transcript may hold.
  private static let tools = ["fio", "qemu-img", "qemu-io", "jq", "fusermount3"]

  /// What each tool that a transcript may depend on says of its version, by name.
  package static func toolVersions() async -> [String: String] {
    var versions: [String: String] = [:]
    for tool in tools {
      let fact = await program(tool, package: tool, required: false)
      versions[tool] = fact.state == .fine ? fact.value : "not installed"
    }
    return versions
  }

  private static func kernel() -> MachineFact {
    let release = line(of: "/proc/sys/kernel/osrelease") ?? "unknown"
    let numbers = release.split(whereSeparator: { !$0.isNumber }).prefix(2).compactMap { Int($0) }
    // Only a hint for people: whether io_uring works is decided by asking the kernel, never by its version.
    let isOld = numbers.count == 2 && (numbers[0], numbers[1]) < (6, 14)
    return MachineFact(
      name: "kernel", state: isOld ? .limited : .fine, value: release,
      remedy: "FUSE over io_uring needs Linux 6.14 or newer; legacy and multithread work")
  }

  private static func device() -> MachineFact {
    let fault = cannotMount
    return MachineFact(
      name: "/dev/fuse", state: fault == nil ? .fine : .missing, value: fault?.message ?? "can be opened",
      remedy: "modprobe fuse, or run as root")
  }

  private static func user() -> MachineFact {
    let isRoot = geteuid() == 0
    return MachineFact(
      name: "user", state: isRoot ? .fine : .limited, value: isRoot ? "root" : "uid \(geteuid())",
      remedy: "without root, enable_uring cannot be switched and dead mounts cannot be aborted; run as root")
  }

  private static func uring() -> MachineFact {
    let state = EnableUring.state
    let value = state.map { $0 ? "on" : "off" } ?? "the kernel has no such parameter"
    // Off is fine for root: the harness switches it on for a run.
    let fine = state == true || (state == false && geteuid() == 0)
    return MachineFact(
      name: "enable_uring", state: fine ? .fine : .limited, value: value,
      remedy: state == nil
        ? "use a kernel of 6.14 or newer with CONFIG_FUSE_IO_URING" : "echo Y > \(EnableUring.parameter)")
  }

  private static func uringDisabled() -> MachineFact {
    let denial = CellRunner.ioUringDenial
    let setting = line(of: "/proc/sys/kernel/io_uring_disabled").map { ", kernel.io_uring_disabled=\($0)" } ?? ""
    return MachineFact(
      name: "io_uring", state: denial == nil ? .fine : .limited, value: (denial ?? "can be used") + setting,
      remedy: "legacy and multithread do without; else sysctl kernel.io_uring_disabled=0, and in a container a "
        + "seccomp filter that allows io_uring")
  }

  private static func control() -> MachineFact {
    let mounted = !MountTable.entries(at: FuseConnection.controlFolder).isEmpty
    return MachineFact(
      name: "fusectl", state: mounted || geteuid() == 0 ? .fine : .limited,
      value: mounted ? "mounted" : "not mounted (root mounts it when it is needed)",
      remedy: "mount -t fusectl fusectl \(FuseConnection.controlFolder)")
  }

  /// The library by which this program's own export mounts; under which name differs between distributions.
  private static func libfuse() -> MachineFact {
    let found = ["libfuse3.so.4", "libfuse3.so.3"].first { name in
      guard let library = dlopen(name, RTLD_LAZY) else { return false }
      dlclose(library)
      return true
    }
    return MachineFact(
      name: "libfuse3", state: found == nil ? .limited : .fine, value: found ?? "not found",
      remedy: "fusebench's own export cannot mount without it; apt-get install fuse3 (Fedora: dnf install fuse3-libs)")
  }

  /// A fact for each tool whose version is kept with results; `versions` are those of `ToolVersions`.
  static func tools(_ versions: [String: String]) -> [MachineFact] {
    let packages = [
      "fio": "fio", "qemu-img": "qemu-utils", "qemu-io": "qemu-utils", "coreutils": "coreutils",
      "util-linux": "util-linux",
    ]
    return ToolVersions.tools.map { tool in
      let version = versions[tool.name] ?? ToolVersions.missing
      let package = packages[tool.name] ?? tool.name
      guard version != ToolVersions.missing, version != ToolVersions.silent else {
        return MachineFact(name: tool.name, state: .missing, value: version, remedy: "apt-get install \(package)")
      }
      guard !ToolVersions.isOld(version, tool) else {
        let oldest = tool.oldest.map { "\($0)" }.joined(separator: ".")
        return MachineFact(
          name: tool.name, state: .limited, value: "\(version), older than \(oldest)",
          remedy: "scenarios are held against \(tool.name) \(oldest) and newer; upgrade \(package)")
      }
      return MachineFact(name: tool.name, state: .fine, value: version)
    } + [MachineFact(name: "sh", state: .fine, value: versions["sh"] ?? ToolVersions.missing)]
  }

  private static func program(_ name: String, package: String, required: Bool) async -> MachineFact {
    let lacking: MachineFact.State = required ? .missing : .limited
    guard let path = Programs.find(name) else {
      return MachineFact(name: name, state: lacking, value: "not found", remedy: "apt-get install \(package)")
    }
    guard let version = await ToolVersions.firstLine(of: Command(path, ["--version"])) else {
      return MachineFact(
        name: name, state: lacking, value: "\(path) does not run", remedy: "reinstall \(package)")
    }
    return MachineFact(name: name, state: .fine, value: version)
  }

  private static func openFiles() -> MachineFact {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    return MachineFact(
      name: "open files", state: limit.rlim_cur >= 1024 ? .fine : .limited, value: "\(limit.rlim_cur)",
      remedy: "ulimit -n 1024")
  }

  private static func processors() -> MachineFact {
    let online = sysconf(CInt(_SC_NPROCESSORS_ONLN))
    let possible = line(of: "/sys/devices/system/cpu/possible") ?? "unknown"
    return MachineFact(
      name: "CPUs", state: online >= 2 ? .fine : .limited, value: "possible \(possible), online \(online)",
      remedy: "with one CPU, modes cannot differ by parallel work")
  }

  private static func keptFolders() -> MachineFact {
    let kept = PreservedWorkspaces()
    let way = kept.paths.isEmpty ? "" : "; 'fusebench doctor --clean' removes them"
    return MachineFact(name: "kept folders", state: .fine, value: kept.words + way)
  }

  private static func line(of path: String) -> String? {
    SystemFile.word(path)
  }
}
