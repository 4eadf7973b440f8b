// Probes whose data lies in many pieces, or in a mapping of the file.

import Glibc

/// preadv(2) and pwritev(2) with equal pieces.
enum ProbeVector {
  /// What stands in `pieces` × `length` bytes at `offset`.
  static func read(_ descriptor: CInt, offset: Int64, pieces: Int, length: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: pieces * length)
    let count = bytes.withUnsafeMutableBytes { buffer in
      call(buffer, pieces) { preadv(descriptor, $0, CInt(pieces), off_t(offset)) }
    }
    guard count > 0 else { return count < 0 ? ErrnoName.name(of: errno) : "0 bytes" }
    return "\(count) bytes: \(Pattern.describe(bytes[..<count], at: offset))"
  }

  /// Writes `bytes` at `offset`, cut into `pieces`.
  static func write(_ descriptor: CInt, _ bytes: [UInt8], offset: Int64, pieces: Int) -> String {
    var bytes = bytes
    let count = bytes.withUnsafeMutableBytes { buffer in
      call(buffer, pieces) { pwritev(descriptor, $0, CInt(pieces), off_t(offset)) }
    }
    return count < 0 ? ErrnoName.name(of: errno) : "\(count) bytes"
  }

  private static func call(
    _ buffer: UnsafeMutableRawBufferPointer, _ pieces: Int, _ body: (UnsafePointer<iovec>) -> Int
  ) -> Int {
    let length = pieces > 0 ? buffer.count / pieces : 0
    let vector = (0..<max(1, pieces)).map { piece in
      iovec(iov_base: buffer.baseAddress.map { $0 + piece * length }, iov_len: length)
    }
    return vector.withUnsafeBufferPointer { body($0.baseAddress!) }
  }
}

/// A mapping of the open file. Touching it beyond the file's end ends the probe by SIGBUS, as it would any program.
struct ProbeMapping {
  private var start: UnsafeMutableRawPointer?
  private var length = 0

  /// Maps the file from its start; what was mapped before goes.
  mutating func map(_ descriptor: CInt, _ word: ProbeCall.MapWord, length: Int) -> String {
    if let start { munmap(start, self.length) }
    start = nil
    let flags = word == .shared ? MAP_SHARED : MAP_PRIVATE
    let result = mmap(nil, length, PROT_READ | PROT_WRITE, flags, descriptor, 0)
    guard let result, result != MAP_FAILED else { return ErrnoName.name(of: errno) }
    start = result
    self.length = length
    return "ok"
  }

  /// What the mapping shows.
  func load(offset: Int64, length: Int) -> String {
    guard let start, Int(offset) + length <= self.length else { return "not mapped" }
    let bytes = Array(UnsafeRawBufferPointer(start: start + Int(offset), count: length))
    return "\(length) bytes: \(Pattern.describe(bytes[...], at: offset))"
  }

  /// Changes the mapping.
  func store(_ bytes: [UInt8], offset: Int64) -> String {
    guard let start, Int(offset) + bytes.count <= length else { return "not mapped" }
    (start + Int(offset)).copyMemory(from: bytes, byteCount: bytes.count)
    return "\(bytes.count) bytes"
  }

  /// Waits until changes are written.
  func synchronize() -> String {
    guard let start else { return "not mapped" }
    return msync(start, length, MS_SYNC) < 0 ? ErrnoName.name(of: errno) : "ok"
  }
}
