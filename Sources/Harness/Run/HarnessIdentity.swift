// Who a harness is, in a word that outlives it: so that what it has left is known to be nobody's.

import Foundation
import Glibc

/// A harness's process, named so that no other process can be taken for it.
struct HarnessIdentity: Equatable, Sendable, CustomStringConvertible {
  /// Its process number.
  let pid: Int32
  /// When it started, in the kernel's ticks since boot: numbers of processes are used again.
  let start: UInt64
  /// The inode of its PID namespace: a number means another process in another container.
  let namespace: UInt64

  /// This process.
  static let own = HarnessIdentity(
    pid: getpid(), start: startOfLiving(getpid()) ?? 0, namespace: namespaceOfThisProcess)
}

extension HarnessIdentity {
  /// The identity that `text` is the word of; nil if it is none.
  init?(_ text: some StringProtocol) {
    let parts = text.fields(".", keepsEmpty: true)
    guard parts.count == 3, let pid = Int32(parts[0]), pid > 0, let start = UInt64(parts[1]),
      let namespace = UInt64(parts[2])
    else { return nil }
    self.init(pid: pid, start: start, namespace: namespace)
  }

  /// As it stands in environments and files: `4711.123456.4026531836`.
  var description: String { "\(pid).\(start).\(namespace)" }

  /// Whether the process is known to have ended. Of what runs in another PID namespace nothing is known.
  var hasEnded: Bool {
    namespace == Self.own.namespace && namespace != 0 && Self.startOfLiving(pid) != start
  }

  /// When the process `pid` started; nil if there is none, or only a zombie.
  private static func startOfLiving(_ pid: Int32) -> UInt64? {
    guard let fields = SystemFile.processFields(ofLiving: pid), fields.count > 19 else { return nil }
    return UInt64(fields[19])
  }

  private static var namespaceOfThisProcess: UInt64 {
    var status = stat()
    return stat("/proc/self/ns/pid", &status) == 0 ? UInt64(status.st_ino) : 0
  }
}
