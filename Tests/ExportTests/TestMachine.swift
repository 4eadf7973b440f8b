// What tests of nodes and handlers need of the machine: an io_uring, temporary files, a directory for direct I/O.

import CLinux
import Foundation
import Glibc
import Testing

@testable import ExportUnderTest

/// Facts of the machine that decide which tests can run.
enum TestMachine {
  /// Whether this kernel gives us an io_uring.
  static let hasRing: Bool = {
    do {
      _ = try Ring()
      return true
    } catch {
      return false
    }
  }()

  /// A directory whose file system takes O_DIRECT; nil when there is none.
  static let directDirectory: String? = {
    [NSTemporaryDirectory(), FileManager.default.currentDirectoryPath, "/var/tmp"].first { directory in
      guard let file = try? TemporaryFile(length: 4096, in: directory) else { return false }
      let fd = clinux_open(file.path, [.writable, .direct])
      if fd >= 0 { close(fd) }
      return fd >= 0
    }
  }()
}

extension Trait where Self == ConditionTrait {
  /// Skips where no io_uring can be made.
  static var needsRing: Self {
    .enabled(if: TestMachine.hasRing, "this machine has no io_uring (Linux 6.1 or later)")
  }

  /// Skips where no directory at hand takes O_DIRECT.
  static var needsDirect: Self {
    .enabled(if: TestMachine.directDirectory != nil, "no file system at hand takes O_DIRECT")
  }
}

/// A file that goes with its last user.
final class TemporaryFile {
  let path: String

  /// A file of `length` bytes that a reader can tell apart.
  init(length: Int, in directory: String = NSTemporaryDirectory()) throws {
    path = directory + "/fusebench-test-\(UUID().uuidString)"
    guard FileManager.default.createFile(atPath: path, contents: Data(Self.pattern(length))) else {
      throw SystemError("cannot create '\(path)'", code: EIO)
    }
  }

  deinit { unlink(path) }

  var bytes: [UInt8] { FileManager.default.contents(atPath: path).map(Array.init) ?? [] }

  var allocatedBytes: Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_blocks) * 512 : -1
  }

  /// Bytes of which none is zero, and whose period is no power of two.
  static func pattern(_ length: Int) -> [UInt8] { (0..<length).map { UInt8($0 % 251 + 1) } }
}

/// A generator with a seed, so that a failure can be had again (splitmix64).
struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension FileNodeOptions {
  init(
    filename: String, isReadOnly: Bool = false, isDirect: Bool = false, unmaps: Bool = false, locking: Locking = .auto
  ) {
    self.init(
      filename: ByteText(filename), isReadOnly: isReadOnly, isDirect: isDirect, unmaps: unmaps, locking: locking)
  }
}
