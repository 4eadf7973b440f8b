// What a harness that was killed has left: nobody can clean up after SIGKILL but the next one to start.

import Foundation
import Glibc

/// Processes, mounts and work folders of harnesses that have ended without cleaning up.
///
/// Nothing is taken for a leftover by its looks. A process carries the mark of the harness that started it, a work
/// folder the harness's identity in a file that the harness holds locked; only where that harness is known to have
/// ended (`HarnessIdentity`) are they removed. Folders that were kept for a person to look at stay.
package struct StaleResources: Equatable, Sendable {
  /// Processes that were ended.
  package private(set) var processes = 0
  /// Mounts that were detached.
  package private(set) var mounts = 0
  /// Work folders that were removed: paths.
  package private(set) var folders: [String] = []
  /// What could not be removed: paths.
  package private(set) var stuck: [String] = []

  /// What was removed, in words: `1 process, 1 mount and 2 work folders`; nil if there was nothing.
  package var words: String? {
    let parts = [
      processes > 0 ? "\(processes) \(processes == 1 ? "process" : "processes")" : nil,
      mounts > 0 ? TextFormat.count(mounts, "mount") : nil,
      folders.isEmpty ? nil : TextFormat.count(folders.count, "work folder"),
    ].compactMap { $0 }
    return TextFormat.list(parts)
  }

  /// Removes what is left in `base`, and processes and mounts wherever they are. Takes at most a few seconds.
  package static func remove(base: String = Workspace.base) -> StaleResources {
    var found = StaleResources()
    // Started by something that is itself a leftover: then it is for the next one to clean up, this one included.
    guard ChildMark.inherited?.hasEnded != true else { return found }
    var dead = folders(in: base)
    defer { for folder in dead { FileLock.release(folder.lock) } }
    let table = MountTable.read()
    for mount in table where mount.type.begins(with: "fuse") { dead += owner(of: mount.path, besides: dead) }
    let mounts = table.map(\.path)
    let ours = mounts.filter { path in dead.contains { path.bytes.starts(with: ($0.path + "/").utf8) } }
    // A client inside a request ends only when its connection is aborted, so that comes first.
    for path in ours { FuseConnection.abortAll(at: path) }
    found.processes = ChildMark.endOrphans()
    for path in Set(ours) {
      FuseConnection.detachAll(at: path)
      if MountTable.entries(at: path).isEmpty { found.mounts += 1 } else { found.stuck.append(path.shown) }
    }
    for folder in dead {
      if remove(folder.path) { found.folders.append(folder.path) } else { found.stuck.append(folder.path) }
    }
    return found
  }

  /// A work folder whose harness has ended, and the lock that now keeps others from it.
  private struct Folder {
    let path: String
    let lock: CInt
  }

  private static func folders(in base: String) -> [Folder] {
    // mountinfo knows no symbolic links.
    guard let base = Workspace.realPath(base) else { return [] }
    return SystemFile.names(base).compactMap { take("\(base)/\($0)") }
  }

  /// The folder of a dead harness that holds the mount point `path`, unless it is among `known`.
  private static func owner(of path: ByteText, besides known: [Folder]) -> [Folder] {
    // A work folder's own path is text: its name is made here.
    guard let path = String(validating: path.bytes, as: UTF8.self) else { return [] }
    let folder = (path as NSString).deletingLastPathComponent
    guard !known.contains(where: { $0.path == folder }) else { return [] }
    return take(folder).map { [$0] } ?? []
  }

  /// Locks the work folder `path` if the harness that made it has ended; nil if it is anything else.
  private static func take(_ path: String) -> Folder? {
    var status = stat()
    guard (path as NSString).lastPathComponent.begins(with: "fusebench-"), MountTable.fuseMount(over: path) == nil,
      MountTable.entries(at: path).isEmpty, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
      status.st_uid == geteuid()
    else { return nil }
    let lock = open("\(path)/\(Workspace.lockName)", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard lock >= 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 100)
    let count = pread(lock, &bytes, bytes.count, 0)
    let identity = HarnessIdentity(ByteText(bytes.prefix(max(0, count))).shown)
    // The lock alone would tell, too, but a folder is only marked as used once its lock is held.
    guard identity?.hasEnded == true, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      close(lock)
      return nil
    }
    return Folder(path: path, lock: lock)
  }

  /// Removes a folder, never reaching into a mount.
  private static func remove(_ path: String) -> Bool {
    guard MountTable.entries(below: path).isEmpty else { return false }
    return (try? FileManager.default.removeItem(atPath: path)) != nil
  }
}
