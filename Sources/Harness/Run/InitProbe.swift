// Looks at INIT as it passes between the kernel and a subject: by strace, for any program.

import Foundation
import Glibc

/// INIT could not be looked at.
package struct InitProbeError: Error, CustomStringConvertible, Sendable {
  /// What is wrong, and the way out, in one line.
  package let description: String
}

/// Starts a subject under strace and reads the two messages of INIT from what passed.
package enum InitProbe {
  /// What is known of one start of a subject.
  package struct Result: Sendable {
    /// INIT, and what follows from it.
    package var findings: InitFindings
    /// The transport that was asked for.
    package var mode: Mode
    /// The command line that started the subject, without strace.
    package var commandLine: String
    /// The release of the running kernel.
    package var kernel: String
    /// The options of the mount.
    package var mountOptions: [String]
  }

  /// Starts `subject` in `mode` with `settings`, looks, and stops it.
  /// - Throws: `InitProbeError` where strace is missing or INIT did not pass through read or write,
  ///   `ExportStartError` where the subject does not start, `FileError`, `StartError`, `TemplateError`, `Interrupted`.
  package static func look(_ subject: Subject, mode: Mode, settings: ExportSettings) async throws -> Result {
    guard Programs.find("strace") != nil else {
      throw InitProbeError(description: "strace is not installed: apt-get install strace")
    }
    guard subject.ready.mount else {
      throw InitProbeError(description: "\(subject.name) mounts nothing, so there is no INIT to look at")
    }
    let workspace = try Workspace(label: "init-\(subject.name)")
    defer { workspace.remove() }
    try ImagePlan(size: settings.size).make(at: workspace.file("disk.img"))
    let trace = workspace.file("trace")
    var traced = subject
    // The program's own path: strace finds it in PATH, but `self` is known to the harness only.
    traced.program = subject.executable() ?? subject.program
    traced.prefix = TracedCall.strace(trace) + subject.prefix
    let session = try await ExportSession.start(traced, mode: mode, settings: settings, workspace: workspace)
    let options = MountTable.entries(at: session.mountPoint).last?.options ?? []
    _ = await session.stop()
    guard let exchange = InitExchange(in: TracedCall.calls(in: SystemFile.bytes(trace) ?? [])) else {
      throw InitProbeError(
        description: "INIT of \(subject.name) was not seen in its reads and writes: it mounts no FUSE, or uses splice")
    }
    let words = Array(try ShellWords.split(session.commandLine).dropFirst(TracedCall.strace(trace).count))
    return Result(
      findings: InitFindings(exchange, in: surroundings(options)), mode: mode,
      commandLine: TextFormat.shellLine(words),
      kernel: SystemFile.word("/proc/sys/kernel/osrelease") ?? "unknown", mountOptions: options)
  }

  private static func surroundings(_ options: [String]) -> InitLimits.Surroundings {
    let limit = SystemFile.word("/proc/sys/fs/fuse/max_pages_limit").flatMap { Int($0) }
    let option = options.first { $0.utf8.starts(with: "max_read=".utf8) }
    return InitLimits.Surroundings(
      pageSize: Int(sysconf(CInt(_SC_PAGESIZE))), pagesLimit: limit ?? 256,
      maxRead: option.flatMap { Int($0.dropFirst("max_read=".count)) })
  }
}
