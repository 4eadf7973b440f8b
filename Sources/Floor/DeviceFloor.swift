// The floor over /dev/fuse: read a request, write its answer, for ever.

import CFuseKernel
import Glibc

/// Serves requests of the device fd `device` until the connection ends.
func serveDevice(_ device: Int32, size: UInt64) {
  let input = UnsafeMutableRawPointer.allocate(byteCount: Answer.room, alignment: 4096)
  let output = UnsafeMutableRawPointer.allocate(byteCount: Answer.room, alignment: 4096)
  output.initializeMemory(as: UInt8.self, repeating: 0, count: Answer.room)
  while true {
    let length = read(device, input, Answer.room)
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
