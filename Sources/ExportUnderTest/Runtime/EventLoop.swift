// What a serving thread waits by and what carries its nodes' I/O: an io_uring, or epoll and a pool of threads.

import CLiburing
import Glibc

/// What a completion belongs to: an address with its kind in the low three bits.
///
/// Slots and channels are at least 8-byte aligned, so the bits are free.
struct Tag: BitwiseCopyable {
  enum Kind: UInt64 {
    /// A FUSE command on the ring (a request arrived, or its queue ended): the address of a `Slot`.
    case command = 0
    /// Node I/O of a slot: the address of a `Slot`.
    case node = 1
    /// A device fd became readable: the address of a `Channel`.
    case device = 2
    /// The thread was signalled: it has a task, or a reason to look.
    case notifier = 3
    /// A cancellation, whose own outcome says nothing.
    case ignored = 4
  }

  let raw: UInt64

  init(raw: UInt64) { self.raw = raw }
  init(_ kind: Kind, _ address: UnsafeMutableRawPointer?) {
    invariant(UInt(bitPattern: address) & 7 == 0, "an address leaves its low three bits to the kind")
    raw = UInt64(UInt(bitPattern: address)) | kind.rawValue
  }

  var kind: Kind { Kind(rawValue: raw & 7)! }
  var address: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: UInt(raw & ~7)) }
}

/// A completion of either event loop.
typealias Completion = cliburing_completion

extension Completion {
  init(_ tag: Tag, _ result: Int32) { self.init(user_data: tag.raw, result: result, flags: 0) }
}

/// Which event loop a thread has.
enum EventLoopKind: String, Sendable {
  case ioUring = "io_uring"
  case epoll
}

/// Which event loop a thread shall have.
enum EventLoopChoice: String, CaseIterable, Sendable {
  /// An io_uring; epoll where the system denies it.
  case auto
  case ioUring = "io_uring"
  case epoll
}

/// The event loop of one thread, which makes, uses and ends it.
///
/// A switch rather than an existential: each call costs a branch that always goes the same way.
struct EventLoop: ~Copyable {
  private let ring: UnsafeMutablePointer<Ring>?
  private let epoll: UnsafeMutablePointer<EpollLoop>?
  private let completions: UnsafeMutableBufferPointer<Completion>
  /// Why it is epoll although nobody asked for that; nil else.
  let fallbackReason: String?

  /// - Throws: where io_uring was asked for and is denied, or a descriptor, memory or thread is not to be had.
  init(_ choice: EventLoopChoice) throws(SystemError) {
    var ring: UnsafeMutablePointer<Ring>?
    var epoll: UnsafeMutablePointer<EpollLoop>?
    var reason: String?
    if choice != .epoll {
      do throws(SystemError) {
        let made = try Ring()
        ring = .allocate(capacity: 1)
        ring!.initialize(to: made)
      } catch {
        guard choice == .auto, RingDenial.isDenial(error.code) else { throw error }
        reason = error.description
      }
    }
    if ring == nil {
      let made = try EpollLoop()
      epoll = .allocate(capacity: 1)
      epoll!.initialize(to: made)
    }
    self.ring = ring
    self.epoll = epoll
    fallbackReason = reason
    completions = .allocate(capacity: 256)
  }

  deinit {
    ring?.deinitialize(count: 1)
    ring?.deallocate()
    epoll?.deinitialize(count: 1)
    epoll?.deallocate()
    completions.deallocate()
  }

  var kind: EventLoopKind { ring == nil ? .epoll : .ioUring }

  // MARK: File I/O: `file` is what `addFile` returned

  /// Whether `truncate` can be used (io_uring: Linux 6.9).
  var hasTruncate: Bool { ring?.pointee.hasTruncate ?? true }

  /// Makes `fd` known to the loop; the result is its name there.
  mutating func addFile(_ fd: Int32) throws(SystemError) -> Int32 {
    guard let ring else { return fd }
    return try ring.pointee.addFile(fd)
  }

  mutating func removeFile(_ file: Int32) { ring?.pointee.removeFile(file) }

  @inline(__always)
  mutating func read(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ length: Int, at offset: UInt64, _ tag: Tag) {
    if let ring { return ring.pointee.read(file, buffer, length, at: offset, tag) }
    let operation = FileOperation(
      call: .read, fd: file, buffer: buffer, length: UInt64(length), offset: offset, tag: tag)
    epoll!.pointee.begin(operation)
  }

