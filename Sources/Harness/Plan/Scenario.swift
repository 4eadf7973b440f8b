// A scenario: what an export must do, told as an image, an export and steps.

/// One conformance case, read from `scenarios/NAME.yaml`.
package struct Scenario: Sendable, Equatable {
  /// The file's name without extension.
  package var name: String
  /// One line for the list.
  package var title: String
  /// Words to choose by.
  package var tags: [String]
  /// The modes that it is about; in the others there is nothing to run.
  package var modes: [Mode] = Mode.allCases
  /// What must be there, else the cell is skipped.
  package var requires = Requirements()
  /// The image behind the export.
  package var image = ImagePlan()
  /// How the export is started.
  package var export = ExportSettings()
  /// Whether the export is started before the first step.
  package var startsExport = true
  /// Whether the load is parallel, so that every queue of a multithread export must have served some of it.
  package var parallel = false
  /// Whether no other cell may run at the same time: it measures, or changes what others see.
  package var alone = false
  /// Whether the export may print something.
  package var mayPrint = false
  /// Seconds that each step may take.
  package var timeout: Double = 60
  /// Filters for all steps.
  package var filters: [TranscriptFilter] = []
  /// What is done, in order.
  package var steps: [Step]

  /// Whether any step runs commands of a shell.
  package var runsCommands: Bool {
    steps.contains { step in
      switch step.action {
      case .run, .start: true
      default: false
      }
    }
  }
}

/// What a scenario needs of machine and subject; where it is missing, the cell is skipped.
package struct Requirements: Sendable, Equatable {
  /// Programs in PATH.
  package var programs: [String] = []
  /// Capabilities of the subject.
  package var capabilities: [String] = []
  /// Whether it must run as root.
  package var root = false
  /// Whether another user works in the scenario's folder, so that all must be able to enter the folders above it.
  package var otherUser = false
  /// CPUs that must be online.
  package var cpus = 1
  /// File systems that the kernel must know.
  package var fileSystems: [String] = []
  /// Whether clients of its steps use io_uring, which containers deny.
  package var ioUring = false
  /// Bytes that the steps come to write on the disk beside what the image holds when it is made.
  package var disk: Int64 = 0
}

/// The image behind the export.
package struct ImagePlan: Sendable, Equatable {
  /// What stands in a range of the image.
  package enum Fill: String, CaseIterable, Sendable {
    /// Allocated, all bytes zero.
    case zero
    /// Bytes that tell their own offset.
    case pattern
    /// Not allocated.
    case hole
  }

  /// A range that differs from the rest.
  package struct Extent: Sendable, Equatable {
    /// Where it begins, in bytes.
    package var offset: Int64
    /// How long it is, in bytes.
    package var length: Int64
    /// What stands in it.
    package var fill: Fill
  }

  /// Length in bytes, also of a null node.
  package var size: Int64 = 1 << 20
  /// What stands in it apart from the extents.
  package var fill: Fill = .zero
  /// Ranges that differ, written in this order.
  package var extents: [Extent] = []
}

/// One step of a scenario.
package struct Step: Sendable, Equatable {
  /// What a step does.
  package enum Action: Sendable, Equatable {
    /// Shell command lines, one after the other.
    case run([String])
    /// Lines of the probe language.
    case probe([String])
    /// A shell command line that runs in the background under a name.
    case start(job: String, line: String)
    /// Waits for the end of a background job.
    case wait(job: String)
    /// Something is done to the export.
    case export(ExportAction)
    /// Facts that are looked for: each goes to the transcript with yes or no, and the golden decides.
    case verify([Condition])
  }

  /// What it does.
  package var action: Action
  /// Filters for this step's output, after the scenario's own.
  package var filters: [TranscriptFilter] = []
  /// Seconds; nil is the scenario's own.
  package var timeout: Double?
}

/// What is done to the export.
package enum ExportAction: Sendable, Equatable {
  /// Starts it, with these settings.
  case start(ExportSettings)
  /// Starts it and expects that it refuses: its message and status go to the transcript.
  case refuse(ExportSettings)
  /// Stops it by the subject's plan, or by this signal.
  case stop(Signal?)
  /// Sends a signal and goes on at once.
  case signal(Signal)
  /// Waits until it ends by itself.
  case wait
  /// SIGKILL.
  case kill
  /// Aborts the FUSE connection, as a person does through /sys/fs/fuse/connections.
  case abort
}

/// A fact about what is left of the export.
package enum Condition: String, CaseIterable, Sendable {
  /// The mount point shows a mount, alive or dead.
  case mounted
  /// The mount point shows none.
  case noMount = "no-mount"
  /// The export's process runs.
  case running
  /// It does not.
  case noProcess = "no-process"
  /// There is no pidfile.
  case noPidfile = "no-pidfile"
}
