// What a request means: one switch over operations, and one over what the node answered. No fd, no ring and
// no thread is known here.

import Glibc
import Synchronization

extension ExportedFile {
  /// Begins the operation in `slot`: answers it, or says what the node must do first.
  @inline(__always)
  func begin(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView) -> Outcome {
    slot.pointee.stage = .only
    switch slot.pointee.operation {
    case .read(let offset, let size): return beginRead(slot, node, offset, size)
    case .write(let offset, let size, _): return beginWrite(slot, node, offset, size)
    default: return beginOther(slot, node)
    }
  }

  /// Carries on after the node's `result`: bytes moved or 0, or a negative errno.
  @inline(__always)
  func resume(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, result: Int32) -> Outcome {
    switch slot.pointee.operation {
    case .read: return result < 0 ? slot.fail(-result) : slot.reply(length: Int(result))
    case .write(let offset, let size, let flags): return resumeWrite(slot, node, result, offset, size, flags)
    default: return resumeOther(slot, node, result)
    }
  }

  // MARK: READ and WRITE

  @inline(__always)
  private func beginRead(
    _ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ offset: UInt64, _ size: UInt32
  ) -> Outcome {
    guard Int(size) <= maxTransfer else { return slot.fail(EINVAL) }
    let length = node.length
    guard offset < length, size > 0 else { return slot.reply(length: 0) }
    return slot.prepare(.read, offset: offset, length: min(UInt64(size), length - offset))
  }

  @inline(__always)
  private func beginWrite(
    _ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ offset: UInt64, _ size: UInt32
  ) -> Outcome {
    guard Int(size) <= maxTransfer else { return slot.fail(EINVAL) }
    guard isWritable else { return slot.fail(EACCES) }
    guard offset <= UInt64(Int64.max) - UInt64(size) else { return slot.fail(EINVAL) }
    guard size > 0 else { return slot.reply(length: Reply.written(0, into: slot.pointee.payload)) }
    let length = node.length
    var count = UInt64(size)
    if offset + count > length && !(isGrowable && node.canResize) {
      // QEMU answers 0 bytes beyond the end; a shell's `echo >>` would then try for ever.
      guard offset < length else {
        recentWriteFailures.record(pid: slot.pointee.pid, end: offset + count, lengthBefore: length)
        return slot.fail(ENOSPC)
      }
      count = length - offset
    }
    return slot.prepare(.write, offset: offset, length: count)
  }

  @inline(__always)
  private func resumeWrite(
    _ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ result: Int32, _ offset: UInt64, _ size: UInt32,
    _ flags: UInt32
  ) -> Outcome {
    if slot.pointee.stage == .synchronizing {
      guard result >= 0 else {
        // The data is in the node, but to the kernel the WRITE failed: its clean-up follows here too.
        recentWriteFailures.record(pid: slot.pointee.pid, end: offset + UInt64(size), lengthBefore: node.length)
        return slot.fail(-result)
      }
      let written = UInt32(slot.pointee.replyLength)
      if written == size { kernelExtends(to: offset + UInt64(size)) }
      return slot.reply(length: Reply.written(written, into: slot.pointee.payload))
    }
    if result < Int32(size) {
      recentWriteFailures.record(pid: slot.pointee.pid, end: offset + UInt64(size), lengthBefore: node.length)
    }
    guard result >= 0 else { return slot.fail(-result) }
    noteModified(node)
    if flags & UInt32(O_DSYNC) != 0 {
      slot.pointee.stage = .synchronizing
      slot.pointee.replyLength = Int(result)
      return slot.prepare(.flush)
    }
    // Not after a short one: to an asynchronous writer that is a failure.
    if result == Int32(size) { kernelExtends(to: offset + UInt64(size)) }
    return slot.reply(length: Reply.written(UInt32(result), into: slot.pointee.payload))
  }

  // MARK: Everything else