  @inline(__always)
  mutating func write(_ file: Int32, _ buffer: UnsafeRawPointer, _ length: Int, at offset: UInt64, _ tag: Tag) {
    if let ring { return ring.pointee.write(file, buffer, length, at: offset, tag) }
    let operation = FileOperation(
      call: .write, fd: file, buffer: UnsafeMutableRawPointer(mutating: buffer), length: UInt64(length),
      offset: offset, tag: tag)
    epoll!.pointee.begin(operation)
  }

  mutating func synchronizeData(_ file: Int32, _ tag: Tag) {
    if let ring { return ring.pointee.synchronizeData(file, tag) }
    epoll!.pointee.begin(FileOperation(call: .synchronizeData, fd: file, tag: tag))
  }

  mutating func allocate(_ file: Int32, mode: Int32, _ offset: UInt64, _ length: UInt64, _ tag: Tag) {
    if let ring { return ring.pointee.allocate(file, mode: mode, offset, length, tag) }
    let operation = FileOperation(
      call: .allocate, fd: file, mode: mode, length: length, offset: offset, tag: tag)
    epoll!.pointee.begin(operation)
  }

  mutating func truncate(_ file: Int32, to length: UInt64, _ tag: Tag) {
    if let ring { return ring.pointee.truncate(file, to: length, tag) }
    epoll!.pointee.begin(FileOperation(call: .truncate, fd: file, offset: length, tag: tag))
  }

  // MARK: Time and descriptors

  /// Completes with -ETIME; `storage` must live until the next `submit`.
  mutating func wait(nanoseconds: UInt64, storage: UnsafeMutablePointer<Int64>, _ tag: Tag) {
    if let ring { return ring.pointee.wait(nanoseconds: nanoseconds, storage: storage, tag) }
    epoll!.pointee.wait(nanoseconds: nanoseconds, tag)
  }

  /// Completes once when `fd` can be read or its peer is gone.
  mutating func poll(_ fd: Int32, _ tag: Tag, _ flags: PollFlags = []) {
    if let ring { return ring.pointee.poll(fd, tag, flags) }
    epoll!.pointee.poll(fd, tag, flags)
  }

  /// Completes a poll that has not completed yet.
  mutating func cancelPoll(_ target: Tag) {
    if let ring { return ring.pointee.cancelPoll(target) }
    epoll!.pointee.cancelPoll(target)
  }

  /// The descriptor that was polled with `tag` will be closed.
  mutating func forgetPolled(_ tag: Tag) { epoll?.pointee.forget(tag) }

  // MARK: FUSE over io_uring

  /// A FUSE-over-io_uring command; `iovecs` (header block, payload) for REGISTER only. Of an io_uring only.
  @inline(__always)
  mutating func command(
    _ file: Int32, _ command: RingCommand, queue: UInt16, commitID: UInt64, iovecs: UnsafePointer<iovec>?, _ tag: Tag
  ) {
    ring!.pointee.command(file, command, queue: queue, commitID: commitID, iovecs: iovecs, tag)
  }

  // MARK: Going on

  /// Submits what is prepared; with `waiting`, sleeps until a completion is there.
  @inline(__always)
  mutating func submit(waiting: Bool) {
    if let ring { return ring.pointee.submit(waiting: waiting) }
    epoll!.pointee.submit(waiting: waiting)
  }

  /// Runs what is due so that finished requests show up, without submitting or sleeping.
  mutating func runTaskWork() {
    if let ring { return ring.pointee.runTaskWork() }
    epoll!.pointee.runTaskWork()
  }

  /// Whether there are completions, or `runTaskWork` would make some; costs no system call.
  @inline(__always) var hasPendingCompletions: Bool {
    if let ring { return ring.pointee.hasPendingCompletions }
    return epoll!.pointee.hasPendingCompletions
  }

  /// The completions that are there, at most 256; valid until the next call.
  @inline(__always)
  mutating func reap() -> UnsafeBufferPointer<Completion> {
    let start = completions.baseAddress!
    let count =
      if let ring { ring.pointee.reap(start, max: completions.count) } else {
        epoll!.pointee.reap(start, max: completions.count)
      }
    return UnsafeBufferPointer(start: start, count: count)
  }
}
