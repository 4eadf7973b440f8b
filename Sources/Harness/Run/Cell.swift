// A cell of the matrix (scenario × mode × subject) and what came of running it.

/// One scenario in one mode against one subject.
package struct Cell: Sendable {
  /// What is done.
  package var scenario: Scenario
  /// Over which transport.
  package var mode: Mode
  /// Against which program.
  package var subject: Subject

  /// `NAME MODE`, for lines and folders.
  package var label: String { "\(scenario.name) \(mode)" }
}

/// Why a cell fails. The order is that of weight: where several hold, the first is the verdict's.
package enum FailureReason: String, CaseIterable, Codable, Sendable, Comparable {
  /// The kernel that the cell ran on ended or said nothing more.
  case kernel
  /// A step or a stop did not end in time.
  case timeout
  /// The harness could not make what the cell needs, such as its image: no room, no descriptors.
  case setup
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
  package static func < (left: FailureReason, right: FailureReason) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }
}

/// One thing that went wrong in a cell.
package struct Finding: Codable, Sendable, Equatable {
  /// The kind of failure.
  package var reason: FailureReason
  /// What happened, in one line or a few.
  package var detail: String

  /// A finding.
  package init(_ reason: FailureReason, _ detail: String) {
    self.reason = reason
    self.detail = detail
  }
}

/// What a cell's run has shown, before it is judged.
package struct CellRun: Codable, Sendable {
  /// Commands, output and states, word for word.
  package var rawTranscript = ByteText("")
  /// The same after the filters, as it is recorded: what is compared.
  package var transcript = ByteText("")
  /// Whether every step was taken; else the transcript ends early and is not compared.
  package var isComplete = true
  /// What is wrong apart from the transcript.
  package var findings: [Finding] = []
  /// Why the cell could not run here; then nothing else counts.
  package var skip: String?
  /// What the statistics of each run of the export say.
  package var proofs: [TransportProof] = []
  /// Command lines of the export, one per start.
  package var commandLines: [String] = []
  /// What the export printed.
  package var daemonLog = ByteText("")
  /// The state of the export's connection and threads, read before each stop and before each abort after a timeout.
  package var connectionState = ""
  /// What the kernel said while the cell ran; nil where that cannot be read.
  package var kernelLog: ByteText?
  /// From the first step to the last clean-up.
  package var seconds: Double = 0

  /// Bytes that a transcript may have.
  package static let transcriptLimit = 16 << 20
  /// Bytes that one step may print before it is ended: more only fills the disk.
  static let printLimit: Int64 = 64 << 20

  /// A run of which nothing is known yet.
  package init() {}
}
