// The floor over /dev/fuse: read a request, write its answer, for ever.

import CFuseKernel
import Glibc
import Synchronization

/// The turn to look for work, of the threads of one connection: two that look would take a CPU from the client.
final class Turn: Sendable {
  private let isTaken = Atomic(false)

  /// Takes it; false if another thread has it.
  @inline(__always)
  func take() -> Bool { !isTaken.exchange(true, ordering: .acquiring) }

  /// Gives it back.
  @inline(__always)
  func end() { isTaken.store(false, ordering: .releasing) }
}

/// The two descriptors of one thread: the kernel takes an answer only from the one that its request was read from.
struct DeviceFiles: Sendable {
  /// A read of it waits for a request.
  var waiting: Int32
  /// A read of it does not (O_NONBLOCK); -1 where nothing is looked for.
  var looking: Int32
}

/// Serves requests of `files` until the connection ends. Where the thread has the `turn` it looks for work for `spin`
/// nanoseconds before it sleeps, as threads of a ring do.
func serveDevice(_ files: DeviceFiles, size: UInt64, spin: Int64, turn: Turn) {
  let input = UnsafeMutableRawPointer.allocate(byteCount: Answer.room, alignment: 4096)
  let output = UnsafeMutableRawPointer.allocate(byteCount: Answer.room, alignment: 4096)
  output.initializeMemory(as: UInt8.self, repeating: 0, count: Answer.room)
  while true {
    var (device, length) = (files.waiting, -1)
    if spin > 0, turn.take() {
      length = look(files.looking, input, spin)
      turn.end()
      if length >= 0 { device = files.looking }
    }
    if device == files.waiting { length = read(device, input, Answer.room) }
    if length < 0 {
      // ENOENT: the request was taken back while it was read. ENODEV: unmounted, or the connection was aborted.
      if errno == EINTR || errno == ENOENT || errno == EAGAIN { continue }
      return
    }
    guard length >= Answer.inHeader else { return }
    let header = input.load(as: fuse_in_header.self)
    if Answer.isSilent(header.opcode) { continue }
    let result = Answer.fill(for: header.opcode, input + Answer.inHeader, into: output + Answer.outHeader, size: size)
    let whole = Answer.outHeader + Int(max(0, result))
    output.storeBytes(
      of: fuse_out_header(len: UInt32(whole), error: min(0, result), unique: header.unique), as: fuse_out_header.self)
    // A request that was interrupted meanwhile has no place for its answer: ENOENT, and nothing is lost.
    _ = write(device, output, whole)
  }
}

/// The length of a request that came within `limit` nanoseconds; negative if none did.
private func look(_ device: Int32, _ buffer: UnsafeMutableRawPointer, _ limit: Int64) -> Int {
  var length = read(device, buffer, Answer.room)
  guard length < 0, errno == EAGAIN else { return length }
  let end = nanoseconds() + limit
  while length < 0, errno == EAGAIN, nanoseconds() < end { length = read(device, buffer, Answer.room) }
  return length
}

/// The monotonic clock.
@inline(__always)
func nanoseconds() -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_MONOTONIC, &now)
  return Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec)
}
