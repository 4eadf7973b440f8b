// The verdict on a cell: a pure function of its run and the golden text.

/// What a cell comes to.
public enum Verdict: Sendable, Equatable {
  /// The transcript is the golden one, and nothing else was found.
  case pass
  /// The weightiest reason, and what to look at.
  case fail(FailureReason, String)
  /// Why it could not run here.
  case skip(String)

  /// Judges `run` by `golden` (nil if none is recorded).
  public static func of(_ run: CellRun, golden: String?, scenario: String) -> Verdict {
    if let reason = run.skip { return .skip(reason) }
    var findings = run.findings
    // A transcript that ends early differs anyway; the finding that ended it says more.
    if run.isComplete {
      if let golden {
        if let difference = Difference(golden: golden, actual: run.transcript) {
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

  /// `pass`, `fail`, `skip`.
  public var word: String {
    switch self {
    case .pass: "pass"
    case .fail: "fail"
    case .skip: "skip"
    }
  }
}
