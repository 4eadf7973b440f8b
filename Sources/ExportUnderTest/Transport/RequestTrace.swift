// What comes and what is answered, in the words of the FUSE protocol: `trace=FILE` of an export.

import Glibc

/// A file with a line for each request (`>`) and for each answer (`<`). Without one a request costs a branch.
///
/// A line is one write(2) at the end of the file: lines of several threads do not mix.
final class RequestTrace: Sendable {
  private let fd: Int32
  private let start = monotonicNanoseconds()

  /// Empties `path`, or makes it. A link is not followed: another user could have made it.
  /// - Throws: where it cannot be written.
  init(_ path: ByteText) throws(SystemError) {
    // The open of a pipe without a reader would wait for one; a line may wait for room in it.
    let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW
    fd = Glibc.open(path.cString, flags | O_NONBLOCK, 0o644)
    guard fd >= 0 else {
      let remedy = errno == ENXIO ? "nobody reads the pipe" : nil
      throw SystemError("cannot write the trace '\(path)'", code: errno, remedy: remedy)
    }
    _ = fcntl(fd, F_SETFL, O_APPEND)
  }

  deinit { close(fd) }

  fileprivate func request(_ channel: String, _ view: RequestView) {
    let header = view.header
    var text = "\(channel) > unique \(header.unique) \(Opcode.name(of: Int(header.opcode)))"
    text += view.decode().map(Self.words) ?? " (too short)"
    line(text + " pid \(header.pid)")
  }

  fileprivate func answer(_ channel: String, _ slot: Slot, silent: Bool) {
    let outcome =
      silent ? "no reply" : slot.error == 0 ? "\(slot.replyLength) bytes" : "error: \(errnoText(-slot.error))"
    line("\(channel) < unique \(slot.unique) \(outcome)")
  }

  /// The arguments that count, by the names of include/uapi/linux/fuse.h.
  private static func words(_ operation: Operation) -> String {
    switch operation {
    case .read(let offset, let size): " offset \(offset) size \(size)"
    case .write(let offset, let size, let flags): " offset \(offset) size \(size) flags 0x\(String(flags, radix: 16))"
    case .open(let flags): " flags 0x\(String(flags, radix: 16))"
    case .fallocate(let offset, let length, let mode): " offset \(offset) length \(length) mode \(mode)"
    case .lseek(let offset, let whence): " offset \(offset) whence \(whence)"
    case .setAttributes(let change):
      " valid 0x\(String(change.valid.rawValue, radix: 16)) size \(change.size) mode 0\(String(change.mode, radix: 8))"
    case .flush, .fsync, .getAttributes, .statfs, .lookup, .release, .destroy, .forget, .initialize, .unsupported: ""
    }
  }

  /// With the seconds since the trace began in front.
  private func line(_ text: String) {
    let microseconds = (monotonicNanoseconds() &- start) / 1000
    let fraction = String(microseconds % 1_000_000)
    let padding = String(repeating: "0", count: 6 - fraction.count)
    let bytes = Array("\(microseconds / 1_000_000).\(padding)\(fraction) \(text)\n".utf8)
    _ = write(fd, bytes, bytes.count)
  }
}

extension UnsafeMutablePointer<Channel> {
  private var name: String { "\(pointee.kind == .device ? "device" : "queue").\(pointee.index)" }

  @inline(__always)
  func trace(_ view: RequestView) {
    if let trace = pointee.trace { trace.takeUnretainedValue().request(name, view) }
  }

  @inline(__always)
  func trace(_ slot: UnsafeMutablePointer<Slot>, silent: Bool = false) {
    if let trace = pointee.trace { trace.takeUnretainedValue().answer(name, slot.pointee, silent: silent) }
  }
}
