// The kernel's own tracing, in an instance that belongs to this run and goes with it.

import CLinux
import Foundation
import Glibc

/// Why nothing can be traced here; one line with the way out.
package struct TraceError: Error, Equatable, CustomStringConvertible {
  /// The reason, and what to do.
  package let description: String
}

/// An instance of tracefs: buffers and switches of its own, so that whoever else traces is not disturbed.
final class TraceInstance: Sendable {
  /// What stands before the number of the process that made it.
  private static let prefix = "fusebench-"
  /// The place of tracefs (Documentation/trace/ftrace.rst).
  private static let mountPoint = "/sys/kernel/tracing"

  /// Its name, by which trace-cmd finds it.
  let name: String
  private let folder: String
  private let restoreNumber: Int
  private let restore: @Sendable () -> Void

  /// Makes an instance, after those of runs that were killed are gone. Registered to be removed, whatever ends the
  /// harness.
  /// - Throws: `TraceError` where the kernel does not trace, or this is not root.
  init() throws {
    let mounted = try Self.mountIfMissing()
    let instances = "\(Self.mountPoint)/instances"
    for left in SystemFile.names(instances) where left.hasPrefix(Self.prefix) {
      guard let pid = Int32(left.dropFirst(Self.prefix.count)), kill(pid, 0) != 0, errno == ESRCH else { continue }
      Self.remove("\(instances)/\(left)")
    }
    let name = "\(Self.prefix)\(getpid())"
    let folder = "\(instances)/\(name)"
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      let reason = String(cString: strerror(errno))
      if mounted { Self.unmount() }
      throw TraceError(description: "\(folder): an instance cannot be made: \(reason); run as root")
    }
    self.name = name
    self.folder = folder
    restore = {
      Self.remove(folder)
      if mounted { Self.unmount() }
    }
    restoreNumber = CleanupRegistry.shared.add(restore: restore)
  }

  /// Removes it, and what was mounted for it.
  func end() {
    restore()
    CleanupRegistry.shared.withdraw(restore: restoreNumber)
  }

  /// Switches on those of `events` (`system/name`) that the kernel has; the result is those that it has not.
  /// - Throws: `TraceError` if one cannot be switched on.
  func enable(_ events: [String]) throws -> [String] {
    var missing: [String] = []
    for event in events {
      let file = "\(folder)/events/\(event)/enable"
      if access(file, F_OK) == 0 { try put("1", file) } else { missing.append(event) }
    }
    return missing
  }

  /// Records with `kibibytes` of buffer per CPU, on the monotonic clock, until `stop`.
  func start(kibibytes: Int) throws {
    try put("\(kibibytes)", "\(folder)/buffer_size_kb")
    try put("mono", "\(folder)/trace_clock")
    try put("1", "\(folder)/tracing_on")
  }

  /// Records no more; what is in the buffers stays.
  func stop() throws {
    try put("0", "\(folder)/tracing_on")
    try put("0", "\(folder)/events/enable")
  }

  /// Events that found no room, of all CPUs.
  var lost: Int {
    SystemFile.names("\(folder)/per_cpu").reduce(0) { sum, cpu in
      let stats = SystemFile.text("\(folder)/per_cpu/\(cpu)/stats") ?? ""
      let words = stats.split { $0 == "\n" || $0 == " " || $0 == ":" }
      let lost = zip(words, words.dropFirst()).filter { $0.0 == "overrun" }.compactMap { Int($0.1) }
      return sum + (lost.first ?? 0)
    }
  }

  /// What was recorded, as the file `path`, which trace-cmd reads. The instance is gone then: trace-cmd removes it.
  func extract(to path: String) async throws {
    let done = try await Command("trace-cmd", ["extract", "-B", name, "-o", path]).run(within: .seconds(60))
    guard done.status.isSuccess, access(path, R_OK) == 0 else {
      let said = done.output.split(separator: "\n").first.map { ": \($0)" } ?? ""
      throw TraceError(description: "trace-cmd extract (\(done.status))\(said)")
    }
  }

  private func put(_ text: String, _ path: String) throws {
    guard Self.write(text, path) else {
      throw TraceError(description: "\(path): cannot be written: \(String(cString: strerror(errno)))")
    }
  }

  private static func write(_ text: String, _ path: String) -> Bool {
    let file = open(path, O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    return Glibc.write(file, text, text.utf8.count) == text.utf8.count
  }

  private static func remove(_ folder: String) {
    guard access(folder, F_OK) == 0 else { return }
    _ = write("0", "\(folder)/tracing_on")
    _ = write("0", "\(folder)/events/enable")
    rmdir(folder)
  }

  /// Mounts tracefs where it is not; whether it was not.
  private static func mountIfMissing() throws -> Bool {
    if access("\(mountPoint)/instances", F_OK) == 0 { return false }
    guard access(mountPoint, F_OK) == 0 else {
      throw TraceError(description: "\(mountPoint): this kernel has no tracefs; use one with CONFIG_FTRACE")
    }
    guard mount("tracefs", mountPoint, "tracefs", 0, nil) == 0 else {
      let reason = String(cString: strerror(errno))
      throw TraceError(description: "\(mountPoint): tracefs cannot be mounted: \(reason); run as root")
    }
    return true
  }

  private static func unmount() { _ = clinux_unmount(mountPoint, [.detach]) }
}
