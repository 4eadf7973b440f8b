// What the numbers of an INIT reply come to: the limits that the kernel sets itself from them.

/// The limits of a connection, as the kernel derives them (fs/fuse/inode.c, process_init_reply and
/// process_init_limits).
package struct InitLimits: Sendable, Equatable {
  /// What the machine and the mount add to the exchange.
  package struct Surroundings: Sendable, Equatable {
    /// Bytes of a page.
    package var pageSize: Int
    /// /proc/sys/fs/fuse/max_pages_limit; 256, the kernel's built-in limit, where there is no such file.
    package var pagesLimit = 256
    /// The mount option `max_read` in bytes; nil where the mount has none.
    package var maxRead: Int?
  }

  /// Pages of one request.
  package var pages: Int
  /// The largest READ in bytes.
  package var largestRead: Int
  /// The largest WRITE in bytes.
  package var largestWrite: Int
  /// Asynchronous requests that are open at a time.
  package var background: Int

  /// Without FUSE_MAX_PAGES (FUSE_DEFAULT_MAX_PAGES_PER_REQ).
  private static let pagesOfOld = 32
  /// Where the reply leaves it at 0 (FUSE_DEFAULT_MAX_BACKGROUND).
  private static let backgroundOfKernel = 12

  /// The limits that follow from `answer`, of which `taken` flags count.
  init(_ answer: InitExchange.Answer, taken: UInt64, in surroundings: Surroundings) {
    if taken & InitFlag.mask("MAX_PAGES") != 0 {
      pages = min(max(Int(answer.maxPages), 1), surroundings.pagesLimit)
    } else {
      pages = Self.pagesOfOld
    }
    let bytes = pages * surroundings.pageSize
    largestRead = min(max(surroundings.maxRead ?? bytes, 4096), bytes)
    largestWrite = min(max(Int(answer.maxWrite), 4096), bytes)
    // Before minor 13 the reply has no such field.
    let asked = answer.minor < 13 ? 0 : Int(answer.maxBackground)
    background = asked == 0 ? Self.backgroundOfKernel : asked
  }
}

/// INIT of one mount with all that follows from it.
package struct InitFindings: Sendable, Equatable {
  /// A flag that the kernel offered or the export answered.
  package struct Line: Sendable, Equatable {
    /// The flag's bit.
    package var bit: Int
    /// The flag's name in the kernel.
    package var name: String
    /// Whether the kernel offered it.
    package var isOffered: Bool
    /// Whether it stands in the reply, counting or not.
    package var isAnswered: Bool
    /// Whether it is in force: offered, answered and, from bit 32 up, behind FUSE_INIT_EXT.
    package var isTaken: Bool
    /// What follows; nil where nothing does for a file export.
    package var effect: String?
  }

  /// The two messages.
  package var exchange: InitExchange
  /// The flags by their bits.
  package var flags: [Line]
  /// The limits; nil where the reply is an error.
  package var limits: InitLimits?

  /// What follows from `exchange` in `surroundings`.
  package init(_ exchange: InitExchange, in surroundings: InitLimits.Surroundings) {
    self.exchange = exchange
    let offered = exchange.offer.flags
    let answered = exchange.answer.map { UInt64($0.flags) | UInt64($0.flags2) << 32 } ?? 0
    // Bits that the kernel did not offer are not looked at (flags & fc->… of process_init_reply).
    let taken = (exchange.answer?.effective ?? 0) & offered
    flags = (0..<64).compactMap { bit in
      let mask = UInt64(1) << UInt64(bit)
      guard (offered | answered) & mask != 0 else { return nil }
      let known = InitFlag.all.first { $0.bit == bit }
      var effect = taken & mask != 0 ? known?.taken : known?.left
      if answered & mask != 0, offered & mask == 0 { effect = "answered, though the kernel did not offer it" }
      if answered & offered & mask != 0, taken & mask == 0 { effect = "has no effect without FUSE_INIT_EXT" }
      return Line(
        bit: bit, name: InitFlag.name(bit), isOffered: offered & mask != 0, isAnswered: answered & mask != 0,
        isTaken: taken & mask != 0, effect: effect)
    }
    limits = exchange.answer.map { InitLimits($0, taken: taken, in: surroundings) }
  }
}
