// How a child's descendants are found again when they have left its process group: fio's jobs make sessions of
// their own, and only what they inherit still tells whose they are.

internal import CLinux
import Foundation
import Glibc
import Synchronization

/// A word in the environment of a child and of everything that it starts: the harness's identity, and a number.
enum ChildMark {
  /// The environment's variable.
  static let variable = "FUSEBENCH_CHILD"

  private static let count = Atomic<Int>(0)

  /// What all marks of this process begin with.
  static var ours: String { "\(HarnessIdentity.own)-" }

  /// The harness that started this process, or what started it; nil if none did.
  static var inherited: HarnessIdentity? {
    ProcessInfo.processInfo.environment[variable].flatMap(harness)
  }

  /// A mark for a new child.
  static func next() -> String {
    ours + "\(count.wrappingAdd(1, ordering: .relaxed).newValue)."
  }

  /// Ends every process whose mark begins with `mark`, until there is none; at most a second. Returns their number.
  @discardableResult
  static func endAll(_ mark: String) -> Int { end { $0.begins(with: mark) } }

  /// The same for several marks, each as `next` made it.
  static func endAll(_ marks: Set<String>) { end(marks.contains) }

  /// Ends every process whose mark is that of a harness that has ended; at most a second. Returns their number.
  static func endOrphans() -> Int { end { harness($0)?.hasEnded == true } }

  /// The harness that made `mark`.
  private static func harness(_ mark: String) -> HarnessIdentity? {
    mark.fields("-").first.flatMap { HarnessIdentity($0) }
  }

  @discardableResult
  private static func end(_ isWanted: (String) -> Bool) -> Int {
    var ended: Set<Int32> = []
    // What is ended may just have started another.
    for _ in 0..<100 {
      let left = processes(isWanted)
      guard !left.isEmpty else { break }
      for pid in left { _ = kill(pid, SIGKILL) }
      ended.formUnion(left)
      usleep(10_000)
    }
    return ended.count
  }

  /// The living processes with a mark that is wanted. A zombie has no environment any more.
  private static func processes(_ isWanted: (String) -> Bool) -> [Int32] {
    let name = Array("\(variable)=".utf8)
    return SystemFile.names("/proc").compactMap { Int32($0) }.filter { pid in
      guard pid != getpid(), let environment = SystemFile.bytes("/proc/\(pid)/environ")
      else { return false }
      // Most are nobody's children here.
      let count = UInt64(environment.count)
      guard clinux_find_line(environment, count, 0, name, UInt64(name.count)).start < count else { return false }
      return environment.split(separator: 0).contains { entry in
        entry.starts(with: name) && isWanted(ByteText(entry.dropFirst(name.count)).shown)
      }
    }
  }
}
