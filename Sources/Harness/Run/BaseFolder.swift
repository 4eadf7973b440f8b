// The folder in which work folders are made: does it answer? It may lie on a mount of an export that hangs.

internal import Foundation
internal import Glibc

/// The folder that TMPDIR names.
package enum BaseFolder {
  /// Why nothing can be made or looked at in `base`; nil if it answers. A child looks, and no longer than two seconds,
  /// where the mount table says that the folder lies on a FUSE mount.
  /// - Throws: `Interrupted`.
  package static func objection(to base: String = Workspace.base) async throws -> FileError? {
    // Such a path cannot stand in goldens, results or the words of a command.
    if let named = getenv("TMPDIR"), String(validatingCString: named) == nil {
      return FileError(file: base, message: "the path is no UTF-8; set TMPDIR to another folder")
    }
    let path = URL(fileURLWithPath: base).standardized.path
    guard let mount = MountTable.fuseMount(over: path) else { return nil }
    var command = Command("stat", ["-L", base])
    // Not into a file without a name, which would be made there.
    command.output = .file("/dev/null")
    let done = try? await command.run(within: .seconds(2))
    if CleanupRegistry.shared.isClosing { throw Interrupted() }
    guard done?.status.isSuccess != true else { return nil }
    return FileError(
      file: base, message: "lies on the mount \(mount.path.shown), which does not answer; set TMPDIR to another folder")
  }
}
