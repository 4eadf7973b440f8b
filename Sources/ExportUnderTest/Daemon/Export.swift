// One export as the daemon drives it: checked, prepared, mounted, served, stopped.

import CLinux
import Glibc
import Synchronization

/// What an export is asked to be.
struct ExportSettings: Sendable {
  var id: ByteText
  var nodeName: ByteText
  var mountPoint: ByteText
  var isWritable = false
  var isGrowable = false
  var allowOther = AllowOther.auto
  var transport = Transport.legacy
  /// Requests in flight per device fd; entries per ring queue.
  var depth = 64
  /// Where statistics are written.
  var statisticsFile: ByteText?
  /// Where requests and answers are written down.
  var traceFile: ByteText?
  /// Where another process can take the export over.
  var handoverPath: ByteText?
  /// What the export is taken over from; nil where it is mounted anew.
  var adoption: AdoptionSource?
}

/// How a stop has ended.
enum ExportEnd {
  case clean
  /// Something did not come back.
  case unclean
  /// The process that was to take it over did not: it is served as before.
  case servesOn
}

/// A running export.
///
/// Unchecked: the daemon's thread uses it, until it begins to stop; from then on the stopping thread does, and the
/// daemon's asks only for what is fixed or atomic, until it has joined that thread.
final class Export: @unchecked Sendable {
  let settings: ExportSettings
  let node: Node
  let mount: Mount
  let lifecycle: ExportLifecycle
  private var clones: [Int32] = []
  /// Whether the kernel still keeps something of the stopped export.
  private(set) var isStuck = false
  private var stopping: ExportShutdownThread?
  /// The thread that hands the export over, or has tried to.
  private var handing: ExportShutdownThread?
  private var handover: UnixListener?
  /// Watches the length that the kernel remembers after an O_TRUNC.
  private var refresher: SizeRefresher?
  /// OPENs with O_TRUNC that it knows of.
  private var refreshed: UInt64 = 0

  /// Starts the export; when this returns, a client's first request is answered.
  ///
  /// What needs no mount is checked before it; whatever fails later takes it back and leaves nothing.
  init(_ settings: ExportSettings, node: Node, threads: [IOThread], others: [Export]) throws {
    self.settings = settings
    self.node = node
    let wanted = MountPoint.resolvingLinks(settings.mountPoint)
    if let other = others.first(where: { $0.mount.path == wanted }) {
      throw StartError(description: "There already is a FUSE export on '\(other.settings.mountPoint)'")
    }
    if settings.adoption == nil { _ = try MountPoint.check(settings.mountPoint) }
    if settings.transport == .ioUring { try Self.checkRing() }
    // Said at once, and no reason not to serve: the place may be there by the end.
    if let file = settings.statisticsFile {
      do { try OutputPlace(file).check() } catch { report("statistics: \(error)") }
    }
    let trace = try settings.traceFile.map { try RequestTrace($0) }
    let adoption = try settings.adoption.map { try Adoption($0) }
    let limit: TransferLimit
    // Whether others are let in is known only after the mount, and what its threads share comes before it.
    (mount, limit) = try Self.mount(settings, adopting: adoption?.fd, at: wanted)
    var lifecycle: ExportLifecycle?
    do {
      let made = try ExportLifecycle(
        transport: settings.transport, threads: threads, depth: settings.depth,
        file: ExportedFile(
          isWritable: settings.isWritable, isGrowable: settings.isGrowable, allowsOthers: mount.allowsOthers,
          limit: limit),
        node: node.view, trace: trace, possibleCPUs: Processors.possible)
      lifecycle = made
      try made.prepare()
      if settings.transport == .multithread {
        for _ in threads.dropFirst() { clones.append(try Self.furtherDescriptor(of: mount.fd, settings.adoption)) }
      }
      self.lifecycle = made
      if let adoption { try takeOver(adoption) } else { node.markServed(for: mount.connection) }
      try made.open(
        device: mount.fd, clones: clones, fusectlDirectory: mount.fusectlDirectory,
        isAdopted: settings.adoption != nil)
      if settings.adoption != nil { try checkServed() }
      try listenForHandover()
    } catch {
      // What is taken over stays mounted: the process before serves on, or another one tries.
      if settings.adoption == nil { _ = mount.end() }
      if let lifecycle, !lifecycle.finish(milliseconds: 5000) {
        report("the kernel keeps requests of a failed start")
        keepForEver(lifecycle)
        keepForEver(node)
      } else {
        for fd in clones { close(fd) }
        mount.close()
      }
      throw error
    }
  }

  /// Refuses early, with the remedy, what INIT would refuse anyway.
  private static func checkRing() throws {
    let parameter = "/sys/module/fuse/parameters/enable_uring"
    guard let value = readFile(parameter) else {
      throw StartError(
        description: "io-uring=on: this kernel has no FUSE over io_uring; Linux 6.14 or later is needed")
    }
    guard value.first == "Y" || value.first == "1" else {
      throw StartError(
        description: "io-uring=on: FUSE over io_uring is switched off; 'echo Y > \(parameter)' (as root) switches it on"
      )
    }
  }

  /// Whether the kernel has ended the connection.
  var isLost: Bool { lifecycle.status.isLost }

