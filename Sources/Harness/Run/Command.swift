// What is to be started, and what came of it.

/// A program to start, with all that it is given.
package struct Command: Sendable {
  /// Where output goes.
  package enum Destination: Sendable, Equatable {
    /// A file without a name; read back up to `Finished.outputLimit`.
    case memory
    /// Written to the file at this path (made anew).
    case file(String)
    /// To the same place as standard output.
    case withOutput
  }

  /// A path, or a name found in PATH.
  package var program: String
  /// What stands behind the program.
  package var arguments: [String]
  /// Added to the environment that every child has (`ChildEnvironment`).
  package var environment: [String: String] = [:]
  /// Working directory; nil is the harness's own.
  package var directory: String?
  /// Text on standard input; nil is /dev/null.
  package var input: String?
  /// Where standard output goes.
  package var output: Destination = .memory
  /// Where standard error goes.
  package var errors: Destination = .withOutput

  /// `program` with `arguments`.
  package init(_ program: String, _ arguments: [String] = []) {
    self.program = program
    self.arguments = arguments
  }

  /// The command as a line for a shell.
  package var line: String { TextFormat.shellLine([program] + arguments) }
}

/// How a process ended.
package enum ExitStatus: Sendable, Equatable, CustomStringConvertible {
  /// By itself, with this status.
  case exited(Int32)
  /// By this signal.
  case signaled(Int32)
  /// Not even SIGKILL ended it in time: it is stuck in the kernel.
  case stuck

  /// Whether it exited with 0.
  package var isSuccess: Bool { self == .exited(0) }

  /// `exit 1`, `signal 9`.
  package var description: String {
    switch self {
    case .exited(let code): "exit \(code)"
    case .signaled(let number): "signal \(number)"
    case .stuck: "stuck in the kernel"
    }
  }
}

/// A command that has come to its end.
package struct Finished: Sendable {
  /// Bytes of output that are read back; what is beyond is cut.
  package static let outputLimit = 4 << 20

  /// How it ended.
  package var status: ExitStatus
  /// Standard output (with standard error, unless that has a place of its own), as it was written.
  package var outputBytes: ByteText
  /// How many bytes were written there, also of what is cut.
  package var outputLength: Int64
  /// Standard error, where it has a place of its own, as it was written.
  package var errorBytes: ByteText
  /// Whether the time limit ended it.
  package var expired: Bool
  /// From start to end, in seconds.
  package var seconds: Double

  /// `outputBytes` for people, and for readers of what is text throughout.
  package var output: String { outputBytes.shown }
  /// `errorBytes` for people.
  package var errors: String { errorBytes.shown }
}

/// A command could not be started.
package struct StartError: Error, CustomStringConvertible {
  let program: String
  let reason: String
  /// The program and the reason.
  package var description: String { "cannot start \(program): \(reason)" }
}

/// The harness is being ended by a signal: nothing more is started.
package struct Interrupted: Error, CustomStringConvertible {
  /// What happened.
  package var description: String { "interrupted" }
}
