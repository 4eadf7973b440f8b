// How much memory an export holds now: its process and whatever else is in its group.

internal import Glibc

/// Resident memory of a process group.
enum ResidentMemory {
  /// Resident bytes of all processes of the group `group` together, or nil if there is none.
  static func bytes(ofGroup group: Int32) -> UInt64? {
    let processes = SystemFile.names("/proc").compactMap { Int32($0) }.filter { getpgid($0) == group }
    let sizes = processes.compactMap { bytes(of: $0) }
    return sizes.isEmpty ? nil : sizes.reduce(0, +)
  }

  /// Resident bytes of one process. The kernel's rough count in `status` lags behind by up to 64 pages per CPU.
  private static func bytes(of process: Int32) -> UInt64? {
    if let exact = SystemFile.text("/proc/\(process)/smaps_rollup").flatMap({ kibibytes("Rss:", in: $0) }) {
      return exact * 1024
    }
    return SystemFile.text("/proc/\(process)/status").flatMap { kibibytes("VmRSS:", in: $0) }.map { $0 * 1024 }
  }

  /// The number behind `key` in a text of /proc.
  static func kibibytes(_ key: String, in text: String) -> UInt64? {
    let line = text.split(separator: "\n").first { $0.hasPrefix(key) }
    return line?.dropFirst(key.count).split(whereSeparator: \.isWhitespace).first.flatMap { UInt64($0) }
  }
}
