// A line on standard error that moves on a terminal and stays away from logs.

import Foundation

/// Progress for people: one line that is written over on a terminal; elsewhere only what is worth keeping.
struct ProgressLine {
  /// Whether standard error is a terminal.
  let isTerminal = isatty(STDERR_FILENO) == 1

  /// Shows `text` in place of what was shown; nothing where there is no terminal.
  func moving(_ text: String) {
    guard isTerminal else { return }
    // A line longer than the terminal could not be written over.
    write("\r\u{1b}[K" + text.prefix(columns - 1))
  }

  /// Writes `text` as a line that stays.
  func line(_ text: String) {
    write((isTerminal ? "\r\u{1b}[K" : "") + text + "\n")
  }

  /// Takes the moving line away.
  func clear() {
    if isTerminal { write("\r\u{1b}[K") }
  }

  private var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 20 else { return 80 }
    return Int(size.ws_col)
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
