// Bytes that tell their own offset, and a short description of what a buffer holds.

/// The pattern of images and probes: each 8-byte word is a function of its offset, so that data that comes from the
/// wrong place is seen.
enum Pattern {
  /// The byte at `offset`.
  static func byte(at offset: Int64) -> UInt8 {
    // Multiplying by an odd constant spreads neighbouring word numbers over all bits; the or keeps it from zero.
    let word = UInt64(bitPattern: offset >> 3 &+ 1) &* 0x9E37_79B9_7F4A_7C15
    return UInt8(truncatingIfNeeded: word >> UInt64((offset & 7) * 8)) | 1
  }

  /// Fills `buffer` with the bytes that stand at `offset` and after.
  static func fill(_ buffer: inout [UInt8], at offset: Int64) {
    for index in buffer.indices { buffer[index] = byte(at: offset + Int64(index)) }
  }

  /// What `bytes`, read at `offset`, hold: runs of one byte, pieces of the pattern, or a checksum if there are many.
  static func describe(_ bytes: ArraySlice<UInt8>, at offset: Int64) -> String {
    var parts: [String] = []
    var start = bytes.startIndex
    while start < bytes.endIndex, parts.count <= 8 {
      let constant = bytes[start...].prefix { $0 == bytes[start] }.count
      var own = 0
      while start + own < bytes.endIndex,
        bytes[start + own] == byte(at: offset + Int64(start + own - bytes.startIndex))
      {
        own += 1
      }
      let length = max(constant, own)
      let name = own >= constant ? "pattern" : bytes[start] == 0 ? "zero" : "0x" + hex(bytes[start])
      parts.append(length == bytes.count ? name : "\(length) × \(name)")
      start += length
    }
    return parts.count > 8 ? "mixed, checksum \(checksum(bytes))" : parts.joined(separator: ", ")
  }

  private static func hex(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// FNV-1a, 64 bits.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> String {
    String(bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }, radix: 16)
  }
}
