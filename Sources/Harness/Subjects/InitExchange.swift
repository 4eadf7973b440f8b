// INIT as it passed between kernel and export: the two messages' bytes as values.

/// The two messages of INIT (include/uapi/linux/fuse.h): what the kernel offered and what the export answered.
package struct InitExchange: Sendable, Equatable {
  /// The kernel's side: `fuse_init_in`.
  package struct Offer: Sendable, Equatable {
    /// The protocol's major number.
    package var major: UInt32
    /// The protocol's minor number.
    package var minor: UInt32
    /// Bytes of read-ahead.
    package var maxReadahead: UInt32
    /// `flags`, with `flags2` above them where INIT_EXT says that it counts.
    package var flags: UInt64
  }

  /// The export's side: `fuse_init_out`. What a short reply leaves out is 0, as the kernel takes it.
  package struct Answer: Sendable, Equatable {
    /// The protocol's major number.
    package var major: UInt32
    /// The protocol's minor number.
    package var minor: UInt32
    /// Bytes of read-ahead.
    package var maxReadahead: UInt32
    /// `flags` as they stand in the reply.
    package var flags: UInt32
    /// `flags2` as it stands in the reply, whether it counts or not.
    package var flags2: UInt32
    /// Requests in the background; 0 leaves it to the kernel.
    package var maxBackground: UInt16
    /// Background requests from which read-ahead waits; 0 leaves it to the kernel.
    package var congestionThreshold: UInt16
    /// The largest WRITE in bytes.
    package var maxWrite: UInt32
    /// The granularity of times in nanoseconds.
    package var timeGranularity: UInt32
    /// Pages of a request; counts with FUSE_MAX_PAGES only.
    package var maxPages: UInt16
    /// Levels of stacked file systems, for FUSE_PASSTHROUGH.
    package var maxStackDepth: UInt32
    /// Seconds that a request may take; counts with FUSE_REQUEST_TIMEOUT only.
    package var requestTimeout: UInt16

    /// The flags that count: `flags2` only behind FUSE_INIT_EXT (fs/fuse/inode.c, process_init_reply).
    package var effective: UInt64 {
      let low = UInt64(flags)
      return low & InitFlag.mask("INIT_EXT") == 0 ? low : low | UInt64(flags2) << 32
    }
  }

  /// What the kernel offered.
  package var offer: Offer
  /// What the export answered; nil where it answered an error.
  package var answer: Answer?
  /// The errno of the reply, 0 for none.
  package var errorNumber: Int32

  /// The opcode of INIT.
  private static let opcode: UInt32 = 26

  /// Finds INIT and its reply among what passed through descriptors, by content: a request says its own length,
  /// opcode and number, and a reply the number of its request. The last complete exchange counts: a program that
  /// mounts twice, or asks for a trial mount first, is judged by the mount that serves.
  package init?(in calls: [TracedCall]) {
    var found: InitExchange?
    var pending: [UInt64: Offer] = [:]
    for call in calls {
      let bytes = LittleEndian(call.bytes)
      switch call.direction {
      case .read:
        guard call.bytes.count >= 56, bytes.u32(0) == UInt32(call.bytes.count), bytes.u32(4) == Self.opcode,
          let unique = bytes.u64(8), let offer = Offer(LittleEndian(Array(call.bytes.dropFirst(40))))
        else { continue }
        pending[unique] = offer
      case .written:
        guard let unique = bytes.u64(8), let offer = pending[unique], let number = bytes.u32(4),
          bytes.u32(0) == UInt32(call.bytes.count)
        else { continue }
        pending[unique] = nil
        let body = LittleEndian(Array(call.bytes.dropFirst(16)))
        found = InitExchange(offer: offer, answer: Answer(body), errorNumber: Int32(bitPattern: 0 &- number))
      }
    }
    guard let found else { return nil }
    self = found
  }

  /// An exchange from its parts.
  init(offer: Offer, answer: Answer?, errorNumber: Int32 = 0) {
    self.offer = offer
    self.answer = errorNumber == 0 ? answer : nil
    self.errorNumber = errorNumber
  }
}

extension InitExchange.Offer {
  /// Kernels before minor 36 send 16 bytes; nil when there are fewer.
  fileprivate init?(_ bytes: LittleEndian) {
    guard let major = bytes.u32(0), let minor = bytes.u32(4), let readahead = bytes.u32(8), let low = bytes.u32(12)
    else { return nil }
    self.major = major
    self.minor = minor
    maxReadahead = readahead
    flags = UInt64(low)
    if flags & InitFlag.mask("INIT_EXT") != 0, let high = bytes.u32(16) { flags |= UInt64(high) << 32 }
  }
}

extension InitExchange.Answer {
  /// Replies have 8 bytes before minor 5, 24 before minor 23, else 64; nil when there are fewer than 8.
  fileprivate init?(_ bytes: LittleEndian) {
    guard let major = bytes.u32(0), let minor = bytes.u32(4) else { return nil }
    self.major = major
    self.minor = minor
    maxReadahead = bytes.u32(8) ?? 0
    flags = bytes.u32(12) ?? 0
    maxBackground = bytes.u16(16) ?? 0
    congestionThreshold = bytes.u16(18) ?? 0
    maxWrite = bytes.u32(20) ?? 0
    timeGranularity = bytes.u32(24) ?? 0
    maxPages = bytes.u16(28) ?? 0
    flags2 = bytes.u32(32) ?? 0
    maxStackDepth = bytes.u32(36) ?? 0
    requestTimeout = bytes.u16(40) ?? 0
  }
}

/// Little-endian numbers at places in bytes; nil beyond their end.
private struct LittleEndian {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func u16(_ offset: Int) -> UInt16? { number(offset, 2).map { UInt16($0) } }
  func u32(_ offset: Int) -> UInt32? { number(offset, 4).map { UInt32($0) } }
  func u64(_ offset: Int) -> UInt64? { number(offset, 8) }

  private func number(_ offset: Int, _ count: Int) -> UInt64? {
    guard offset + count <= bytes.count else { return nil }
    return (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64(8 * $1) }
  }
}
