// The program's entry: the export runs on the process's first thread, before any other exists, so that its
// signals reach it; everything else is a command of the harness.

import ArgumentParser
import CLinux
import Dispatch
import ExportUnderTest
import Floor
import Glibc
import Harness

@main
enum Main {
  static func main() {
    // Once the descriptors are filled nobody can tell.
    let hasOutput = StandardOutput.isOpen
    // Before anything is opened: a closed descriptor 2 would become the first file's, and messages its contents.
    guard clinux_fill_standard_descriptors() == 0 else { exit(2) }
    let words = arguments.dropFirst()
    if words.first == Array("export".utf8) {
      exit(exportMain(Array(words.dropFirst()), version: Fusebench.version))
    }
    let texts = words.map { String(decoding: $0, as: UTF8.self) }
    // The floor is a reference of `bench`, started by its subject's file; nobody else needs it.
    if texts.first == "floor" { exit(floorMain(Array(texts.dropFirst()))) }
    // A reader that goes is an error of the write, which is told and cleared up after; children get the signal back.
    signal(SIGPIPE, SIG_IGN)
    do {
      try StandardOutput.check(wasOpen: hasOutput)
      try CommandSuggestion.check(texts)
    } catch {
      complain("fusebench: \(error)")
    }
    Task { await run(texts) }
    dispatchMain()
  }

  /// The program's words as the kernel handed them over: an export's names need not be UTF-8, and Swift's own list
  /// is read from procfs, which may not be mounted.
  private static var arguments: [[UInt8]] {
    (0..<clinux_argument_count()).map { index in
      guard let word = clinux_argument(index) else { return [] }
      return UnsafeBufferPointer(start: word, count: strlen(word)).map { UInt8(bitPattern: $0) }
    }
  }

  /// Runs a command; words that are wrong end with 2, as everything that could not run.
  private static func run(_ words: [String]) async {
    do {
      var command = try Fusebench.parseAsRoot(words)
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
      end(with: 0)
    } catch {
      let status = Fusebench.exitCode(for: error)
      // Words that are wrong come with the usage; help that was asked for is output.
      guard status != .validationFailure else { complain(ByteText.shown(Fusebench.fullMessage(for: error))) }
      let message = Fusebench.fullMessage(for: error)
      if !message.isEmpty { status.isSuccess ? print(message) : StandardError.write(message + "\n") }
      end(with: status.rawValue)
    }
  }

  /// Ends with `status`, or with 2 where what was printed has not been taken: a report that is lost is no success.
  private static func end(with status: CInt) -> Never {
    do {
      try StandardOutput.finish()
    } catch {
      complain("fusebench: \(error)")
    }
    exit(status)
  }

  private static func complain(_ message: String) -> Never {
    StandardError.write(message + "\n")
    // Output that cannot be written must not be tried again on the way out.
    _exit(2)
  }
}
