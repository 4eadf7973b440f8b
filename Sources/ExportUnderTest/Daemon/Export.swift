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
}

/// A running export.
///
/// Unchecked: the daemon's thread uses it, until it begins to stop; from then on the stopping thread does, and the
/// daemon's asks only for what is fixed or atomic, until it has joined that thread.
final class Export: @unchecked Sendable {
  let settings: ExportSettings
  private let node: Node
  private let mount: Mount
  private let server: ExportServer
  private var clones: [Int32] = []
  /// Whether the kernel still keeps something of the stopped export.
  private(set) var isStuck = false
  private var stopping: ExportShutdownThread?

  /// Starts the export; when this returns, a client's first request is answered.
  ///
  /// What needs no mount is checked before it; whatever fails later takes it back and leaves nothing.
  init(_ settings: ExportSettings, node: Node, threads: [IOThread], others: [Export]) throws {
    self.settings = settings
    self.node = node
    let wanted = MountPoint.resolvingLinks(settings.mountPoint)
    if let other = others.first(where: { $0.mount.path == wanted }) {
      throw StartFailure(description: "There already is a FUSE export on '\(other.settings.mountPoint)'")
    }
    let path = try MountPoint.check(settings.mountPoint)
    if settings.transport == .ioUring { try Self.checkRing() }
    let trace = try settings.traceFile.map { try RequestTrace($0) }

    let limit = TransferLimit.machine
    // Whether others are let in is known only after the mount, and the export's state comes before it.
    let mount = try Mount(
      on: path, writable: settings.isWritable, allowOther: settings.allowOther, maxRead: limit.bytes)
    self.mount = mount
    var server: ExportServer?
    do {
      let made = try ExportServer(
        transport: settings.transport, threads: threads, depth: settings.depth,
        state: ExportState(
          isWritable: settings.isWritable, isGrowable: settings.isGrowable, allowsOthers: mount.allowsOthers,
          limit: limit),
        node: node.view, trace: trace, possibleCPUs: Processors.possible)
      server = made
      try made.prepare()
      if settings.transport == .multithread {
        for _ in threads.dropFirst() {
          clones.append(
            try checked(clinux_clone_fuse_device(mount.fd), "cannot clone the FUSE device for another iothread"))
        }
      }
      self.server = made
      try made.open(device: mount.fd, clones: clones, fusectlDirectory: mount.fusectlDirectory)
    } catch {
      _ = mount.end()
      if let server, !server.finish(milliseconds: 5000) {
        report("the kernel keeps requests of a failed start")
        keepForEver(server)
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
      throw StartFailure(
        description: "io-uring=on: this kernel has no FUSE over io_uring; Linux 6.14 or later is needed")
    }
    guard value.first == "Y" || value.first == "1" else {
      throw StartFailure(
        description: "io-uring=on: FUSE over io_uring is switched off; 'echo Y > \(parameter)' (as root) switches it on"
      )
    }
  }

  /// Whether the kernel has ended the connection.
  var isLost: Bool { server.status.isLost }

  /// Whether one of its channels is served by `thread`.
  func uses(_ thread: IOThread) -> Bool { server.threads.contains { $0 === thread } }

  /// Whether a client has the export open, or mapped.
  ///
  /// The kernel tells of a last close after close(2) has returned: what looks open is looked at again, for up to a
  /// second.
  func isOpen() -> Bool {
    for _ in 0..<200 {
      if server.state.pointee.opened.load(ordering: .relaxed) <= 0 { return false }
      usleep(5000)
    }
    return true
  }

  /// The connection's number; 0 where it is not known.
  var connection: UInt32 { mount.connection }

  /// Readable after every change; the daemon's thread listens as long as the export is not stopping.
  var notifierFD: Int32 { server.notifierFD }

  // MARK: Stopping

  /// Whether it has begun to stop.
  var isStopping: Bool { stopping != nil }

  /// Whether `endStop` need not wait.
  var hasStopped: Bool { stopping?.isOver ?? false }

  /// Begins to stop, on a thread of its own: what is in flight may take long, and the daemon has others to hear.
  /// - Parameter waker: signalled when it is over.
  func beginStop(waking waker: EventNotifier.Handle) {
    stopping = stopping ?? ExportShutdownThread(of: "\(settings.id)", waker: waker, work: stop)
  }

  /// Waits until it has stopped; false when something did not come back.
  func endStop() -> Bool {
    // The thread's work holds this object.
    defer { stopping = nil }
    return stopping?.join() ?? true
  }

  /// Answers what is in flight, flushes, unmounts, frees; false when something did not come back.
  private func stop() -> Bool {
    var isClean = true
    if !server.drain(milliseconds: 10_000) {
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
    let finished = server.finish(milliseconds: 5000)
    if finished {
      for fd in clones { close(fd) }
      mount.close()
    } else {
      report("export '\(settings.id)': the kernel did not give every request back")
      isStuck = true
      keepForEver(self)
    }
    writeStatistics()
    return isClean && finished
  }

  func writeStatistics() {
    guard let file = settings.statisticsFile else { return }
    let statistics = Statistics(
      export: "\(settings.id)", transport: server.transport.rawValue, threads: server.threads.map(\.facts),
      queues: server.queues, depth: settings.depth,
      records: server.countersNow())
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
