// Signals by the names that people write in scenarios and subjects.

import Glibc

/// A signal that the harness sends.
package enum Signal: String, CaseIterable, Sendable {
  case terminate = "TERM"
  case interrupt = "INT"
  case hangUp = "HUP"
  case kill = "KILL"
  case user1 = "USR1"
  case stop = "STOP"
  case resume = "CONT"

  /// The number that kill(2) takes.
  package var number: Int32 {
    switch self {
    case .terminate: SIGTERM
    case .interrupt: SIGINT
    case .hangUp: SIGHUP
    case .kill: SIGKILL
    case .user1: SIGUSR1
    case .stop: SIGSTOP
    case .resume: SIGCONT
    }
  }
}