  private func beginOther(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView) -> Outcome {
    let body = slot.pointee.payload
    switch slot.pointee.operation {
    case .flush, .fsync:
      return node.leaf.pointee.isWritable ? slot.prepare(.flush) : slot.reply()
    case .getAttributes:
      return slot.reply(length: Reply.attributes(attributes(of: node), into: body))
    case .setAttributes(let change):
      return beginSetAttributes(slot, node, change)
    case .open(let flags): return beginOpen(slot, node, flags)
    case .fallocate(let offset, let length, let mode):
      return beginAllocate(slot, node, offset, length, Int32(bitPattern: mode))
    case .lseek(let offset, let whence):
      return seek(slot, node, offset, Int32(bitPattern: whence))
    case .statfs:
      let blockSize = max(512, node.alignment)
      return slot.reply(length: Reply.fileSystem(length: node.length, blockSize: blockSize, into: body))
    case .release:
      // One that is sent again may have been counted by the process before.
      if !slot.isResent { opened.wrappingSubtract(1, ordering: .relaxed) }
      return slot.reply()
    case .destroy: return slot.reply()
    case .lookup: return slot.fail(ENOENT)
    case .forget:
      // Nothing is answered, and the error of the slot's last request must not count as this one's.
      _ = slot.reply()
      return .noReply
    case .read, .write, .initialize, .unsupported: return slot.fail(ENOSYS)
    }
  }

  private func resumeOther(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ result: Int32) -> Outcome {
    if case .open = slot.pointee.operation { return resumeOpen(slot, node, result) }
    guard result >= 0 else { return slot.fail(-result) }
    switch slot.pointee.operation {
    case .setAttributes(let change):
      apply(change)
      return slot.reply(length: Reply.attributes(attributes(of: node), into: slot.pointee.payload))
    case .fallocate(let offset, let length, let mode):
      noteModified(node)
      if Int32(bitPattern: mode) & AllocationMode.keepSize == 0 { kernelExtends(to: offset + length) }
      return slot.reply()
    default:
      return slot.reply()
    }
  }

  // MARK: OPEN

  /// OPEN with O_TRUNC: a growable export is emptied; one of fixed size keeps its length and reads as zeroes.
  ///
  /// Programs take what they have emptied for empty: cp leaves out the holes of what it copies.
  private func beginOpen(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ flags: UInt32) -> Outcome {
    guard flags & UInt32(O_TRUNC) != 0, isWritable else { return open(slot) }
    if isGrowable && node.canResize { return slot.prepareTruncate(to: 0) }
    return eraseData(slot, node, from: 0)
  }

  private func resumeOpen(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ result: Int32) -> Outcome {
    let kind = slot.pointee.io.kind
    if result == -EOPNOTSUPP && kind == .discard {
      return slot.prepare(.zero, offset: slot.pointee.eraseStart, length: slot.pointee.io.length)
    }
    guard result >= 0 else { return slot.fail(-result) }
    guard kind != .truncate else { return openEmptied(slot, node) }
    return eraseData(slot, node, from: slot.pointee.eraseStart + slot.pointee.io.length)
  }

  /// Erases the next data at or behind `position`, holes left out: zeroing them would fill the disk.
  private func eraseData(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, from position: UInt64) -> Outcome {
    let length = node.length
    guard position < length else { return openEmptied(slot, node) }
    let data = node.seek(position, whence: SeekOrigin.data)
    if data == Int64(-ENXIO) { return openEmptied(slot, node) }
    guard data >= 0 else { return slot.fail(Int32(-data)) }
    var end = node.seek(UInt64(data), whence: SeekOrigin.hole)
    // The file was changed behind the export: what is left counts as data.
    if end <= data { end = Int64(length) }
    guard UInt64(data) < length, end > data else { return openEmptied(slot, node) }
    slot.pointee.eraseStart = UInt64(data)
    return slot.prepare(.discard, offset: UInt64(data), length: UInt64(end - data))
  }

  private func openEmptied(_ slot: UnsafeMutablePointer<Slot>, _ node: NodeView) -> Outcome {
    noteModified(node)
    kernelEmpties()
    if node.length > 0 { emptiedNotifier.signal() } else { settle(emptied.load(ordering: .relaxed)) }
    return open(slot)
  }

  /// A RELEASE follows each OPEN that is answered so, and no other.
  private func open(_ slot: UnsafeMutablePointer<Slot>) -> Outcome {
    opened.wrappingAdd(1, ordering: .relaxed)
    return slot.reply(length: Reply.opened(into: slot.pointee.payload))
  }

  // MARK: SETATTR

