// The file that clients see: what may be done with it, whose it is, and what the kernel was told of it.

import Glibc
import Synchronization

/// The one file of an export, as all its threads share it; the bytes are the node's. What requests to it mean is in
/// Handler.swift. Its address is stable; channels in all threads point to it.
struct ExportedFile: ~Copyable {
  let isWritable: Bool
  let isGrowable: Bool
  /// Whether the mount lets other users in, so that owner and group permissions may mean something.
  let allowsOthers: Bool
  /// The largest READ and WRITE.
  let limit: TransferLimit
  /// The same in bytes.
  let maxTransfer: Int
  /// Permission bits.
  let mode: Atomic<UInt32>
  let uid: Atomic<UInt32>
  let gid: Atomic<UInt32>
  /// OPENs that succeeded less RELEASEs: how many open files clients have.
  let opened = Atomic<Int>(0)
  let recentWriteFailures = RecentWriteFailures()
  /// The length that the kernel remembers, as far as it was told: by attributes, and by what it did itself.
  let kernelSize = Atomic<UInt64>(0)
  /// OPENs with O_TRUNC that were answered. After each the kernel takes the length for 0 until it asks again
  /// (fs/fuse/file.c, fuse_truncate_update_attr), whatever the length really is.
  let emptied = Atomic<UInt64>(0)
  /// How many of these the kernel has asked about since, as far as is known. Where it is behind, an answer may cross an
  /// opener that has yet to set the length to 0: the kernel must not keep it.
  let settled = Atomic<UInt64>(0)
  /// Signalled after each that left the export its length.
  var emptiedNotifier = EventNotifier.Handle.none
  /// Nanoseconds since the epoch: when a node without times of its own was last changed, as clients were told.
  private let changeTime: Atomic<Int64>
  /// It has been changed since.
  private let isModified = Atomic<Bool>(false)

  init(isWritable: Bool, isGrowable: Bool, allowsOthers: Bool, limit: TransferLimit) {
    self.isWritable = isWritable
    self.isGrowable = isGrowable
    self.allowsOthers = allowsOthers
    self.limit = limit
    maxTransfer = limit.bytes
    mode = Atomic(isWritable ? 0o600 : 0o400)
    uid = Atomic(getuid())
    gid = Atomic(getgid())
    changeTime = Atomic(wallClock().nanoseconds)
  }

  /// Takes over what another process has told the kernel and its clients.
  /// - Parameter opened: open files; nil when nobody knows: one counts as open from then on.
  func adopt(mode: UInt32, uid: UInt32, gid: UInt32, kernelSize: UInt64, opened: UInt64?) {
    self.mode.store(mode & 0o7777, ordering: .relaxed)
    self.uid.store(uid, ordering: .relaxed)
    self.gid.store(gid, ordering: .relaxed)
    self.kernelSize.store(kernelSize, ordering: .relaxed)
    self.opened.store(Int(clamping: opened ?? 1), ordering: .relaxed)
  }

  /// The kernel has seen a WRITE or FALLOCATE succeed up to `end`, and remembers no less.
  @inline(__always)
  func kernelExtends(to end: UInt64) {
    if end > kernelSize.load(ordering: .relaxed) { kernelSize.store(end, ordering: .relaxed) }
  }

  /// An OPEN with O_TRUNC succeeds: the kernel will take the length for 0.
  func kernelEmpties() {
    kernelSize.store(0, ordering: .relaxed)
    emptied.wrappingAdd(1, ordering: .relaxed)
  }

  /// The kernel's length is right for the first `count` OPENs with O_TRUNC.
  func settle(_ count: UInt64) { settled.store(count, ordering: .relaxed) }

  /// Whether `length` can be what the kernel takes the file's length for. After an O_TRUNC nobody can tell when it
  /// has asked again.
  func kernelMayRemember(_ length: UInt64) -> Bool {
    length == kernelSize.load(ordering: .relaxed)
      || (length == 0 && emptied.load(ordering: .relaxed) > 0)
  }

