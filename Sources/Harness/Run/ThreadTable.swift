// What the threads of a process do, from /proc: for the folder of a cell that did not end.

/// Threads as /proc shows them.
enum ThreadTable {
  /// A line for each thread of the process `pid`: number, name, state, and where in the kernel it waits.
  static func text(of pid: Int32) -> String {
    let folder = "/proc/\(pid)/task"
    let threads = SystemFile.names(folder).compactMap { Int($0) }.sorted()
    guard !threads.isEmpty else { return "process \(pid) is gone" }
    return threads.map { thread in
      let name = SystemFile.word("\(folder)/\(thread)/comm") ?? "?"
      let status = SystemFile.text("\(folder)/\(thread)/status") ?? ""
      let state = status.fields("\n").first { $0.begins(with: "State:") }?.dropFirst(6)
        .drop { $0 == "\t" || $0 == " " }
      let place = SystemFile.word("\(folder)/\(thread)/wchan") ?? ""
      let waits = place.isEmpty || place == "0" ? "" : ", waits in \(place)"
      return "thread \(thread) \(name): \(state ?? "gone")\(waits)"
    }.joined(separator: "\n")
  }
}
