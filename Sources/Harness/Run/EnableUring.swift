// The kernel's switch for FUSE over io_uring: on while the harness runs, then what it was.

import Foundation

/// Switches the fuse module's parameter `enable_uring` on, and back.
public struct EnableUring: Sendable {
  /// Where the kernel keeps it.
  public static let parameter = "/sys/module/fuse/parameters/enable_uring"

  private let restoreNumber: Int?
  private let restore: (@Sendable () -> Void)?

  /// What the parameter says: true (on), false (off), nil (the kernel has none, or the module is not loaded).
  public static var state: Bool? { state(of: parameter) }

  private static func state(of path: String) -> Bool? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    return text.hasPrefix("Y") || text.hasPrefix("1")
  }

  /// Switches it on, if it is off. Registered to be put back, whatever ends the harness.
  /// - Throws: `FileFault` if the kernel has no such parameter or it cannot be written.
  public init() throws { try self.init(path: Self.parameter) }

  /// The same for the parameter in the file at `path`.
  init(path: String) throws {
    guard let state = Self.state(of: path) else {
      throw FileFault(
        file: path, message: "does not exist: load the fuse module, or use a kernel of 6.14 or newer")
    }
    guard !state else {
      (restoreNumber, restore) = (nil, nil)
      return
    }
    let put: @Sendable (String) throws -> Void = { text in
      guard let handle = FileHandle(forWritingAtPath: path) else {
        throw FileFault(
          file: path, message: "cannot be written: run as root, or switch it on yourself")
      }
      defer { try? handle.close() }
      try handle.write(contentsOf: Data(text.utf8))
    }
    let undo: @Sendable () -> Void = { try? put("N\n") }
    restoreNumber = LiveResources.shared.add(restore: undo)
    restore = undo
    try put("Y\n")
  }

  /// Puts back what it was.
  public func end() {
    restore?()
    if let restoreNumber { LiveResources.shared.withdraw(restore: restoreNumber) }
  }
}
