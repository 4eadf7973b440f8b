// The folder of a merged run: its run.json, and what fio said of every share.

internal import Foundation

/// A merged run on disk.
package struct MergedFolder: Sendable {
  /// The run's folder.
  package let folder: RunFolder
  /// What was merged.
  package let merge: Merge

  /// Merges the runs in `folders`, and writes the whole to the folder `path`; nil is a new one in `results`, called as
  /// if it had begun now, so that it is the last there, with `-merged` behind.
  /// - Throws: `MergeError` if they cannot be merged or there is a run at `path`, `StoreError` if one cannot be read or
  ///   the whole not be written.
  package static func make(
    of folders: [RunFolder], at path: String?, in results: String, command: [String], force: Bool
  ) throws -> MergedFolder {
    let shares = try folders.map { try $0.read() }
    var merge = try Merge(shares, id: "", command: command, force: force)
    let folder =
      try path.map(RunFolder.init)
      ?? .create(in: results, suite: "\(merge.run.suite)-merged", at: .now())
    guard !FileManager.default.fileExists(atPath: folder.runFile) else {
      throw MergeError(description: "\(folder.path): holds a run already; give another folder with -o")
    }
    merge.run.id = folder.id
    try folder.make()
    for (share, from) in zip(shares, folders) { try copyOutputs(of: share, from: from, to: folder) }
    // Last: a folder with a run.json is a run, and this one is none before it is whole.
    try folder.write(merge.run)
    return MergedFolder(folder: folder, merge: merge)
  }

  /// Copies fio's own JSON, where it has been kept: figures do not depend on it.
  private static func copyOutputs(of run: StoredRun, from: RunFolder, to: RunFolder) throws {
    for output in run.cells.flatMap(\.samples).compactMap(\.fioOutput) {
      // The reader has seen to it that the path leads to no other folder; a link in its place could.
      let path = "\(from.path)/\(output)"
      var facts = stat()
      guard lstat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG, let bytes = SystemFile.bytes(path) else {
        continue
      }
      try OutputFile.write(bytes, to: "\(to.path)/\(output)")
    }
  }
}
