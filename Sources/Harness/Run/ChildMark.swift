// How a child's descendants are found again when they have left its process group: fio's jobs make sessions of
// their own, and only what they inherit still tells whose they are.

import Foundation
import Glibc
import Synchronization

/// A word in the environment of a child and of everything that it starts.
enum ChildMark {
  /// The environment's variable.
  static let variable = "FUSEBENCH_CHILD"

  private static let count = Atomic<Int>(0)

  /// What all marks of this process begin with.
  static var ours: String { "\(getpid())-" }

  /// A mark for a new child.
  static func next() -> String {
    ours + "\(count.wrappingAdd(1, ordering: .relaxed).newValue)."
  }

  /// Ends every process whose mark begins with `mark`, until there is none; at most a second.
  static func endAll(_ mark: String) {
    for _ in 0..<100 {
      let left = processes(mark)
      guard !left.isEmpty else { return }
      for pid in left { _ = kill(pid, SIGKILL) }
      usleep(10_000)
    }
  }

  /// The living processes whose mark begins with `mark`. A zombie has no environment any more.
  private static func processes(_ mark: String) -> [Int32] {
    let wanted = Data("\(variable)=\(mark)".utf8)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { Int32($0) }.filter { pid in
      guard pid != getpid() else { return false }
      guard let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
      return environment.range(of: wanted) != nil
    }
  }
}
