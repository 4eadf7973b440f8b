// A subject: an export program as data. How it is started, known to be ready, stopped, and what it can do.

import Glibc

/// An export program that the harness can start, described by a data file.
package struct Subject: Sendable {
  /// How a subject is stopped.
  package struct StopPlan: Sendable, Equatable {
    /// Signals sent one after the other.
    package var signals: [Signal] = [.terminate]
    /// Seconds that each signal is given.
    package var within: Double = 5
  }

  /// How a subject is known to serve.
  package struct Readiness: Sendable, Equatable {
    /// Whether the mount table must show it.
    package var mount = true
    /// Whether the pidfile must be there.
    package var pidfile = true
    /// Seconds until it counts as not starting.
    package var within: Double = 10
    /// The same of the one start before a check, when nothing else runs: what hangs is to be told within seconds.
    package var first: Double = 5
  }

  /// Its name: the data file's, without extension.
  package var name: String
  /// One line about it.
  package var title: String
  /// `self` (this program), a path, or a name found in PATH.
  package var program: String
  /// The program that was asked for in place of the data file's own; nil without one.
  package var replacement: String?
  /// What the program says of its version, where it has been asked and says something.
  package var version: String?
  /// Words that stand before the program, such as `chroot FOLDER`.
  package var prefix: [String] = []
  /// What its data file has for `prefix`: an option may have put others in their place, or none.
  var filedPrefix: [String] = []
  /// Modes that it can serve.
  package var modes: [Mode]
  /// What it can do; a scenario that requires more is skipped.
  package var capabilities: Set<String>
  /// Modes and capabilities that are found out by trying, before anything else runs.
  package var probed: [String] = []
  /// Whether its file says which modes it has, so that none has to be tried.
  package var knowsModes: Bool { !probed.contains { Mode(rawValue: $0) != nil } }
  /// What was tried and found missing, with what the subject said to it.
  package var lacks: [String: String] = [:]
  /// Whether it writes the statistics that prove a transport.
  package var statistics: Bool
  /// How it is started.
  package var template: CommandTemplate
  /// Variables for scenarios that type a command line of this subject themselves.
  package var shell: [String: CommandTemplate] = [:]
  /// How it is known to serve.
  package var ready: Readiness
  /// How it is stopped.
  package var stop: StopPlan
  /// Programs in PATH that its own program starts: a shell around them is always there.
  package var needs: [String] = []
  /// Debian packages that bring its programs.
  package var packages: [String] = []
  /// How to get its program where no package has it, in one line.
  package var get: String?
  /// Scenarios that are expected to fail with it.
  package var knownFailures: [ExpectedFailure] = []

  /// The words of a command line that put these words before its program in place of its file's, or take those away.
  package var prefixOption: [String] {
    prefix.isEmpty && filedPrefix.isEmpty ? [] : ["--prefix", TextFormat.shellLine(prefix)]
  }

  /// The places on disk that a command line names.
  package struct Places: Sendable {
    /// The image behind a file node.
    package var image: String
    /// The regular file that shows the export.
    package var mountPoint: String
    /// Where the export writes its pid once it serves.
    package var pidfile: String
    /// Where the export writes its statistics.
    package var statistics: String
  }

  /// The arguments (without the program) that start this subject.
  /// - Throws: `TemplateError` where the data file asks for a variable that does not exist.
  package func arguments(mode: Mode, settings: ExportSettings, places: Places, cpus: Int) throws -> [String] {
    try template.expand(
      values: values(mode: mode, settings: settings, places: places, cpus: cpus),
      threads: threads(mode, settings, cpus))
  }

  /// The environment of a scenario's commands: how this subject is started by hand in `mode`.
  ///
  /// `name` takes the program's place where its own path cannot stand in a variable that the shell splits into words
  /// (`isOneWord`): a name that the commands find in PATH.
  /// - Throws: `TemplateError` where the data file asks for a variable that does not exist.
  package func environment(
    mode: Mode, settings: ExportSettings, places: Places, cpus: Int, name: String? = nil
  ) throws -> [String: String] {
    var values = values(mode: mode, settings: settings, places: places, cpus: cpus)
    values["program"] = (prefix + [name ?? executable() ?? program]).joined(separator: " ")
    return try shell.mapValues {
      try $0.expand(values: values, threads: threads(mode, settings, cpus)).joined(separator: " ")
    }
  }

  /// Whether a shell takes the unquoted `path` for one word, and for nothing but itself.
  package static func isOneWord(_ path: String) -> Bool {
    path.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
        true
      default: "/._-+,=@%:".utf8.contains(byte)
      }
    }
  }

  /// Whether `path` is a block device: some programs open it by another driver than a file.
  private static func isDevice(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFBLK
  }

  private func threads(_ mode: Mode, _ settings: ExportSettings, _ cpus: Int) -> [String] {
    let count = mode == .legacy ? 0 : settings.threads ?? mode.threads(cpus: cpus)
    return (0..<count).map { "t\($0)" }
  }

  private func values(mode: Mode, settings: ExportSettings, places: Places, cpus: Int) -> [String: String] {
    func word(_ on: Bool) -> String { on ? "on" : "off" }
    func number(_ value: Int?) -> String { value.map { "\($0)" } ?? "" }
    // Where no iothread takes them, the thread that is always there does.
    let tunesMainLoop =
      mode == .legacy && ((settings.pollLimit ?? settings.batch) != nil || settings.eventLoop != nil)
    return [
      "mode": mode.rawValue,
      "node": settings.node.rawValue,
      "size": "\(settings.size)",
      "writable": word(settings.writable),
      "growable": word(settings.growable),
      "allow-other": settings.allowOther.rawValue,
      "direct": word(settings.direct),
      "aio": settings.aio.rawValue,
      "discard": settings.discard.rawValue,
      "depth": number(settings.depth),
      "poll-max-ns": number(settings.pollLimit),
      "aio-max-batch": number(settings.batch),
      "event-loop": settings.eventLoop?.rawValue ?? "",
      "main-loop": word(tunesMainLoop),
      "io-uring": word(mode == .ioUring),
      "threads": "\(threads(mode, settings, cpus).count)",
      "image": places.image,
      "image-kind": Self.isDevice(places.image) ? "device" : "file",
      "mountpoint": places.mountPoint,
      "pidfile": places.pidfile,
      "stats": places.statistics,
    ]
  }
}
