// How many processors there are, and could be.

import CLinux
import Glibc

/// Counts of processors.
enum Processors {
  /// Processors that the kernel could ever have: FUSE over io_uring wants a queue for each of them.
  static var possible: Int {
    readFile("/sys/devices/system/cpu/possible").flatMap(count) ?? online
  }

  static var online: Int { max(1, Int(clinux_online_cpus())) }

  /// The size of a set like `0-3,8`.
  static func count(_ list: String) -> Int? {
    var sum = 0
    for part in list.split(whereSeparator: { $0 == "," || $0 == "\n" }) {
      let ends = part.split(separator: "-").map { Int($0) }
      switch ends.count {
      case 1: sum += ends[0] == nil ? 0 : 1
      case 2:
        guard let low = ends[0], let high = ends[1], low <= high else { return nil }
        sum += high - low + 1
      default: return nil
      }
    }
    return sum > 0 ? sum : nil
  }
}
