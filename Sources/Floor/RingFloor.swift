// The floor over io_uring: one command answers a request and waits for the next (FUSE_IO_URING_CMD_COMMIT_AND_FETCH).

import CFuseKernel
import CLiburing
import Glibc

/// One entry of a queue: its header block and its payload, both the kernel's while it waits.
private struct Entry {
  let queue: UInt16
  let head: UnsafeMutablePointer<fuse_uring_req_header>
  let payload: UnsafeMutableRawPointer
  let iovecs: UnsafeMutablePointer<iovec>

  init(queue: Int) {
    self.queue = UInt16(truncatingIfNeeded: queue)
    head = .allocate(capacity: 1)
    head.initialize(to: fuse_uring_req_header())
    payload = .allocate(byteCount: Answer.maxTransfer, alignment: 4096)
    iovecs = .allocate(capacity: 2)
    iovecs[0] = iovec(iov_base: head, iov_len: MemoryLayout<fuse_uring_req_header>.size)
    iovecs[1] = iovec(iov_base: payload, iov_len: Answer.maxTransfer)
  }

  // Offsets in struct fuse_uring_req_header.
  private static let arguments = 128
  private static let entry = 256

  /// Answers the request in the entry; the id that its answer is committed with.
  @inline(__always)
  func answer(size: UInt64) -> UInt64 {
    let raw = UnsafeMutableRawPointer(head)
    let header = raw.load(as: fuse_in_header.self)
    let result = Answer.fill(for: header.opcode, raw + Self.arguments, into: payload, size: size)
    let length = UInt32(max(0, result))
    raw.storeBytes(
      of: fuse_out_header(len: UInt32(Answer.outHeader) + length, error: min(0, result), unique: header.unique),
      as: fuse_out_header.self)
    var place = (raw + Self.entry).load(as: fuse_uring_ent_in_out.self)
    place.payload_sz = length
    (raw + Self.entry).storeBytes(of: place, as: fuse_uring_ent_in_out.self)
    return place.commit_id
  }
}

/// Serves `queues` of the connection of `device` on this thread until the connection ends. What cannot be set up ends
/// the process: a queue without a server would stop every request of its CPU.
func serveRing(_ device: Int32, queues: [Int], _ options: FloorOptions) {
  let (register, commitAndFetch): (UInt32, UInt32) = (1, 2)
  let entries = queues.flatMap { queue in (0..<options.depth).map { _ in Entry(queue: queue) } }
  var (error, step): (Int32, UnsafePointer<CChar>?) = (0, nil)
  let count = UInt32(entries.count)
  guard let ring = cliburing_create(count, count * 2, 1, &error, &step) else {
    fail("\(step.map { String(cString: $0) } ?? "io_uring"): \(String(cString: strerror(-error)))")
  }
  guard cliburing_set_file(ring, 0, device) >= 0 else { fail("/dev/fuse cannot be registered with the ring") }
  for (index, entry) in entries.enumerated() {
    _ = cliburing_fuse_command(ring, 0, register, entry.queue, 0, entry.iovecs, UInt64(index))
  }
  let done = UnsafeMutablePointer<cliburing_completion>.allocate(capacity: 64)
  let spin = options.spin
  while true {
    if spin > 0 {
      _ = cliburing_submit(ring, 0)
      if !cliburing_has_pending(ring) { look(ring, spin) }
    }
    let result = cliburing_submit(ring, 1)
    if result < 0, result != -EINTR, result != -EBUSY { fail("io_uring_enter: errno \(-result)") }
    while true {
      let reaped = Int(cliburing_reap(ring, done, 64))
      if reaped == 0 { break }
      for place in 0..<reaped {
        // ENOTCONN: unmounted, or the connection was aborted. The main thread ends the process.
        if done[place].result < 0 {
          if done[place].result == -ENOTCONN { return }
          fail("an entry of a queue was lost: errno \(-done[place].result)")
        }
        let entry = entries[Int(done[place].user_data)]
        let id = entry.answer(size: options.size)
        _ = cliburing_fuse_command(ring, 0, commitAndFetch, entry.queue, id, nil, done[place].user_data)
      }
    }
  }
}

/// Looks for completions for `limit` nanoseconds, in shared memory only.
private func look(_ ring: OpaquePointer, _ limit: Int64) {
  let end = nanoseconds() + limit
  while !cliburing_has_pending(ring), nanoseconds() < end {}
}

private func fail(_ reason: String) -> Never {
  let line = "floor: \(reason)\n"
  _ = write(2, line, line.utf8.count)
  exit(1)
}
