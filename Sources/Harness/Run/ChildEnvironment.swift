// The environment of every process that the harness starts: its own, so that the caller's does not reach a golden.

internal import Glibc

/// Variables of child processes.
///
/// Many programs print otherwise for a variable: POSIXLY_CORRECT, BLOCK_SIZE, TIME_STYLE, LS_COLORS, GREP_OPTIONS,
/// PYTHONIOENCODING… A list of those would never be whole; this is the list of what is handed on.
enum ChildEnvironment {
  /// What is handed on from the caller: where programs, libraries and files are, and what the sanitizers and the
  /// coverage of an instrumented build are told. None of them changes what a program prints.
  static let inherited = [
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR",
    "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS", "UBSAN_OPTIONS", "LLVM_PROFILE_FILE",
  ]

  /// What is the same for all: the language of messages and numbers, the time zone, a terminal that can do nothing.
  static let fixed = ["LC_ALL": "C", "TZ": "UTC", "TERM": "dumb"]

  /// The variables of a child with the mark `mark` that its command gives `own`: `NAME=VALUE` and a zero byte each.
  static func variables(_ own: [String: String], mark: String) -> [[UInt8]] {
    var lines: [String: [UInt8]] = [:]
    for name in inherited {
      // The bytes as they are: a path need not be text.
      if let value = getenv(name) { lines[name] = Array("\(name)=".utf8) + bytes(value) }
    }
    for (name, value) in fixed.merging(own, uniquingKeysWith: { $1 }) { lines[name] = Array("\(name)=\(value)".utf8) }
    lines[ChildMark.variable] = Array("\(ChildMark.variable)=\(mark)".utf8)
    return lines.values.map { $0 + [0] }
  }

  /// What the caller has handed on, as lines for a shell: `NAME='VALUE'`. The bytes are the value's own.
  static var inheritedLines: [ByteText] {
    inherited.compactMap { name in
      getenv(name).map { value in
        let (quote, escaped): (ByteText, ByteText) = ("'", "'\\''")
        let quoted = ByteText(bytes(value)).replacing(quote, with: escaped)
        return ByteText(Array("\(name)='".utf8) + quoted.bytes + Array("'".utf8))
      }
    }
  }

  private static func bytes(_ text: UnsafePointer<CChar>) -> [UInt8] {
    (0..<strlen(text)).map { UInt8(bitPattern: text[$0]) }
  }
}
