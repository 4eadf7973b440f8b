// The export as a program: one command line, one process.

import CLinux
import Glibc

/// Runs an export with `words`, the bytes of the command line behind `fusebench export`; the result is the exit status.
///
/// Returns 0 after an orderly end, and 1 with one line on standard error when something was wrong.
package func exportMain(_ words: [[UInt8]], version: String) -> Int32 {
  let parsed: CommandLineOptions
  do {
    parsed = try CommandLineOptions(words.map { ByteText($0) })
  } catch {
    report("\(error)")
    return 1
  }
  if parsed.showsHelp || parsed.showsVersion {
    print(
      parsed.showsHelp ? CommandLineOptions.help : "fusebench export \(version)",
      terminator: parsed.showsHelp ? "" : "\n"
    )
    return 0
  }
  let parent: Daemonization?
  do {
    parent = parsed.daemonizes ? try Daemonization() : nil
  } catch {
    report("\(error)")
    return 1
  }
  if let parent, parent.isParent { return parent.waitForChild() }
  return serve(parsed, parent, version)
}

private func serve(_ words: CommandLineOptions, _ parent: Daemonization?, _ version: String) -> Int32 {
  do {
    let daemon = try Daemon(version: version)
    do {
      try daemon.build(words)
    } catch is StopRequested {
      return daemon.stop() ? 0 : 1
    } catch {
      report("\(error)")
      _ = daemon.stop()
      return 1
    }
    parent?.tellReady()
    return daemon.run() ? 0 : 1
  } catch {
    report("\(error)")
    return 1
  }
}

/// `--daemonize`: the parent returns when the child serves, or with its failure.
private struct Daemonization {
  let isParent: Bool
  private let pipeEnd: Int32
  private let child: Int32

  /// Forks. There is only this thread yet.
  init() throws {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw SystemError("cannot make a pipe", code: errno) }
    child = try checked(clinux_fork(), "cannot fork")
    isParent = child != 0
    pipeEnd = isParent ? ends[0] : ends[1]
    close(isParent ? ends[1] : ends[0])
    if !isParent { setsid() }
  }

  /// One byte says that the child serves; its end without one, that it failed and said why.
  func waitForChild() -> Int32 {
    var byte: UInt8 = 0
    while true {
      let count = read(pipeEnd, &byte, 1)
      if count == 1 { return 0 }
      if count < 0 && errno == EINTR { continue }
      var status: Int32 = 0
      _ = waitpid(child, &status, 0)
      return 1
    }
  }

  func tellReady() {
    let null = open("/dev/null", O_RDWR)
    for fd: Int32 in 0...2 { dup2(null, fd) }
    if null > 2 { close(null) }
    var byte: UInt8 = 1
    _ = write(pipeEnd, &byte, 1)
    close(pipeEnd)
  }
}
