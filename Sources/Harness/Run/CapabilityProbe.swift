// Finds out by trying what a subject can do: never by its version.

import Foundation
import Glibc

/// Tries the modes and capabilities that a subject's file lists under `probed`.
package struct CapabilityProbe {
  private let subject: Subject
  private let workspace: Workspace

  /// `subject` with what it has been found to have, and with what it said where it has not.
  ///
  /// Each thing is tried with an export of its own: a refusal of one says nothing about the next.
  /// - Throws: `FileError`, `StartError`, `TemplateError` where the harness itself cannot work; `Interrupted`.
  package static func complete(_ subject: Subject) async throws -> Subject {
    guard !subject.probed.isEmpty else { return subject }
    let workspace = try Workspace(label: "capabilities-\(subject.name)")
    defer { workspace.remove() }
    let probe = CapabilityProbe(subject: subject, workspace: workspace)
    var result = subject
    for word in subject.probed {
      if let refusal = try await probe.refusal(of: word) {
        result.lacks[word] = refusal
      } else if let mode = Mode(rawValue: word) {
        result.modes.append(mode)
      } else {
        result.capabilities.insert(word)
      }
    }
    return result
  }

  /// `subject` with what it has been found to have, and with its version.
  /// - Throws: `SubjectStartError` if it does not start at all; what `complete` throws.
  package static func known(_ subject: Subject) async throws -> Subject {
    try await StartCheck.run(subject)
    return try await complete(subject).knowingVersion()
  }

  /// What the subject says to an attempt to use `word`; nil if it works.
  private func refusal(of word: String) async throws -> String? {
    var settings = ExportSettings()
    settings.size = 1 << 20
    var mode = subject.modes.first ?? .legacy
    var line: String?
    // What an export that has the capability answers; nil is anything but "not supported".
    var wanted: String?
    switch word {
    case "multithread", "io_uring":
      mode = Mode(rawValue: word) ?? mode
      if mode == .ioUring, EnableUring.state != true { return "the kernel's FUSE over io_uring is off" }
    case "growable":
      settings.growable = true
      (line, wanted) = ("pwrite 1M 4096 0xab", "4096 bytes")
    case "allow-other": settings.allowOther = .on
    case "read-only": settings.writable = false
    case "null": settings.node = .null
    case "fallocate": line = "fallocate none 1M 64k"
    case "punch-hole": line = "fallocate keep-size,punch-hole 128k 4k"
    case "zero-range": line = "fallocate zero-range 128k 4k"
    case "resize": line = "ftruncate 2M"
    case "chmod": line = "chmod 0400"
    case "direct-unaligned":
      settings.direct = true
      line = "pwrite 1 1 0xab"
    case "seek-hole": (line, wanted) = ("lseek data 0", "131072")
    default: return "it is not known how to try '\(word)'; name it under 'capabilities'"
    }
    // A new image for each: what one try has changed must not answer for the next.
    try ImagePlan(
      size: 1 << 20, fill: .hole, extents: [.init(offset: 128 << 10, length: 64 << 10, fill: .pattern)]
    ).make(at: workspace.file("disk.img"))
    let session: ExportSession
    do {
      session = try await ExportSession.start(subject, mode: mode, settings: settings, workspace: workspace)
    } catch let fault as ExportStartError {
      // The command line that stands before the message is long, and the same for everything.
      let line = fault.log.firstLine ?? fault.reason
      return line.fields(":").last.map { String($0.trimmed) } ?? line
    }
    var answer: String?
    if let line { answer = try await ask(line, session) }
    _ = await session.stop()
    guard let line, let answer else { return nil }
    let isMissing = wanted.map { $0 != answer } ?? Self.unsupported.contains(answer)
    return isMissing ? "\(line) = \(answer)" : nil
  }

  private static let unsupported: Set = ["EOPNOTSUPP", "ENOSYS", "EPERM", "EINVAL", "EACCES", "EROFS"]

  /// What one line of a probe comes to.
  private func ask(_ line: String, _ session: ExportSession) async throws -> String {
    var command = Command(
      Subject.ownExecutable,
      ["probe", "--export", session.mountPoint, "--image", workspace.file("disk.img")])
    command.input = "open rw\n\(line)\n"
    let done = try await command.run(within: .seconds(10)) { session.abort() }
    let last = done.outputBytes.lastLine ?? "no answer"
    return last.begins(with: "\(line) = ") ? String(last.dropFirst(line.count + 3)) : last
  }
}
