// The line that tells how far a run is: only on a terminal, one line that is overwritten.

import Foundation
import Glibc

/// A progress line on standard error.
public struct Progress: Sendable {
  private let total: Int
  private let isTerminal: Bool
  private let started = ContinuousClock.now

  /// A progress over `total` cells.
  public init(total: Int) {
    self.total = total
    isTerminal = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
  }

  /// Shows that cell `number` (from 1) runs now.
  public func show(_ number: Int, _ label: String) {
    guard isTerminal else { return }
    let time = ContinuousClock.now - started
    let left =
      number > 1
      ? ", about \(max(1, Int((time / (number - 1) * (total - number + 1)).components.seconds))) s left" : ""
    write("\r\u{1B}[K[\(number)/\(total)\(left)] \(label)")
  }

  /// Takes the line away, before a line of the report is printed.
  public func clear() {
    if isTerminal { write("\r\u{1B}[K") }
  }

  /// Whether standard output wants colours: a terminal, and NO_COLOR is not set.
  public static var wantsColours: Bool {
    isatty(STDOUT_FILENO) == 1 && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
  }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
