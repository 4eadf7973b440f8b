// A scenario: what an export must do, told as an image, an export and steps.

/// One conformance case, read from `scenarios/NAME.yaml`.
public struct Scenario: Sendable, Equatable {
  /// The file's name without extension.
  public var name: String
  /// One line for the list.
  public var title: String
  /// Words to choose by.
  public var tags: [String]
  /// The modes that it is about; in the others there is nothing to run.
  public var modes: [Mode] = Mode.allCases
  /// What must be there, else the cell is skipped.
  public var requires = Requirements()
  /// The image behind the export.
  public var image = ImagePlan()
  /// How the export is started.
  public var export = ExportSettings()
  /// Whether the export is started before the first step.
  public var startsExport = true
  /// Whether the load is parallel, so that every queue of a multithread export must have served some of it.
  public var parallel = false
  /// Whether no other cell may run at the same time: it measures, or changes what others see.
  public var alone = false
  /// Whether the export may print something.
  public var mayPrint = false
  /// Seconds that each step may take.
  public var timeout: Double = 60
  /// Filters for all steps.
  public var filters: [Filter] = []
  /// What is done, in order.
  public var steps: [Step]
}

/// What a scenario needs of machine and subject; where it is missing, the cell is skipped.
public struct Requirements: Sendable, Equatable {
  /// Programs in PATH.
  public var programs: [String] = []
  /// Capabilities of the subject.
  public var capabilities: [String] = []
  /// Whether it must run as root.
  public var root = false
}

/// The image behind the export.
public struct ImagePlan: Sendable, Equatable {
  /// What stands in a range of the image.
  public enum Fill: String, CaseIterable, Sendable {
    /// Allocated, all bytes zero.
    case zero
    /// Bytes that tell their own offset.
    case pattern
    /// Not allocated.
    case hole
  }

  /// A range that differs from the rest.
  public struct Extent: Sendable, Equatable {
    /// Where it begins, in bytes.
    public var offset: Int64
    /// How long it is, in bytes.
    public var length: Int64
    /// What stands in it.
    public var fill: Fill
  }

  /// Length in bytes, also of a null node.
  public var size: Int64 = 1 << 20
  /// What stands in it apart from the extents.
  public var fill: Fill = .zero
  /// Ranges that differ, written in this order.
  public var extents: [Extent] = []
}

/// One step of a scenario.
public struct Step: Sendable, Equatable {
  /// What a step does.
  public enum Action: Sendable, Equatable {
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
    /// Facts that must hold.
    case verify([Condition])
  }

  /// What it does.
  public var action: Action
  /// Filters for this step's output, after the scenario's own.
  public var filters: [Filter] = []
  /// Seconds; nil is the scenario's own.
  public var timeout: Double?
}

/// What is done to the export.
public enum ExportAction: Sendable, Equatable {
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
public enum Condition: String, CaseIterable, Sendable {
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
