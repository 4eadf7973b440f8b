// Bytes that tell their own offset, and a short description of what a buffer holds.

import Glibc

/// The pattern of images and probes: each 8-byte word is a function of its offset, so that data that comes from the
/// wrong place is seen.
enum Pattern {
  /// The byte at `offset`.
  static func byte(at offset: Int64) -> UInt8 {
    UInt8(truncatingIfNeeded: word(offset >> 3) >> UInt64((offset & 7) * 8))
  }

  /// Eight bytes, the first of them lowest; none is zero.
  private static func word(_ number: Int64) -> UInt64 {
    // Multiplying by an odd constant spreads neighbouring word numbers over all bits.
    UInt64(bitPattern: number &+ 1) &* 0x9E37_79B9_7F4A_7C15 | 0x0101_0101_0101_0101
  }

  /// Fills `buffer` with the bytes that stand at `offset` and after.
  ///
  /// Word by word: images and probes are megabytes long, and tests run them in debug builds.
  static func fill(_ buffer: inout [UInt8], at offset: Int64) {
    let lead = min(buffer.count, Int(-offset & 7))
    let words = (buffer.count - lead) / 8
    buffer.withUnsafeMutableBytes { target in
      for index in 0..<lead { target[index] = byte(at: offset &+ Int64(index)) }
      let first = (offset &+ Int64(lead)) >> 3
      for index in 0..<words {
        target.storeBytes(
          of: word(first + Int64(index)).littleEndian, toByteOffset: lead + index * 8, as: UInt64.self)
      }
      for index in lead + words * 8..<target.count { target[index] = byte(at: offset &+ Int64(index)) }
    }
  }

  /// What `bytes`, read at `offset`, hold: runs of one byte, pieces of the pattern, or a checksum if there are many.
  static func describe(_ bytes: ArraySlice<UInt8>, at offset: Int64) -> String {
    var expected = [UInt8](repeating: 0, count: bytes.count)
    fill(&expected, at: offset)
    return expected.withUnsafeBytes { pattern in
      bytes.withUnsafeBytes { describe($0, pattern: pattern) }
    } ?? "mixed, checksum \(checksum(bytes))"
  }

  /// The parts of `bytes`; nil if there are many.
  private static func describe(_ bytes: UnsafeRawBufferPointer, pattern: UnsafeRawBufferPointer) -> String? {
    var parts: [String] = []
    var start = 0
    while start < bytes.count, parts.count <= 8 {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[start...])
      // A run of one byte is what equals itself one byte further on.
      let constant = 1 + common(rest, UnsafeRawBufferPointer(rebasing: rest[1...]))
      let own = common(rest, UnsafeRawBufferPointer(rebasing: pattern[start...]))
      let length = max(constant, own)
      let name = own >= constant ? "pattern" : rest[0] == 0 ? "zero" : "0x" + hex(rest[0])
      parts.append(length == bytes.count ? name : "\(length) × \(name)")
      start += length
    }
    return parts.count > 8 ? nil : parts.joined(separator: ", ")
  }

  /// The number of bytes up to the first that differs.
  private static func common(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Int {
    let count = min(one.count, other.count)
    var index = 0
    while index < count {
      let piece = min(4096, count - index)
      guard memcmp(one.baseAddress! + index, other.baseAddress! + index, piece) == 0 else { break }
      index += piece
    }
    while index < count, one[index] == other[index] { index += 1 }
    return index
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// FNV-1a, 64 bits.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
    String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
  }
}