  /// Whether one of its channels is served by `thread`.
  func uses(_ thread: IOThread) -> Bool { lifecycle.threads.contains { $0 === thread } }

  /// Whether a client has the export open, or mapped.
  ///
  /// The kernel tells of a last close after close(2) has returned: what looks open is looked at again, for up to a
  /// second.
  func isOpen() -> Bool {
    for _ in 0..<200 {
      if lifecycle.file.pointee.opened.load(ordering: .relaxed) <= 0 { return false }
      usleep(5000)
    }
    return true
  }

  /// The connection's number; 0 where it is not known.
  var connection: UInt32 { mount.connection }

  /// Readable after every change; the daemon's thread listens as long as the export is not stopping.
  var notifierFD: Int32 { lifecycle.notifierFD }

  // MARK: Stopping

  /// Whether it has begun to stop.
  var isStopping: Bool { stopping != nil || handing != nil }

  /// Whether `endStop` need not wait.
  var hasStopped: Bool { (stopping ?? handing)?.isOver ?? false }

  /// Begins to stop, on a thread of its own: what is in flight may take long, and the daemon has others to hear.
  /// - Parameter waker: signalled when it is over.
  func beginStop(waking waker: EventNotifier.Handle) {
    guard stopping == nil else { return }
    // It may be on its way to another process, which then unmounts it.
    let handing = handing
    self.handing = nil
    stopping = ExportShutdownThread(of: "\(settings.id)", waker: waker) { [self] in
      if let handing, handing.join() { return true }
      return stop()
    }
  }

  /// Waits until it has stopped.
  func endStop() -> ExportEnd {
    // The threads' work holds this object.
    defer { (stopping, handing) = (nil, nil) }
    if let stopping { return stopping.join() ? .clean : .unclean }
    return handing?.join() ?? true ? .clean : .servesOn
  }

  /// Answers what is in flight, flushes, unmounts, frees; false when something did not come back.
  private func stop() -> Bool {
    var isClean = true
    handover = nil
    // As long as it waits, the export must serve.
    refresher?.cancel()
    if !lifecycle.drain(milliseconds: 10_000) {
      report("export '\(settings.id)': requests in flight did not end within 10 s")
      isClean = false
    }
    do {
      try node.synchronize()
    } catch {
      report("export '\(settings.id)': \(error)")
      isClean = false
    }
    if !mount.end() { isClean = false }
    return end() && isClean
  }

  /// Ends this process's part of an export that another one takes over: it stays mounted.
  func letGo() {
    handover = nil
    _ = end()
  }

  /// Frees what it served with and writes its statistics; false when the kernel did not give every request back: then
  /// nothing is freed, since it may still write there.
  private func end() -> Bool {
    defer { writeStatistics() }
    guard lifecycle.finish(milliseconds: 5000) else {
      report("export '\(settings.id)': the kernel did not give every request back")
      isStuck = true
      keepForEver(self)
      return false
    }
    for fd in clones { close(fd) }
    mount.close()
    return true
  }

  /// Makes the socket of `handover=PATH`. What has been taken over is served without it rather than let go.
  private func listenForHandover() throws {
    guard let path = settings.handoverPath else { return }
    do {
      handover = try UnixListener(path, kind: SOCK_SEQPACKET)
    } catch {
      guard settings.adoption != nil else { throw error }
      report("export '\(settings.id)' cannot be handed over again: \(error)")
    }
  }

  /// The socket of `handover=PATH`; -1 where there is none.
  var handoverListener: Int32 { handover?.fd ?? -1 }

  func startHanding(waking waker: EventNotifier.Handle, _ work: @escaping @Sendable () -> Bool) {
    handing = ExportShutdownThread(of: "\(settings.id)", waker: waker, work: work)
  }

  // MARK: The kernel's idea of the length

  /// Has the kernel ask for the length again, where an O_TRUNC made it forget: to be called after every change.
  func refreshSize() {
    let opens = lifecycle.file.pointee.emptied.load(ordering: .relaxed)
    guard opens != refreshed, node.view.length > 0 else { return }
    refreshed = opens
    if let refresher, !refresher.isOver { return }
    refresher?.cancel()
    // It reads the count as long as it watches, and the export waits for its end before it goes.
    refresher = try? SizeRefresher(
      path: mount.path, connection: mount.connection,
      opens: { [lifecycle] in lifecycle.file.pointee.emptied.load(ordering: .relaxed) },
      settle: { [lifecycle] in lifecycle.file.pointee.settle($0) })
  }

  func cancelRefresh() { refresher?.cancel() }

  func writeStatistics() {
    guard let file = settings.statisticsFile else { return }
    let statistics = Statistics(
      export: "\(settings.id)", transport: lifecycle.transport.rawValue, threads: lifecycle.threads.map(\.facts),
      queues: lifecycle.queues, depth: settings.depth,
      records: lifecycle.countersNow())
    do {
      try statistics.write(to: file)
    } catch {
      report("cannot write statistics: \(error)")
    }
  }
}

/// Memory that the kernel may still write to is not freed: only the end of the process takes it back.
private func keepForEver(_ object: AnyObject) {
  _ = Unmanaged.passRetained(object)
}
