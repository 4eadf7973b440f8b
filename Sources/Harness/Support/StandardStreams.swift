// Standard output and standard error, with what goes wrong there: a report that is lost is no success.

// `stdout` is a variable of C that nobody here sets.
@preconcurrency internal import Glibc

/// What the program prints.
package enum StandardOutput {
  /// The name of standard output in messages.
  private static let name = "standard output"

  /// Whether standard output is open; to be asked before anything opens a file that would get its number.
  package static var isOpen: Bool { fcntl(STDOUT_FILENO, F_GETFD) >= 0 || errno != EBADF }

  /// Refuses to work for nobody: `wasOpen` is what `isOpen` was when the program began.
  /// - Throws: `OutputError` if it was closed.
  package static func check(wasOpen: Bool) throws(OutputError) {
    if wasOpen { return }
    throw OutputError(file: name, message: "is closed; give it a file, or /dev/null")
  }

  /// Prints `text` and hands it on at once; that it is not taken shows in `finish`.
  package static func write(_ text: String) {
    print(text, terminator: "")
    fflush(stdout)
  }

  /// Hands on what was printed and is still kept in memory.
  /// - Throws: `OutputError` if not all that was printed since the start has been taken.
  package static func finish() throws(OutputError) {
    errno = 0
    let fault = fflush(stdout) == 0 ? 0 : errno
    guard fault != 0 || ferror(stdout) != 0 else { return }
    switch fault {
    case 0: throw OutputError(file: name, message: "not all of the output could be written")
    case EBADF: throw OutputError(file: name, message: "is closed; give it a file, or /dev/null")
    default: throw OutputFile.failure(name, fault)
    }
  }
}

/// What the program says beside its output.
package enum StandardError {
  /// Writes `text` as it is. There is no place to say that it cannot be written.
  package static func write(_ text: String) {
    fflush(stdout)
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count > 0 { bytes = bytes.dropFirst(count) } else if errno != EINTR { return }
    }
  }
}
