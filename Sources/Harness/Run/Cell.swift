// A cell of the matrix (scenario × mode × subject) and what came of running it.

/// One scenario in one mode against one subject.
public struct Cell: Sendable {
  /// What is done.
  public var scenario: Scenario
  /// Over which transport.
  public var mode: Mode
  /// Against which program.
  public var subject: Subject

  /// `NAME MODE`, for lines and folders.
  public var label: String { "\(scenario.name) \(mode)" }

  /// A cell of the matrix.
  public init(scenario: Scenario, mode: Mode, subject: Subject) {
    self.scenario = scenario
    self.mode = mode
    self.subject = subject
  }
}

/// Why a cell fails. The order is that of weight: where several hold, the first is the verdict's.
public enum FailureReason: String, CaseIterable, Codable, Sendable, Comparable {
  /// A step or a stop did not end in time.
  case timeout
  /// The export did not start.
  case start
  /// A mount, a process or a pidfile outlived the export.
  case leftBehind = "left-behind"
  /// An exit status differs from the golden file, or the export's own is not 0.
  case exit
  /// A line differs from the golden file.
  case output
  /// The requests did not come over the transport asked for.
  case transport
  /// The export printed something.
  case daemonLog = "daemon-log"

  /// By weight.
  public static func < (left: FailureReason, right: FailureReason) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }
}

/// One thing that went wrong in a cell.
public struct Finding: Sendable, Equatable {
  /// The kind of failure.
  public var reason: FailureReason
  /// What happened, in one line or a few.
  public var detail: String

  /// A finding.
  public init(_ reason: FailureReason, _ detail: String) {
    self.reason = reason
    self.detail = detail
  }
}

/// What a cell's run has shown, before it is judged.
public struct CellRun: Sendable {
  /// Commands, output and states, word for word.
  public var rawTranscript = ""
  /// The same after the filters: what is compared.
  public var transcript = ""
  /// Whether every step was taken; else the transcript ends early and is not compared.
  public var isComplete = true
  /// What is wrong apart from the transcript.
  public var findings: [Finding] = []
  /// Why the cell could not run here; then nothing else counts.
  public var skip: String?
  /// What the statistics of each run of the export say.
  public var proofs: [TransportProof] = []
  /// Command lines of the export, one per start.
  public var commandLines: [String] = []
  /// What the export printed.
  public var daemonLog = ""
  /// The state of the export's connection and threads, read before each stop and before each abort after a timeout.
  public var connectionState = ""
  /// What the kernel said while the cell ran; nil where that cannot be read.
  public var kernelLog: String?
  /// From the first step to the last clean-up.
  public var seconds: Double = 0

  /// A run of which nothing is known yet.
  public init() {}
}
