// All that must not outlive the harness: process groups, mounts, folders, kernel parameters.

import Foundation
import Glibc
import Synchronization

/// The register of what the harness has made and must undo, whatever ends it.
package final class CleanupRegistry: Sendable {
  /// The one register of this process.
  package static let shared = CleanupRegistry()

  /// In which order groups are ended: clients first, so that an export's mount is not busy.
  package enum GroupKind: Sendable { case client, export }

  private struct State {
    var closing = false
    var groups: [Int32: GroupKind] = [:]
    var mounts: Set<String> = []
    var folders: Set<String> = []
    var restores: [Int: @Sendable () -> Void] = [:]
    var nextRestore = 0
  }
  private let state = Mutex(State())

  private init() {}

  /// Whether the harness is ending: nothing may be started any more.
  package var isClosing: Bool { state.withLock { $0.closing } }

  func add(group: Int32, kind: GroupKind) {
    let closing = state.withLock { state in
      state.groups[group] = kind
      return state.closing
    }
    // A child that was on its way when the signal came.
    if closing { _ = kill(-group, SIGKILL) }
  }

  func remove(group: Int32) { state.withLock { _ = $0.groups.removeValue(forKey: group) } }
  func add(mount: String) { state.withLock { _ = $0.mounts.insert(mount) } }
  func remove(mount: String) { state.withLock { _ = $0.mounts.remove(mount) } }
  func add(folder: String) { state.withLock { _ = $0.folders.insert(folder) } }
  func remove(folder: String) { state.withLock { _ = $0.folders.remove(folder) } }

  /// Registers something to put back; `withdraw` takes it off the list without running it.
  func add(restore: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.nextRestore += 1
      state.restores[state.nextRestore] = restore
      return state.nextRestore
    }
  }

  func withdraw(restore number: Int) { state.withLock { _ = $0.restores.removeValue(forKey: number) } }

  /// What `releaseAll` has undone.
  package struct Released: Sendable, Equatable {
    var exports = 0
    var clients = 0
    var folders = 0

    /// In words: `ended 2 exports and 3 other processes, removed 2 folders`.
    package var words: String {
      var ended: [String] = []
      if exports > 0 { ended.append(TextFormat.count(exports, "export")) }
      if clients > 0 { ended.append("\(clients) other \(clients == 1 ? "process" : "processes")") }
      var words = ended.isEmpty ? [] : ["ended \(ended.joined(separator: " and "))"]
      if folders > 0 { words.append("removed \(TextFormat.count(folders, "work folder"))") }
      return words.isEmpty ? "nothing was left to clean up" : words.joined(separator: ", ")
    }
  }

  /// Undoes everything: ends clients, then exports, aborts and detaches what is still mounted, removes folders,
  /// restores parameters. Takes at most about five seconds; meant for the end of the process.
  @discardableResult
  package func releaseAll() -> Released {
    let everything = state.withLock { state in
      state.closing = true
      return state
    }
    let clients = everything.groups.filter { $0.value == .client }.map(\.key)
    let exports = everything.groups.filter { $0.value == .export }.map(\.key)
    for group in clients { _ = kill(-group, SIGKILL) }
    for group in exports { _ = kill(-group, SIGTERM) }
    Self.wait(for: exports, milliseconds: 2500)
    for mount in everything.mounts { FuseConnection.abortAll(at: mount) }
    for group in clients + exports { _ = kill(-group, SIGKILL) }
    Self.wait(for: clients + exports, milliseconds: 2000)
    ChildMark.endAll(ChildMark.ours)
    for mount in everything.mounts { FuseConnection.detachAll(at: mount) }
    for folder in everything.folders where FuseConnection.clear(below: folder) {
      try? FileManager.default.removeItem(atPath: folder)
    }
    for restore in everything.restores.values { restore() }
    return Released(exports: exports.count, clients: clients.count, folders: everything.folders.count)
  }

  private static func wait(for groups: [Int32], milliseconds: Int) {
    for _ in 0..<(milliseconds / 10) where groups.contains(where: { kill(-$0, 0) == 0 }) {
      usleep(10_000)
    }
  }
}
