// The verdict on a cell: a pure function of its run, the golden text and what is known of the subject.

/// What a cell comes to.
package enum Verdict: Sendable, Equatable {
  /// The transcript is the golden one, and nothing else was found.
  case pass
  /// The weightiest reason, and what to look at.
  case fail(FailureReason, String)
  /// Why it could not run here.
  case skip(String)
  /// It failed, as the subject's data file says that it does.
  case xfail(ExpectedFailure, FailureReason, String)
  /// It passed, although the subject's data file says that it fails: the entry must go.
  case xpass(ExpectedFailure)

  /// Judges `run` by `golden` (nil if none is recorded).
  package static func of(_ run: CellRun, golden: ByteText?, scenario: String) -> Verdict {
    if let reason = run.skip { return .skip(reason) }
    var findings = run.findings
    // A transcript that ends early differs anyway; the finding that ended it says more.
    if run.isComplete {
      if let golden {
        if let difference = Difference(golden: golden.asRecorded, actual: run.transcript) {
          findings.append(Finding(difference.isAboutStatus ? .exit : .output, difference.first(6)))
        }
      } else {
        findings.append(
          Finding(.output, "there is no golden file; read the transcript, then: fusebench record \(scenario)"))
      }
    }
    guard let worst = findings.min(by: { $0.reason < $1.reason }) else { return .pass }
    let rest = findings.filter { $0 != worst }.map { "also \($0.reason.rawValue): \($0.detail)" }
    return .fail(worst.reason, ([worst.detail] + rest).joined(separator: "\n"))
  }

  /// What is wrong with `run`, a line each: `REASON: ` with a line of a finding, and the lines in which its transcript
  /// is not the golden one, with their sign. A line that is only missing stands here too; one that another has taken
  /// the place of does not.
  package static func evidence(_ run: CellRun, golden: ByteText?) -> [String] {
    let found = run.findings.flatMap { finding in
      finding.detail.fields("\n").map { "\(finding.reason.rawValue): \($0)" }
    }
    guard run.isComplete, let golden else { return found }
    return found + (Difference(golden: golden.asRecorded, actual: run.transcript)?.evidence ?? [])
  }

  /// The verdict where the entries `known` speak of the cell, which shows `evidence`: a failure is expected only if
  /// they allow every line of that.
  package func expecting(_ known: [ExpectedFailure], evidence: [String]) -> Verdict {
    switch self {
    case .fail(let reason, let detail):
      guard let first = known.first(where: { entry in evidence.contains(where: entry.allows) }) ?? known.first else {
        return self
      }
      guard !evidence.isEmpty, let odd = evidence.first(where: { line in !known.contains { $0.allows(line) } }) else {
        return .xfail(first, reason, detail)
      }
      return .fail(reason, "\(detail)\nanother failure is expected (\(first.why)), which does not show: \(odd)")
    case .pass: return known.first { !$0.sometimes }.map(Verdict.xpass) ?? .pass
    case .skip, .xfail, .xpass: return self
    }
  }

  /// Whether it makes the run fail.
  package var failsTheRun: Bool {
    switch self {
    case .fail, .xpass: true
    case .pass, .skip, .xfail: false
    }
  }

  /// `pass`, `fail`, `skip`, `xfail`, `xpass`.
  package var word: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .skip: "skip"
    case .xfail: "xfail"
    case .xpass: "xpass"
    }
  }
}
