// INIT as strace shows it becomes flags, limits and what follows from them.

import Testing

@testable import Harness

@Suite struct InitTests {
  /// A message in hexadecimal, as strace -xx prints it.
  private func quoted(_ bytes: [UInt8]) -> String {
    "\"" + bytes.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() + "\""
  }

  private func words(_ numbers: [UInt32]) -> [UInt8] {
    numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
  }

  /// fuse_in_header and fuse_init_in of Linux 6.18.
  private func request(unique: UInt32 = 2, flags: UInt32 = 0x73ff_fffb, flags2: UInt32 = 0x7fd) -> [UInt8] {
    words([104, 26, unique, 0] + Array(repeating: 0, count: 6) + [7, 45, 131072, flags, flags2])
      + Array(repeating: 0, count: 44)
  }

  /// fuse_out_header and fuse_init_out.
  private func reply(unique: UInt32 = 2, flags: UInt32, flags2: UInt32 = 0x10, pages: UInt32 = 16) -> [UInt8] {
    words([80, 0, unique, 0, 7, 45, 131072, flags, 0xbfff_ffff, 65536, 1, pages, flags2])
      + Array(repeating: 0, count: 28)
  }

  private func exchange(_ lines: [String]) -> InitExchange? {
    InitExchange(in: TracedCall.calls(in: Array(lines.joined(separator: "\n").utf8)))
  }

  private func findings(
    _ reply: [UInt8], maxRead: Int? = 1 << 20, pagesLimit: Int = 256
  ) throws -> InitFindings {
    let found = try #require(
      exchange(["7 read(8, \(quoted(request())), 1052672) = 104", "7 write(8, \(quoted(reply)), 80) = 80"]))
    return InitFindings(found, in: .init(pageSize: 4096, pagesLimit: pagesLimit, maxRead: maxRead))
  }

  /// The answer of QEMU 11.1.3 without growable=on: the wanted flags are gone, and with them the depth of queues.
  @Test func flagsThatAreAssignedAndNotAddedAreSeen() throws {
    let found = try findings(reply(flags: 0x4000_0008))
    let async = try #require(found.flags.first { $0.name == "FUSE_ASYNC_DIO" })
    #expect(async.isOffered && !async.isTaken)
    #expect(async.effect == "libaio and io_uring requests are served one at a time, inside the client's submission")
    #expect(
      found.flags.filter(\.isTaken).map(\.name)
        == ["FUSE_ATOMIC_O_TRUNC", "FUSE_INIT_EXT", "FUSE_DIRECT_IO_ALLOW_MMAP"])
    // Without FUSE_MAX_PAGES a request has 32 pages, whatever max_pages says.
    #expect(found.limits?.largestRead == 128 << 10)
    #expect(found.limits?.largestWrite == 64 << 10)
    #expect(found.limits?.background == 65535)
  }

  @Test func theSecondFlagsCountBehindInitExtOnly() throws {
    let found = try findings(reply(flags: 0x8001))
    let mmap = try #require(found.flags.first { $0.name == "FUSE_DIRECT_IO_ALLOW_MMAP" })
    #expect(mmap.isAnswered && !mmap.isTaken)
    #expect(mmap.effect == "has no effect without FUSE_INIT_EXT")
  }

  @Test func aFlagThatWasNotOfferedIsNotTaken() throws {
    // Bit 2 is the one that Linux 6.18 leaves out.
    let found = try findings(reply(flags: 0x4000_0004))
    let line = try #require(found.flags.first { $0.bit == 2 })
    #expect(!line.isTaken && line.effect == "answered, though the kernel did not offer it")
  }

  @Test func limitsFollowFromPagesAndTheMountsOption() throws {
    let flags: UInt32 = 0x4040_8001
    #expect(try findings(reply(flags: flags, pages: 0)).limits?.pages == 1)
    #expect(try findings(reply(flags: flags, pages: 1024)).limits?.pages == 256)
    #expect(try findings(reply(flags: flags, pages: 1024), pagesLimit: 4096).limits?.largestRead == 1 << 20)
    #expect(try findings(reply(flags: flags, pages: 64), maxRead: nil).limits?.largestRead == 256 << 10)
    #expect(try findings(reply(flags: flags, pages: 64), maxRead: 1).limits?.largestRead == 4096)
  }

  /// Threads cut each other's lines, and vectors come in pieces.
  @Test func halvesAndPiecesOfCallsArePutTogether() throws {
    let out = reply(flags: 0x4000_8001)
    let found = try #require(
      exchange([
        "7 read(8,  <unfinished ...>",
        "9 write(1, \(quoted([65])), 1) = 1",
        "7 <... read resumed>\(quoted(request())), 135168) = 104",
        "7 writev(8, [{iov_base=\(quoted(Array(out[..<16]))), iov_len=16}, "
          + "{iov_base=\(quoted(Array(out[16...]))), iov_len=64}], 2 <unfinished ...>",
        "7 <... writev resumed>) = 80",
      ]))
    #expect(found.answer?.effective == 0x10_4000_8001)
  }

  @Test func aRefusalIsARefusal() throws {
    let refusal = words([16, 0xffff_ffb9, 2, 0])
    let found = try #require(
      exchange(["7 read(8, \(quoted(request())), 9) = 104", "7 write(8, \(quoted(refusal)), 16) = 16"]))
    #expect(found.errorNumber == 71 && found.answer == nil)
  }

  /// Content that only looks like INIT: another length, another number, cut short, or no bytes at all.
  @Test func whatIsNoInitIsNone() {
    let good = request()
    let other = reply(unique: 4, flags: 1)
    #expect(exchange(["7 read(8, \(quoted(good)), 9) = 104", "7 write(8, \(quoted(other)), 80) = 80"]) == nil)
    #expect(exchange(["7 read(8, \(quoted(Array(good.dropLast()))), 9) = 103"]) == nil)
    #expect(exchange(["7 write(8, \(quoted(reply(flags: 1))), 80) = 80"]) == nil)
    #expect(exchange(["", "read(", "7 read(8, \"\\x6", "7 read(8, \"\\xzz\", 1) = 1", "nonsense \u{e9}"]) == nil)
  }

  @Test func theFlagsHaveTheKernelsPlaces() {
    #expect(InitFlag.all.map(\.bit) == Array(0..<43))
    #expect(InitFlag.mask("OVER_IO_URING") == 1 << 41)
    #expect(InitFlag.name(63) == "bit 63")
  }
}
