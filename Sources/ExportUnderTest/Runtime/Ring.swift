// An io_uring of one thread: requests of every kind go out and come back through it.

import CLiburing
import Glibc

/// A ring, made, used and ended by one thread (SINGLE_ISSUER, DEFER_TASKRUN: the kernel enforces it).
///
/// Preparing an entry never fails for want of room: a full queue is submitted first. A submit that fails
/// otherwise means a broken ring, and nothing served through it can be trusted: `Ring` reports and ends
/// the process rather than let requests hang (a lost entry hangs its client for ever).
struct Ring: ~Copyable {
  /// Fixed files that one ring can hold: no more than the process may have open, or the kernel refuses the table
  /// (io_uring/rsrc.c, io_sqe_files_register).
  static let fileTableSize = UInt32(min(256, max(1, OpenFileLimit.current)))

  private let ring: OpaquePointer
  private var freeFiles: [UInt32]

  /// Makes the ring on the calling thread, which must be the one that uses it.
  init() throws(SystemError) {
    var error: Int32 = 0
    var step: UnsafePointer<CChar>?
    guard let ring = cliburing_create(512, 8192, Self.fileTableSize, &error, &step) else {
      let remedy =
        switch -error {
        case EPERM, ENOSYS: RingDenial.reason(code: -error)
        case EINVAL: "Linux 6.1 or later is needed; event-loop=epoll does without"
        case ENOMEM: "raise the limit on locked memory (ulimit -l), or use event-loop=epoll"
        default: "see io_uring_setup(2); event-loop=epoll does without"
        }
      let what = step.map { String(cString: $0) } ?? "io_uring_setup"
      throw SystemError("cannot make an io_uring (\(what))", code: -error, remedy: remedy)
    }
    self.ring = ring
    freeFiles = (0..<Self.fileTableSize).reversed()
  }

  deinit {
    cliburing_destroy(ring)
  }

  /// Whether the kernel can change a file's length through the ring (Linux 6.9).
  var hasTruncate: Bool { cliburing_has_ftruncate(ring) }

  /// Registers `fd` in the ring's table of files; the result is its index there.
  mutating func addFile(_ fd: Int32) throws(SystemError) -> Int32 {
    guard let index = freeFiles.popLast() else {
      throw SystemError("cannot serve more than \(Self.fileTableSize) files on one iothread", code: ENFILE)
    }
    try checked(cliburing_set_file(ring, index, fd), "cannot register a file with the io_uring")
    return Int32(index)
  }

  mutating func removeFile(_ index: Int32) {
    guard index >= 0 else { return }
    _ = cliburing_set_file(ring, UInt32(index), -1)
    freeFiles.append(UInt32(index))
  }

  mutating func read(_ file: Int32, _ buffer: UnsafeMutableRawPointer, _ length: Int, at offset: UInt64, _ tag: Tag) {
    abortOnError(cliburing_read(ring, file, buffer, UInt32(length), offset, tag.raw))
  }

  mutating func write(_ file: Int32, _ buffer: UnsafeRawPointer, _ length: Int, at offset: UInt64, _ tag: Tag) {
    abortOnError(cliburing_write(ring, file, buffer, UInt32(length), offset, tag.raw))
  }

  mutating func synchronizeData(_ file: Int32, _ tag: Tag) {
    abortOnError(cliburing_datasync(ring, file, tag.raw))
  }

  mutating func allocate(_ file: Int32, mode: Int32, _ offset: UInt64, _ length: UInt64, _ tag: Tag) {
    abortOnError(cliburing_fallocate(ring, file, mode, offset, length, tag.raw))
  }

  mutating func truncate(_ file: Int32, to length: UInt64, _ tag: Tag) {
    abortOnError(cliburing_ftruncate(ring, file, length, tag.raw))
  }

  /// Completes with -ETIME; `storage` must live until the entry is submitted.
  mutating func wait(nanoseconds: UInt64, storage: UnsafeMutablePointer<Int64>, _ tag: Tag) {
    abortOnError(cliburing_timeout(ring, storage, nanoseconds, tag.raw))
  }

  /// Completes once when `fd` can be read or its peer is gone.
  mutating func poll(_ fd: Int32, _ tag: Tag, _ flags: PollFlags = []) {
    abortOnError(cliburing_poll(ring, fd, flags, tag.raw))
  }

  mutating func cancelPoll(_ target: Tag) {
    abortOnError(cliburing_poll_remove(ring, target.raw, Tag(.ignored, nil).raw))
  }

  /// A FUSE-over-io_uring command; `iovecs` (header block, payload) for REGISTER only.
  mutating func command(
    _ file: Int32, _ command: RingCommand, queue: UInt16, commitID: UInt64, iovecs: UnsafePointer<iovec>?, _ tag: Tag
  ) {
    abortOnError(cliburing_fuse_command(ring, file, command.rawValue, queue, commitID, iovecs, tag.raw))
  }

  /// Submits what is prepared; with `waiting`, sleeps until a completion is there.
  mutating func submit(waiting: Bool) {
    while true {
      let result = cliburing_submit(ring, waiting ? 1 : 0)
      if result >= 0 { return }
      // EAGAIN/EBUSY: the kernel is short of memory or completions want reaping first; both pass.
      if result == -EINTR || result == -EAGAIN || result == -EBUSY { return }
      abortOnError(result)
    }
  }

  /// Runs due task work so that finished requests show up, without submitting or sleeping.
  mutating func runTaskWork() {
    let result = cliburing_get_events(ring)
    if result < 0 && result != -EINTR && result != -EAGAIN { abortOnError(result) }
  }

  /// Whether there are completions, or `runTaskWork` would make some; costs no system call.
  var hasPendingCompletions: Bool { cliburing_has_pending(ring) }

  /// Moves the completions that are there to `out`, at most `max`; how many.
  @inline(__always)
  mutating func reap(_ out: UnsafeMutablePointer<Completion>, max: Int) -> Int {
    Int(cliburing_reap(ring, out, UInt32(truncatingIfNeeded: max)))
  }

  private func abortOnError(_ result: Int32) {
    guard result < 0 else { return }
    report("the io_uring of this thread broke: \(errnoText(-result))")
    abort()
  }
}

/// What a FUSE command asks of the kernel (enum fuse_uring_cmd of the kernel's include/uapi/linux/fuse.h).
enum RingCommand: UInt32 {
  /// `FUSE_IO_URING_CMD_REGISTER`: gives the kernel an entry's buffers, and waits for a request.
  case register = 1
  /// `FUSE_IO_URING_CMD_COMMIT_AND_FETCH`: answers a request, and waits for the next one.
  case commitAndFetch = 2
  /// `FUSE_IO_URING_CMD_ADD_QUEUE`, since minor 46: adds a queue (see RingPool).
  case addQueue = 3
  /// `FUSE_IO_URING_CMD_ADD_BUFPOOL`, since minor 46: gives a queue its pool of buffers (see RingPool).
  case addBufferPool = 4
}
