// Ctrl-C and its like: undo everything, say what was done, then leave.

import Dispatch
import Foundation
import Glibc
import Synchronization

/// Makes SIGINT, SIGTERM and SIGHUP end the harness without leaving anything behind.
package enum Interrupts {
  // Dispatch sources are not Sendable; nobody touches these once they are resumed, they only must stay alive.
  private nonisolated(unsafe) static let sources: [any DispatchSourceSignal] = makeSources()
  private static let account = Mutex<(@Sendable () -> String)?>(nil)

  /// Installs the handlers; for the commands that start children. The process then exits with 130.
  package static func install() { _ = sources }

  /// While `body` runs, an interrupt asks `account`, after everything is undone, how far the work has come: a few
  /// words for the line that is printed. What is to be kept of unfinished work is written there, too.
  package static func accounting<Result>(
    _ account: @escaping @Sendable () -> String, _ body: () async throws -> Result
  ) async rethrows -> Result {
    self.account.withLock { $0 = account }
    defer { self.account.withLock { $0 = nil } }
    do {
      return try await body()
    } catch {
      // The account must still be there when the handler asks for it.
      if CleanupRegistry.shared.isClosing { await untilTheEnd() }
      throw error
    }
  }

  /// Waits for the handler to end the process.
  package static func untilTheEnd() async { try? await Task.sleep(for: .seconds(60)) }

  private static func makeSources() -> [any DispatchSourceSignal] {
    [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGHUP, "SIGHUP")].map { number, name in
      // Children get default handling back when they are started.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: handling)
      source.setEventHandler { leave(name) }
      source.resume()
      return source
    }
  }

  /// One signal after the other: a second one must not leave in the middle of the first one's clean-up.
  private static let handling = DispatchQueue(label: "interrupts")

  private static func leave(_ name: String) {
    let released = CleanupRegistry.shared.releaseAll()
    // Whoever does not read our output must not keep us.
    DispatchQueue.global().asyncAfter(deadline: .now() + 3) { _exit(130) }
    let account = account.withLock { $0 }.map { $0() + "; " } ?? ""
    fflush(nil)
    let start = isatty(STDERR_FILENO) == 1 ? "\r\u{1B}[K" : ""
    let line = "\(start)fusebench: interrupted by \(name): \(account)\(released.words)\n"
    try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    _exit(130)
  }
}
