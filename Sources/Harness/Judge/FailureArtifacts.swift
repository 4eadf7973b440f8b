// What is kept of a cell for a person to look at.

import Foundation
import Glibc

/// The files of a cell's folder beside those that the run itself leaves there (image, logs, statistics).
struct FailureArtifacts {
  let cell: Cell
  let run: CellRun
  let verdict: Verdict
  let golden: ByteText?
  /// The folder that the scenario came from.
  let scenarios: String
  /// The folder of the kernel that the cell ran on; nil for the machine's own.
  var kernel: String?

  /// Writes all of it into `workspace`, which then stays.
  func keep(in workspace: Workspace) {
    for (name, text) in files {
      workspace.put(text, as: name)
    }
    chmod(workspace.file("repro.sh"), 0o755)
    workspace.keep()
  }

  private var files: [(String, ByteText)] {
    var files = [
      ("verdict", ByteText(verdictText)),
      ("transcript.raw", run.rawTranscript),
      ("transcript", run.transcript),
      ("golden", golden ?? ""),
      ("diff", Difference(golden: (golden ?? "").asRecorded, actual: run.transcript)?.full ?? ""),
      ("kernel.log", run.kernelLog ?? "The kernel's messages cannot be read by this user; run as root.\n"),
      ("repro.sh", reproduction),
    ]
    // Elsewhere the export's logs were left on that kernel's disk.
    if kernel != nil { files.append(("daemon.log", run.daemonLog)) }
    if !run.connectionState.isEmpty { files.append(("connection", ByteText(run.connectionState))) }
    return files
  }

  private var verdictText: String {
    switch verdict {
    case .pass: "pass\n"
    case .skip(let reason): "skip: \(reason)\n"
    case .fail(let reason, let detail): "fail: \(reason.rawValue)\n\(detail)\n"
    case .xfail(let known, let reason, let detail):
      "xfail: \(reason.rawValue)\n\(known.why) (\(known.link))\n\(detail)\n"
    case .xpass(let known): "xpass\nexpected to fail: \(known.why) (\(known.link))\n"
    }
  }

  private var reproduction: ByteText {
    let subject = cell.subject
    let on = kernel.map { ["--kernel", $0] } ?? []
    let again = Command(
      Subject.ownExecutable,
      [
        "check", cell.scenario.name, "--mode", cell.mode.rawValue, "--subject", subject.name, "--program",
        subject.program == "self" ? "self" : subject.executable() ?? subject.program, "--scenarios",
        URL(fileURLWithPath: scenarios).path, "--keep",
      ] + subject.prefixOption + on)
    let starts = run.commandLines.map { "# \(ByteText.oneLine($0))\n" }.joined()
    // What the cell had: another TMPDIR is another file system, another PATH another program.
    var script = ByteText("#!/bin/sh\n# Runs this cell again. The export was started by:\n\(starts)")
    for line in ChildEnvironment.inheritedLines {
      script += "export "
      script += line
      script += "\n"
    }
    // "$@" takes more options, such as --repeat 20.
    script += "exec \(again.line) \"$@\"\n"
    return script
  }
}