  private func beginSetAttributes(
    _ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ change: AttributeChange
  ) -> Outcome {
    if let code = refusal(of: change) { return slot.fail(code) }
    if change.valid.contains(.size) {
      // The kernel's own clean-up after a failed WRITE looks like ftruncate: the handle and the lock owner.
      let cleanUp: AttributeBits = [.size, .fileHandle, .lockOwner]
      let mayBeCleanUp = change.valid == cleanUp && kernelMayRemember(change.size)
      let size =
        mayBeCleanUp ? recentWriteFailures.sizeAfterFailedWrite(change.size, pid: slot.pointee.pid) : change.size
      guard size <= UInt64(Int64.max) else { return slot.fail(EINVAL) }
      if size != node.length {
        guard node.canResize else { return slot.fail(ENOTSUP) }
        return slot.prepareTruncate(to: size)
      }
    }
    apply(change)
    return slot.reply(length: Reply.attributes(attributes(of: node), into: slot.pointee.payload))
  }

  /// The errno that refuses a change, before anything of it is done.
  private func refusal(of change: AttributeChange) -> Int32? {
    var supported = AttributeBits.ignored.union([.size, .mode])
    if allowsOthers { supported.formUnion([.uid, .gid]) }
    guard supported.isSuperset(of: change.valid) else { return ENOTSUP }
    if change.valid.contains(.mode) {
      if !allowsOthers && change.mode & 0o077 != 0 { return EPERM }
      if !isWritable && change.mode & 0o222 != 0 { return EROFS }
    }
    if change.valid.contains(.size) && !isWritable { return EACCES }
    return nil
  }

  private func apply(_ change: AttributeChange) {
    if change.valid.contains(.mode) { mode.store(change.mode & 0o7777, ordering: .relaxed) }
    if change.valid.contains(.uid) { uid.store(change.uid, ordering: .relaxed) }
    if change.valid.contains(.gid) { gid.store(change.gid, ordering: .relaxed) }
  }

  // MARK: FALLOCATE and LSEEK

  private func beginAllocate(
    _ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ offset: UInt64, _ length: UInt64, _ mode: Int32
  ) -> Outcome {
    guard isWritable else { return slot.fail(EACCES) }
    let keepsSize = mode & AllocationMode.keepSize != 0
    let kind: NodeRequest.Kind
    switch mode & ~AllocationMode.keepSize {
    case 0: kind = .allocate
    case AllocationMode.punchHole:
      guard keepsSize else { return slot.fail(EINVAL) }
      kind = .discard
    case AllocationMode.zeroRange: kind = keepsSize ? .zero : .zeroExtending
    default: return slot.fail(EOPNOTSUPP)
    }
    guard length > 0 else { return slot.fail(EINVAL) }
    guard offset <= UInt64(Int64.max), length <= UInt64(Int64.max) - offset else { return slot.fail(EFBIG) }

    let size = node.length
    if keepsSize {
      if offset >= size { return slot.reply() }
      // Space inside the length cannot be set aside without knowing what is allocated there.
      guard kind != .allocate else { return slot.fail(EOPNOTSUPP) }
      return slot.prepare(kind, offset: offset, length: min(length, size - offset))
    }
    // What is sent again may have been done by the process before, whose answer nobody got.
    let isDone = slot.isResent && offset + length <= size
    if kind == .allocate && offset < size && !isDone { return slot.fail(EOPNOTSUPP) }
    if offset + length > size {
      guard node.canResize else { return slot.fail(ENOTSUP) }
      return slot.prepare(kind, offset: offset, length: length)
    }
    return slot.prepare(kind == .allocate ? .allocate : .zero, offset: offset, length: length)
  }

  private func seek(
    _ slot: UnsafeMutablePointer<Slot>, _ node: NodeView, _ offset: UInt64, _ whence: Int32
  ) -> Outcome {
    guard whence == SeekOrigin.data || whence == SeekOrigin.hole else { return slot.fail(EINVAL) }
    let size = node.length
    guard offset <= size else { return slot.fail(ENXIO) }
    var position = Int64(size)
    if offset < size {
      position = node.seek(offset, whence: whence)
    } else if whence == SeekOrigin.data {
      position = Int64(-ENXIO)
    }
    guard position >= 0 else { return slot.fail(Int32(-position)) }
    return slot.reply(length: Reply.position(UInt64(position), into: slot.pointee.payload))
  }
}
