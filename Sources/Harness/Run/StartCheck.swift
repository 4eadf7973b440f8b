// Before anything else: does the subject start at all? What cannot be served is a failure, and costs seconds.

internal import Foundation

/// A subject that does not start: one line with its own words.
package struct SubjectStartError: Error, CustomStringConvertible {
  /// What happened, and what to look at.
  package let description: String
}

/// Starts a subject once, with the simplest export.
package enum StartCheck {
  /// Whether `cells`, or finding out what their subject can do, start exports at all.
  package static func isNeeded(for subject: Subject, scenarios: [Scenario]) -> Bool {
    !subject.probed.isEmpty
      || scenarios.contains { scenario in
        scenario.startsExport
          || scenario.steps.contains { step in
            if case .export(.start) = step.action { return true }
            return false
          }
      }
  }

  /// Starts `subject` over `mode`, or over its first mode, and stops it. It is given the seconds of its file's
  /// `ready.first`: a person waits for this one start, and nothing else of the harness runs beside it.
  /// - Parameter isSlow: whether the machine is known to be slow, as a kernel in an emulator is; then it is given
  ///   what every other start is.
  /// - Throws: `SubjectStartError` if it does not serve; `FileError` where the harness itself cannot work;
  ///   `Interrupted`.
  package static func run(_ subject: Subject, mode: Mode? = nil, isSlow: Bool = false) async throws {
    var subject = subject
    if !isSlow { subject.ready.within = min(subject.ready.within, subject.ready.first) }
    let workspace = try Workspace(label: "start-\(subject.name)")
    defer { workspace.remove() }
    try ImagePlan().make(at: workspace.file("disk.img"))
    var settings = ExportSettings()
    settings.size = ImagePlan().size
    do {
      let session = try await ExportSession.start(
        subject, mode: mode ?? subject.modes.first ?? .legacy, settings: settings, workspace: workspace)
      _ = await session.stop()
    } catch let error as ExportStartError {
      throw refusal(of: subject, "\(error)", in: workspace)
    } catch let error as StartError {
      throw refusal(of: subject, "\(error)", in: workspace)
    }
  }

  private static func refusal(of subject: Subject, _ why: String, in workspace: Workspace) -> SubjectStartError {
    let program = TextFormat.shellLine(subject.prefix + [subject.executable() ?? subject.program])
    let hint =
      subject.prefix.isEmpty
      ? "" : "; behind that prefix it must see the folder \(Workspace.base) (TMPDIR), where images and mount points are"
    return SubjectStartError(
      description: "the subject '\(subject.name)' (\(program)) does not start: \(ByteText.oneLine(why))\(hint)")
  }
}
