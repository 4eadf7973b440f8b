// Room on the disk of the work folders: what a cell needs, whether it is there, and who has been promised it.

import Glibc
import Synchronization

/// The room that cells of one process share.
///
/// Cells run side by side, and what is free when a cell begins may have been promised to another that has not written
/// yet. So each cell reserves what it needs, waits while others hold it, and is skipped where the disk is too small.
final class DiskRoom: Sendable {
  /// The room of this process's work folders.
  static let shared = DiskRoom()
  /// Bytes for what every cell writes beside its images: logs, statistics, a transcript.
  static let margin: Int64 = 16 << 20

  private let reserved = Mutex<Int64>(0)
  private let free: @Sendable (String) -> UInt64?

  /// A room in which `free` tells the bytes that a folder's disk has for this user; nil where it cannot.
  init(free: @escaping @Sendable (String) -> UInt64? = { DiskRoom.freeBytes(of: $0) }) { self.free = free }

  /// Bytes that `scenario` may come to have on the disk: the data of its image, what its steps make of it, the margin.
  static func needed(by scenario: Scenario) -> Int64 {
    let image = scenario.export.node == .file ? scenario.image.dataBytes : 0
    return [image, scenario.requires.disk, margin].reduce(0) { sum, bytes in
      let (total, overflow) = sum.addingReportingOverflow(bytes)
      return overflow ? .max : total
    }
  }

  /// Waits until `bytes` in `folder` are free and promised to nobody else, and reserves them until `release`. What it
  /// returns is nil, or the reason for a skip: there is too little, whoever gives back what, and nothing is reserved.
  /// - Throws: `Interrupted`.
  func reserve(_ bytes: Int64, in folder: String) async throws -> String? {
    while true {
      if CleanupRegistry.shared.isClosing { throw Interrupted() }
      let free = free(folder) ?? .max
      let others: Int64? = reserved.withLock { reserved in
        // What others have written already counts twice: a little patience, no wrong promise.
        guard free < UInt64(clamping: bytes) &+ UInt64(clamping: reserved) else {
          reserved &+= bytes
          return nil
        }
        return reserved
      }
      guard let others else { return nil }
      guard others > 0 else {
        return "needs \(Self.text(UInt64(clamping: bytes))) in TMPDIR, \(Self.text(free)) are free"
      }
      try? await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Gives back what was reserved.
  func release(_ bytes: Int64) { reserved.withLock { $0 &-= bytes } }

  /// Why an image of `size` bytes has no room in `folder`; nil if it has.
  static func missing(forImage size: Int64, in folder: String) -> String? {
    let needed = UInt64(clamping: size.addingReportingOverflow(margin).partialValue)
    guard let free = freeBytes(of: folder), free < needed else { return nil }
    return "needs \(text(needed)) in TMPDIR, \(text(free)) are free"
  }

  static func freeBytes(of folder: String) -> UInt64? {
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { return nil }
    let (bytes, overflow) = UInt64(disk.f_bavail).multipliedReportingOverflow(by: UInt64(disk.f_frsize))
    return overflow ? .max : bytes
  }

  /// `4.1 GiB`, `16.0 MiB`: rounded down, to a tenth.
  static func text(_ bytes: UInt64) -> String {
    let (unit, name): (UInt64, String) = bytes >= 1 << 30 ? (1 << 30, "GiB") : (1 << 20, "MiB")
    return "\(bytes / unit).\(bytes % unit * 10 / unit) \(name)"
  }
}

extension ImagePlan {
  /// Bytes that are written when it is made: holes take no room.
  var dataBytes: Int64 {
    let whole = fill == .hole ? 0 : size
    let more = extents.filter { $0.fill != .hole }.map(\.length)
    // Extents lie within the image, and may lie upon one another.
    return min(size, more.reduce(whole) { min(size, $0) + min(size - min(size, $0), $1) })
  }
}
