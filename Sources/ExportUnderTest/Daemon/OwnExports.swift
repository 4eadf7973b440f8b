// Whether an image lies on an export of this very process: serving it would wait for itself.

import CLinux
import Glibc

/// Finds the export of this process that a file's bytes would come from, on whatever way.
struct OwnExports {
  /// The connection's number of each export, which is the minor number of its file's device, and the export's id.
  private let exports: [UInt32: ByteText]
  /// Block devices on block devices that are followed: more than anybody stacks.
  private static let maxDepth = 16

  init(_ exports: some Sequence<(connection: UInt32, id: ByteText)>) {
    self.exports = Dictionary(exports.filter { $0.connection != 0 }.map { ($0.connection, $0.id) }) { first, _ in first
    }
  }

  /// - Throws: `StartError` when the file at `path` lies on one of the exports. What cannot be looked at is left to
  ///   whoever opens it.
  func check(_ path: ByteText) throws(StartError) {
    var status = stat()
    guard !exports.isEmpty, stat(path.cString, &status) == 0 else { return }
    try check(status, "'\(path)'")
  }

  /// The same for a file that is open already: what is below it may have changed.
  func check(_ fd: Int32, _ name: String) throws(StartError) {
    var status = stat()
    guard !exports.isEmpty, fd >= 0, fstat(fd, &status) == 0 else { return }
    try check(status, name)
  }

  private func check(_ status: stat, _ name: String) throws(StartError) {
    let device = status.st_mode & S_IFMT == S_IFBLK ? status.st_rdev : status.st_dev
    guard let id = export(below: device, depth: 0) else { return }
    throw StartError(
      description: "\(name) lies on export '\(id)' of this process, which would wait for itself; "
        + "serve it by a process of its own")
  }

  /// The export that the bytes of `device` come from; nil when there is none.
  private func export(below device: dev_t, depth: Int) -> ByteText? {
    guard depth < Self.maxDepth else { return nil }
    let (major, minor) = (clinux_major(UInt64(device)), clinux_minor(UInt64(device)))
    // Filesystems without a block device, FUSE among them, have devices of major number 0.
    guard major != 0 else { return exports[minor] }
    let folder = "/sys/dev/block/\(major):\(minor)"
    // A loop device or a partition of one; the kernel ends the path with a line end.
    for file in ["/loop/backing_file", "/../loop/backing_file"] {
      guard let path = readBytes(folder + file)?.dropLast(), !path.isEmpty else { continue }
      var status = stat()
      guard stat(ByteText(path).cString, &status) == 0 else { continue }
      return export(below: status.st_mode & S_IFMT == S_IFBLK ? status.st_rdev : status.st_dev, depth: depth + 1)
    }
    // Device mapper, md and the like: the devices below, and for a partition its disk's.
    for parent in ["/slaves", "/../slaves"] {
      for slave in Self.names(folder + parent) {
        guard let numbers = readBytes("\(folder)\(parent)/\(slave)/dev"),
          let (major, minor) = Self.numbers(ByteText(numbers.dropLast())),
          let found = export(below: dev_t(clinux_device(major, minor)), depth: depth + 1)
        else { continue }
        return found
      }
    }
    return nil
  }

  private static func numbers(_ text: ByteText) -> (UInt32, UInt32)? {
    let parts = text.split(at: UInt8(ascii: ":")).map { $0.decimal.flatMap { UInt32(exactly: $0) } }
    guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
    return (major, minor)
  }

  /// The names in a folder of sysfs, which are plain ASCII.
  private static func names(_ folder: String) -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { "\(ByteText(cString: $0))" }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
