// Which tools this machine has, and of which version: the one reader of what they print for --version.

import Glibc

/// Versions of the tools that scenarios and benchmarks use. A verdict should not depend on them; where it does, the
/// record has them.
package enum ToolVersions {
  /// What stands in the place of a version.
  package static let missing = "not installed"
  /// A tool that prints nothing of use, or not within `limit`.
  package static let silent = "does not tell"
  /// How long each tool may take.
  static let limit = Duration.seconds(5)

  /// How a tool is asked, and how its answer is read.
  struct Tool: Sendable {
    /// The name in records.
    let name: String
    /// The program that is asked for it.
    let program: String
    /// The version in the first line that `--version` prints.
    let read: @Sendable (String) -> String
    /// The oldest release that the goldens were held against.
    let oldest: [Int]
  }

  /// The tools, in the order of records.
  static let tools: [Tool] = [
    Tool(
      name: "fio", program: "fio", read: { $0.begins(with: "fio-") ? String($0.dropFirst(4)) : $0 }, oldest: [3, 33]),
    Tool(name: "qemu-img", program: "qemu-img", read: { behind(" version ", in: $0) }, oldest: [7, 2]),
    Tool(name: "qemu-io", program: "qemu-io", read: { behind(" version ", in: $0) }, oldest: [7, 2]),
    Tool(name: "coreutils", program: "dd", read: coreutils, oldest: []),
    Tool(name: "util-linux", program: "fallocate", read: { behind(" util-linux ", in: $0) }, oldest: [2, 38]),
  ]

  /// The version of each tool by its name, `sh` among them; `missing` and `silent` where there is none. All are asked
  /// at once.
  package static func collect() async -> [String: String] {
    await withTaskGroup(of: (String, String).self) { group in
      for tool in tools { group.addTask { (tool.name, await version(of: tool)) } }
      group.addTask { ("sh", await shell()) }
      return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
  }

  /// The same, asked once for the whole life of this process.
  package static func known() async -> [String: String] { await once.value }
  private static let once = Task { await collect() }

  static func version(of tool: Tool) async -> String {
    guard let path = Programs.find(tool.program) else { return missing }
    guard let line = await firstLine(of: Command(path, ["--version"])) else { return silent }
    return tool.read(line)
  }

  /// The first line that `command` prints, if it ends well and in time.
  static func firstLine(of command: Command) async -> String? {
    (try? await command.said(within: limit))?.firstLine
  }

  /// Which shell is behind /bin/sh: bash says so, whatever the file is called; others are known by the file only.
  static func shell(_ path: String = "/bin/sh") async -> String {
    let asked = await firstLine(of: Command(path, ["-c", "echo \"${BASH_VERSION:+bash $BASH_VERSION}\""]))
    if let asked, !asked.isEmpty { return asked }
    guard let real = realpath(path, nil) else { return missing }
    defer { free(real) }
    return String(String(cString: real).fields("/").last ?? "sh")
  }

  // MARK: reading

  /// `dd (coreutils) 9.1` is GNU's, `dd (uutils coreutils) 0.12.0` is uutils', and so is `/path/dd 0.0.30`.
  @Sendable static func coreutils(_ line: String) -> String {
    if let range = line.firstRange(of: "(coreutils) ") { return "GNU \(line[range.upperBound...])" }
    if let range = line.firstRange(of: "(uutils coreutils) ") { return "uutils \(line[range.upperBound...])" }
    let words = line.fields(" ")
    let isPlain = words.count == 2 && words[0].fields("/").last == "dd" && !numbers(String(words[1])).isEmpty
    return isPlain ? "uutils \(words[1])" : line
  }

  /// What stands behind `mark`; the whole line where it has none.
  static func behind(_ mark: String, in line: String) -> String {
    line.firstRange(of: mark).map { String(line[$0.upperBound...]) } ?? line
  }

  /// The numbers that `version` begins with: `7.2.22 (Debian …)` is 7, 2, 22.
  static func numbers(_ version: String) -> [Int] {
    version.prefix { $0.isNumber || $0 == "." }.fields(".").compactMap { Int($0) }
  }

  /// Whether `version` is older than everything that the goldens were held against.
  static func isOld(_ version: String, _ tool: Tool) -> Bool {
    let found = numbers(version)
    return !found.isEmpty && found.lexicographicallyPrecedes(tool.oldest)
  }
}
