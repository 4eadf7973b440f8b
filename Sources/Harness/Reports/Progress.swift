// The line that tells how far a run is: only on a terminal, one line that is overwritten.

import Foundation
import Glibc

/// A progress line on standard error.
package struct Progress: Sendable {
  /// Whether people watch: then a moving line says more than lines that stay.
  package let isTerminal: Bool
  private let total: Int
  private let left: TimeLeft
  private let started = ContinuousClock.now

  /// A progress over `total` steps, which are thought to take `estimate` seconds altogether; nil if nobody knows.
  package init(total: Int, estimate: Double? = nil) {
    self.total = total
    left = TimeLeft(estimate: estimate)
    isTerminal = Terminal.draws(STDERR_FILENO) && isatty(STDOUT_FILENO) == 1
  }

  /// Shows that step `number` (from 1) is taken now.
  package func show(_ number: Int, _ label: String) {
    guard isTerminal else { return }
    let seconds = left.seconds(
      done: number - 1, total: total, elapsed: started.secondsAgo)
    let words = seconds.map { ", ~\(TimeLeft.words($0)) left" } ?? ""
    show("[\(number)/\(total)\(words)] \(label)")
  }

  /// Shows `label` alone, for work that is no step.
  package func show(_ label: String) {
    // A line longer than the terminal's would wrap, and its first part could not be overwritten.
    if isTerminal { write("\r\u{1B}[K" + label.prefix(columns - 1)) }
  }

  private var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  /// Writes a line that stays.
  package func note(_ line: String) {
    clear()
    write(line + "\n")
  }

  /// Takes the line away, before a line of the report is printed.
  package func clear() {
    if isTerminal { write("\r\u{1B}[K") }
  }

  /// Whether standard output wants colours.
  package static var wantsColours: Bool { Terminal.wantsColours(STDOUT_FILENO) }

  private func write(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
}
