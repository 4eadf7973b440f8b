// Ctrl-C and its like: undo everything, then leave.

import Dispatch
import Glibc

/// Makes SIGINT, SIGTERM and SIGHUP end the harness without leaving anything behind.
public enum Interrupts {
  // Dispatch sources are not Sendable; nobody touches these once they are resumed, they only must stay alive.
  private nonisolated(unsafe) static let sources: [any DispatchSourceSignal] = makeSources()

  /// Installs the handlers; for the commands that start children. The process then exits with 130.
  public static func install() { _ = sources }

  private static func makeSources() -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM, SIGHUP].map { number in
      // Children get default handling back when they are started.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        LiveResources.shared.releaseAll()
        _exit(130)
      }
      source.resume()
      return source
    }
  }
}
