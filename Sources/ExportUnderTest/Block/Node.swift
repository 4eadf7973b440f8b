// Named nodes: what `--blockdev` makes, from its driver's words to a leaf.

import CLinux
import Glibc

/// A node of the graph: a view of a leaf, and whether it may be written.
///
/// Unchecked: `leaf` is made once; everything that changes in it is atomic or locked.
final class Node: @unchecked Sendable {
  let view: NodeView
  let isReadOnly: Bool
  /// Whether it, or a node below it, was given `aio=io_uring`: no other event loop can carry its I/O.
  let needsRing: Bool
  /// The node whose leaf this one looks at; keeps it alive.
  private let child: Node?
  /// This node's own part of the view's filters, when it is one.
  private let ownFilter: UnsafeMutablePointer<FilterNode>?

  /// A node that owns `leaf`.
  init(leaf: consuming Leaf, isReadOnly: Bool, needsRing: Bool = false) {
    self.needsRing = needsRing
    let pointer = UnsafeMutablePointer<Leaf>.allocate(capacity: 1)
    pointer.initialize(to: leaf)
    view = NodeView(leaf: pointer)
    child = nil
    ownFilter = nil
    self.isReadOnly = isReadOnly
  }

  /// A window on `child`, which does not reach beyond it.
  init(child: Node, start: UInt64, fixedLength: UInt64?, isReadOnly: Bool) {
    let below = child.view
    if let whole = below.fixedLength {
      precondition(start <= whole, "a window begins inside the one that it looks through")
      precondition(fixedLength.map { $0 <= whole - start } ?? false, "a window ends inside the one it looks through")
    }
    view = NodeView(
      leaf: below.leaf, start: below.start + start, fixedLength: fixedLength, filters: below.filters)
    self.child = child
    needsRing = child.needsRing
    ownFilter = nil
    self.isReadOnly = isReadOnly || child.isReadOnly
  }

  /// A filter in front of `child`: errors by `rules`, and `latency` nanoseconds before every operation.
  init(filtering child: Node, rules: [RuleSettings] = [], latency: UInt64 = 0, isReadOnly: Bool) {
    let below = child.view
    let filter = UnsafeMutablePointer<FilterNode>.allocate(capacity: 1)
    filter.initialize(to: FilterNode(rules: rules, latency: latency, start: below.start, below: below.filters))
    view = NodeView(leaf: below.leaf, start: below.start, fixedLength: below.fixedLength, filters: filter)
    self.child = child
    needsRing = child.needsRing
    ownFilter = filter
    self.isReadOnly = isReadOnly || child.isReadOnly
  }

  deinit {
    if let ownFilter {
      ownFilter.deinitialize(count: 1)
      ownFilter.deallocate()
    }
    guard child == nil else { return }
    view.leaf.deinitialize(count: 1)
    view.leaf.deallocate()
  }

  /// Waits until everything written is on stable storage.
  func synchronize() throws(SystemError) {
    let fd = view.leaf.pointee.fd
    guard fd >= 0, !isReadOnly else { return }
    if fdatasync(fd) != 0 { throw SystemError("cannot flush the image", code: errno) }
  }
}

extension Node {
  /// Where an image says which connections are served from it: one byte each, far behind QEMU's and every image's end.
  private static let connectionBytes: Int64 = 1 << 62

  /// Marks the image as served for `connection`, as long as this process has I/O under way with it.
  func markServed(for connection: UInt32) {
    for fd in [view.leaf.pointee.fd, view.leaf.pointee.bufferedFD] where fd >= 0 {
      _ = clinux_lock_shared(fd, Self.connectionBytes + Int64(connection))
    }
  }

  /// Waits until the process that served `connection` before has no I/O under way with the image: what it had given to
  /// the disk outlives it, and must not land on what is written from here on.
  /// - Throws: when that takes longer than `milliseconds`.
  func waitUntilUnserved(for connection: UInt32, milliseconds: Int = 30_000) throws(StartError) {
    let fd = view.leaf.pointee.fd
    guard fd >= 0 else { return }
    for _ in 0..<(milliseconds / 10) {
      // A file system without such locks says an error: nothing can be seen there.
      if clinux_lock_is_held(fd, Self.connectionBytes + Int64(connection)) <= 0 { return }
      usleep(10_000)
    }
    throw StartError(
      description: "another process still serves the export, or has I/O under way with its image; end it, or have it "
        + "hand over (handover=PATH)")
  }
}

/// What the `file` driver is told.
struct FileNodeOptions {
  var filename: ByteText
  var isReadOnly = false
  /// `cache.direct`: past the host's page cache.
  var isDirect = false
  var unmaps = false
  /// `aio=io_uring`, in so many words.
  var needsRing = false
  var locking = Locking.auto

  enum Locking: String, CaseIterable { case on, off, auto }

  fileprivate var openFlags: OpenFlags {
    (isReadOnly ? [] : OpenFlags.writable).union(isDirect ? .direct : [])
  }
}

