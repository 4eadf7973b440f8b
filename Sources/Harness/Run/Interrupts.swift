// Ctrl-C and its like: undo everything, say what was done, then leave.

import Dispatch
import Foundation
import Glibc
import Synchronization

/// Makes SIGINT, SIGTERM, SIGQUIT, SIGHUP, and what a limit of CPU time or a slip of `kill` sends, end the harness
/// without leaving anything behind.
package enum Interrupts {
  // Dispatch sources are not Sendable; nobody touches these once they are resumed, they only must stay alive.
  private nonisolated(unsafe) static let sources: [any DispatchSourceSignal] = makeSources()
  private static let account = Mutex<(@Sendable () -> String)?>(nil)

  /// Installs the handlers; for the commands that start children. The process then exits with 130.
  package static func install() { _ = sources }

  private static let hasBegun = Atomic<Bool>(false)

  /// Whether a signal is ending the process: its handler has the last word.
  package static var isLeaving: Bool { hasBegun.load(ordering: .acquiring) }

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
      if isLeaving { await untilTheEnd() }
      throw error
    }
  }

  /// Waits for the handler to end the process.
  package static func untilTheEnd() async { try? await Task.sleep(for: .seconds(60)) }

  private static func makeSources() -> [any DispatchSourceSignal] {
    // Whoever had a hang-up ignored at the start (nohup) wants to outlive the terminal.
    let hangUp = isIgnored(SIGHUP) ? [] : [(SIGHUP, "SIGHUP")]
    let usual = [
      (SIGINT, "SIGINT"), (SIGTERM, "SIGTERM"), (SIGQUIT, "SIGQUIT"), (SIGXCPU, "SIGXCPU"), (SIGALRM, "SIGALRM"),
      (SIGUSR1, "SIGUSR1"), (SIGUSR2, "SIGUSR2"),
    ]
    return (usual + hangUp).map { number, name in
      // Children get default handling back when they are started.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: handling)
      source.setEventHandler { leave(name) }
      source.resume()
      return source
    }
  }

  private static func isIgnored(_ number: CInt) -> Bool {
    var action = sigaction()
    guard sigaction(number, nil, &action) == 0 else { return false }
    // SIG_IGN is 1 (asm-generic/signal-defs.h), which Swift imports as a function.
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == 1
  }

  /// One signal after the other: a second one must not leave in the middle of the first one's clean-up.
  private static let handling = DispatchQueue(label: "interrupts")

  private static func leave(_ name: String) {
    hasBegun.store(true, ordering: .releasing)
    let released = CleanupRegistry.shared.releaseAll()
    // Whoever does not read our output must not keep us.
    DispatchQueue.global().asyncAfter(deadline: .now() + 3) { _exit(130) }
    let account = account.withLock { $0 }.map { $0() + "; " } ?? ""
    fflush(nil)
    let start = Terminal.draws(STDERR_FILENO) ? "\r\u{1B}[K" : ""
    let line = "\(start)fusebench: interrupted by \(name): \(account)\(released.words)\n"
    try? FileHandle.standardError.write(contentsOf: Data(line.utf8))
    _exit(130)
  }
}
