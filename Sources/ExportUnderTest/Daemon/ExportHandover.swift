// An export's two sides of a hand-over: taking a mount from another process, and giving it to one.

import CLinux
import Glibc
import Synchronization

extension Export {
  /// The mount that `settings` ask for on `path`, and the largest request that its buffers must hold.
  static func mount(
    _ settings: ExportSettings, adopting fd: Int32?, at path: ByteText
  ) throws -> (Mount, TransferLimit) {
    let limit = MachineLimit.current
    guard let fd else {
      let mount = try Mount(
        on: path, writable: settings.isWritable, allowOther: settings.allowOther, maxRead: limit.bytes)
      return (mount, limit)
    }
    let mount: Mount
    do {
      mount = try Mount(on: path, adopting: fd, writable: settings.isWritable)
    } catch {
      close(fd)
      throw error
    }
    // The process before may have had a larger limit.
    let pages = max(UInt64(limit.pages), (mount.maxRead ?? 0) / 4096)
    return (mount, TransferLimit(pages: pages))
  }

  /// A descriptor of `device`'s connection for another thread: a clone of it.
  ///
  /// A clone ends with its process, and what was read over it and not answered fails then (fs/fuse/dev.c,
  /// fuse_dev_release). What somebody else holds for the case of a crash must be read over the held descriptor itself.
  static func furtherDescriptor(of device: Int32, _ adoption: AdoptionSource?) throws(SystemError) -> Int32 {
    if case .descriptor? = adoption {
      return try checked(clinux_copy_descriptor(device), "cannot copy the FUSE device for another iothread")
    }
    return try checked(clinux_clone_fuse_device(device), "cannot clone the FUSE device for another iothread")
  }

  /// Makes this process the one that serves the adopted mount.
  func takeOver(_ adoption: Adoption) throws {
    let opened = adoption.opened
    if opened == nil { try node.waitUntilUnserved(for: mount.connection) }
    var status = clinux_status()
    // Nobody serves the mount now: only what the kernel remembers may be asked for.
    try checked(clinux_get_status(mount.path.cString, 0, &status), "cannot look at the mount on '\(mount.path)'")
    try adoption.commit()
    node.markServed(for: mount.connection)
    // The process before may have changed it since this one opened it.
    node.view.leaf.pointee.refreshLength()
    // Mounted, and not served yet: the kernel knows nothing of the file.
    guard status.changed != 0 else { return }
    lifecycle.file.pointee.adopt(
      mode: status.mode, uid: status.uid, gid: status.gid, kernelSize: status.size, opened: opened)
  }

  /// Asks the adopted mount for its attributes, as a client would.
  /// - Throws: when no answer comes: the connection's requests go elsewhere.
  func checkServed() throws {
    let probe = ServiceProbe(mount.path)
    guard probe.wait(milliseconds: 5000) else {
      throw StartError(
        description: "the mount on '\(mount.path)' brings no requests: served over io_uring before, it cannot be taken "
          + "over, as its queues ended with their process")
    }
  }

  // MARK: Giving

  /// Where a process that wants the export connects; -1 where none can, or one does already.
  var handoverFD: Int32 { isStopping ? -1 : handoverListener }

  /// Begins to give the export to the process that has connected, on a thread of its own.
  /// - Parameter waker: signalled when it is over, whatever came of it.
  func beginHandover(waking waker: EventNotifier.Handle) {
    let client = clinux_accept(handoverListener)
    guard client >= 0 else { return }
    startHanding(waking: waker) { [self] in give(HandoverChannel(client)) }
  }

  /// The giver's side of the conversation; false when the export is served on.
  private func give(_ channel: HandoverChannel) -> Bool {
    guard channel.isTrusted else {
      channel.say(.refused("another user's process may not take it"))
      return false
    }
    guard channel.hear(milliseconds: 5000).0 == .take else {
      channel.say(.refused("it speaks another version of the hand-over"))
      return false
    }
    cancelRefresh()
    guard lifecycle.drain(milliseconds: 10_000) else {
      lifecycle.reopen()
      channel.say(.refused("requests in flight did not end within 10 s"))
      return false
    }
    let opened = lifecycle.file.pointee.opened.load(ordering: .relaxed)
    channel.say(.device(opened: UInt64(clamping: opened)), fd: mount.fd)
    guard channel.hear(milliseconds: 30_000).0 == .ready else {
      lifecycle.reopen()
      return false
    }
    letGo()
    channel.say(.go)
    return true
  }
}