extension Node {
  /// Opens a regular file or block device.
  static func file(_ options: FileNodeOptions) throws -> Node {
    let name = options.filename
    var status = stat()
    guard stat(name.cString, &status) == 0 else { throw SystemError("Could not open '\(name)'", code: errno) }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG || kind == S_IFBLK else {
      throw StartError(description: "'\(name)' is neither a regular file nor a block device")
    }
    let fd = try checked(
      clinux_open(name.cString, options.openFlags), "Could not open '\(name)'",
      remedy: options.isDirect ? "does the file system support O_DIRECT?" : nil)
    var leaf: FileLeaf
    do {
      leaf = try FileLeaf(fd: fd, options: options, isBlockDevice: kind == S_IFBLK)
    } catch {
      close(fd)
      throw error
    }
    return Node(leaf: leaf.take(), isReadOnly: options.isReadOnly, needsRing: options.needsRing)
  }

  /// A node that stores nothing.
  static func null(size: UInt64, readZeroes: Bool, latency: UInt64, isReadOnly: Bool) -> Node {
    Node(leaf: Leaf(kind: .null(readZeroes: readZeroes, latency: latency), length: size), isReadOnly: isReadOnly)
  }

  /// A window of `size` bytes (nil: to the end) at `offset` of `child`.
  static func raw(_ child: Node, offset: UInt64, size: UInt64?, isReadOnly: Bool) throws -> Node {
    let whole = child.view.length
    guard offset <= whole else {
      throw StartError(
        description: "Offset (\(offset)) cannot be greater than size of the containing file (\(whole))")
    }
    if let size, size > whole - offset {
      throw StartError(
        description: "The sum of offset (\(offset)) and size (\(size)) has to be smaller or equal to the actual "
          + "size of the containing file (\(whole))")
    }
    // To the end of a window is as far as the window reaches.
    let fixed = size ?? child.view.fixedLength.map { $0 - offset }
    return Node(child: child, start: offset, fixedLength: fixed, isReadOnly: isReadOnly)
  }
}

/// The facts of an opened file, gathered before its leaf is made.
private struct FileLeaf {
  private let fd: Int32
  private var bufferedFD: Int32 = -1
  private var alignment: UInt32 = 1
  private let length: UInt64
  private let options: FileNodeOptions
  private let isBlockDevice: Bool

  init(fd: Int32, options: FileNodeOptions, isBlockDevice: Bool) throws {
    self.fd = fd
    self.options = options
    self.isBlockDevice = isBlockDevice
    if isBlockDevice {
      let bytes = clinux_block_device_size(fd)
      guard bytes >= 0 else {
        throw SystemError("Could not get the size of '\(options.filename)'", code: Int32(-bytes))
      }
      length = UInt64(bytes)
    } else {
      var status = stat()
      guard fstat(fd, &status) == 0 else { throw SystemError("Could not stat '\(options.filename)'", code: errno) }
      length = UInt64(status.st_size)
    }
    // Who only reads the export must not see its times change; where that is not permitted, the image's time moves.
    _ = clinux_spare_access_time(fd)
    if options.locking != .off { try lock() }
    if options.isDirect {
      alignment = try directAlignment()
      bufferedFD = try checked(
        clinux_open(options.filename.cString, options.openFlags.subtracting(.direct)),
        "Could not open '\(options.filename)'")
      _ = clinux_spare_access_time(bufferedFD)
    }
  }

  private func directAlignment() throws -> UInt32 {
    var bytes = clinux_direct_alignment(fd)
    if bytes == 0 { bytes = isBlockDevice ? clinux_block_device_sector(fd) : Int32(pageSize) }
    guard bytes > 0, bytes <= pageSize, bytes & (bytes - 1) == 0 else {
      throw StartError(
        description: "'\(options.filename)' wants direct I/O in units of \(bytes) bytes; at most \(pageSize) work")
    }
    return UInt32(bytes)
  }

  /// QEMU's image locks (block/file-posix.c): byte 100+p is held by users of permission p, byte 200+p by those
  /// who let nobody else use it. An export uses its image and lets others do the same.
  private func lock() throws {
    let consistentRead: Int64 = 0
    let write: Int64 = 1
    let resize: Int64 = 3
    let names = [consistentRead: "consistent read", write: "write", resize: "resize"]
    for permission in options.isReadOnly ? [consistentRead] : [consistentRead, write, resize] {
      let outcome = clinux_lock_shared(fd, 100 + permission)
      guard outcome >= 0 else {
        // A file system without such locks.
        if options.locking == .auto { return }
        throw SystemError("Cannot lock '\(options.filename)'", code: -outcome, remedy: "locking=off")
      }
      guard clinux_lock_is_held(fd, 200 + permission) <= 0 else {
        throw StartError(
          description: "Failed to get \"\(names[permission]!)\" lock: is another process using the image "
            + "[\(options.filename)]?")
      }
    }
  }

  consuming func take() -> Leaf {
    Leaf(
      kind: .file, fd: fd, bufferedFD: bufferedFD, alignment: alignment, unmaps: options.unmaps,
      isWritable: !options.isReadOnly, canResize: !isBlockDevice && !options.isReadOnly, length: length)
  }
}