  /// The node's bytes were changed. A regular file's own times say so; for all else the next GETATTR takes the time.
  @inline(__always)
  func noteModified(_ node: NodeView) {
    guard !node.leaf.pointee.canResize, !isModified.load(ordering: .relaxed) else { return }
    isModified.store(true, ordering: .relaxed)
  }

  /// When a node without times of its own was last changed: the export's start, or the first GETATTR after a change.
  private func timesOfOurOwn() -> FileTimes {
    if isModified.exchange(false, ordering: .relaxed) {
      changeTime.store(wallClock().nanoseconds, ordering: .relaxed)
    }
    let time = timespec(nanoseconds: changeTime.load(ordering: .relaxed))
    return FileTimes(access: time, modification: time, change: time)
  }

  /// The file as GETATTR tells it now.
  func attributes(of node: NodeView) -> FileAttributes {
    let length = node.length
    kernelSize.store(length, ordering: .relaxed)
    let image = node.leaf.pointee.status()
    return FileAttributes(
      size: length, blocks: node.blocks(image), mode: S_IFREG | mode.load(ordering: .relaxed),
      uid: uid.load(ordering: .relaxed), gid: gid.load(ordering: .relaxed),
      blockSize: max(512, node.alignment),
      mayBeKept: emptied.load(ordering: .relaxed) == settled.load(ordering: .relaxed),
      times: image.map { FileTimes(access: $0.st_atim, modification: $0.st_mtim, change: $0.st_ctim) }
        ?? timesOfOurOwn())
  }
}

/// The WRITEs that failed a moment ago: what keeps the kernel's own clean-up from costing bytes.
///
/// After an asynchronous WRITE that failed beyond the size the kernel remembers, the kernel sends a SETATTR
/// back to that size (fs/fuse/file.c, fuse_do_truncate). When the image had grown meanwhile, obeying would cut
/// bytes that were there. The SETATTR comes from the task that wrote, looks like ftruncate, and follows at once;
/// what tells it from an ftruncate of that task is that it names the very size that the kernel remembers.
struct RecentWriteFailures: ~Copyable {
  // Not private: another file ends this struct with its owner, and Swift 6.3 then cannot find the type.
  struct Failure {
    let pid: UInt32
    let end: UInt64
    let lengthBefore: UInt64
    let time: UInt64
  }

  /// Nanoseconds for which a SETATTR counts as the kernel's answer to a failure.
  private static let memory: UInt64 = 1_000_000_000
  private static let most = 64

  private let count = Atomic<Int>(0)
  private let failures = Mutex<[Failure]>([])

  func record(pid: UInt32, end: UInt64, lengthBefore: UInt64) {
    let failure = Failure(pid: pid, end: end, lengthBefore: lengthBefore, time: monotonicNanoseconds())
    failures.withLock {
      if $0.count == Self.most { $0.removeFirst() }
      $0.append(failure)
      count.store($0.count, ordering: .relaxed)
    }
  }

  /// The size that a SETATTR to `size` by `pid` may set: never less than the node had when a WRITE of the same
  /// task failed just before.
  func sizeAfterFailedWrite(_ size: UInt64, pid: UInt32) -> UInt64 {
    guard count.load(ordering: .relaxed) > 0 else { return size }
    return failures.withLock { failures in
      // Read under the lock: an earlier `now` could lie before the time of a failure that came meanwhile.
      let now = monotonicNanoseconds()
      failures.removeAll { now - $0.time > Self.memory }
      let relevant = failures.filter { $0.pid == pid && size < $0.end }
      // A large WRITE fails in several pieces, all of them before the one SETATTR: the next one is a user's.
      if !relevant.isEmpty { failures.removeAll { $0.pid == pid } }
      count.store(failures.count, ordering: .relaxed)
      return relevant.reduce(size) { max($0, $1.lengthBefore) }
    }
  }
}
