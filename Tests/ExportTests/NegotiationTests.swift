// INIT: what each generation of kernels offers, and the bytes that answer it.

import CFuseKernel
import Glibc
import Testing

@testable import ExportUnderTest

@Suite struct NegotiationTests {
  /// A kernel's INIT arguments and the reply that is due.
  struct Generation: CustomTestStringConvertible {
    let minor: UInt32
    let request: String
    let reply: String
    var testDescription: String { "minor \(minor)" }
  }

  private static let unused = String(repeating: "00", count: 44)
  private static let unusedReply = String(repeating: "00", count: 22)

  static let generations = [
    Generation(
      minor: 9,
      request: """
        07000000 09000000   # major, minor
        00000200 29000000   # max_readahead, flags: async_read, atomic_o_trunc, big_writes
        """,
      reply: """
        07000000 09000000   # major, minor: the kernel's
        00000200 29000000   # max_readahead, flags
        ffff ffbf           # max_background 65535, congestion threshold 49151
        00001000            # max_write 1 MiB; here a reply before minor 23 ends
        """),
    Generation(
      minor: 22,
      request: """
        07000000 16000000   # major, minor
        00000200 29800000   # max_readahead, flags: … async_dio
        """,
      reply: """
        07000000 16000000   # major, minor
        00000200 29800000   # max_readahead, flags
        ffff ffbf           # max_background, congestion threshold
        00001000            # max_write
        """),
    Generation(
      minor: 23,
      request: """
        07000000 17000000   # major, minor
        00000200 29800000   # max_readahead, flags
        """,
      reply: """
        07000000 17000000   # major, minor
        00000200 29800000   # max_readahead, flags
        ffff ffbf           # max_background, congestion threshold
        00001000 01000000   # max_write, time_gran
        0000 0000           # max_pages: not offered; map_alignment
        00000000 00000000   # flags2, max_stack_depth
        0000 \(unusedReply) # request_timeout, unused
        """),
    Generation(
      minor: 31,
      request: """
        07000000 1f000000   # major, minor
        00000200 fbffff03   # max_readahead, flags: all of its time, with max_pages
        """,
      reply: """
        07000000 1f000000   # major, minor
        00000200 29806000   # max_readahead, flags: what is known of them
        ffff ffbf           # max_background, congestion threshold
        00001000 01000000   # max_write, time_gran
        0001 0000           # max_pages 256, map_alignment
        00000000 00000000   # flags2, max_stack_depth
        0000 \(unusedReply) # request_timeout, unused
        """),
    Generation(
      minor: 36,
      request: """
        07000000 24000000   # major, minor
        00000200 fbffff73   # max_readahead, flags with init_ext
        03000000 \(unused)  # flags2: security_ctx, has_inode_dax
        """,
      reply: """
        07000000 24000000   # major, minor
        00000200 29806040   # max_readahead, flags with init_ext
        ffff ffbf           # max_background, congestion threshold
        00001000 01000000   # max_write, time_gran
        0001 0000           # max_pages, map_alignment
        00000000 00000000   # flags2: nothing that is known, max_stack_depth
        0000 \(unusedReply) # request_timeout, unused
        """),
    Generation(
      minor: 45,
      request: """
        07000000 2d000000   # major, minor
        00000200 fbffff73   # max_readahead, flags
        fd070000 \(unused)  # flags2 with direct_io_allow_mmap and over_io_uring
        """,
      reply: """
        07000000 2d000000   # major, minor
        00000200 29806040   # max_readahead, flags
        ffff ffbf           # max_background, congestion threshold
        00001000 01000000   # max_write, time_gran
        0001 0000           # max_pages, map_alignment
        90010000 00000000   # flags2: direct_io_allow_mmap, has_resend, allow_idmap; max_stack_depth
        0000 \(unusedReply) # request_timeout, unused
        """),
  ]

  private func request(_ text: String) -> InitRequest? {
    let arguments = hex(text)
    let bytes =
      withUnsafeBytes(of: UInt32(40 + arguments.count).littleEndian, Array.init)
      + hex("1a000000 \(WireSample.rest)") + arguments
    return bytes.withUnsafeBytes { raw in (try? DeviceFrame.parse(raw)).flatMap { InitRequest($0) } }
  }

  private func reply(
    _ text: String, ring: Bool = false, limit: TransferLimit = .usual
  ) throws -> fuse_init_out {
    let offer = try #require(self.request(text))
    return try Negotiation.reply(to: offer, ring: ring, limit: limit)
  }

  @Test(arguments: generations) func everyGenerationIsAnswered(_ generation: Generation) throws {
    let out = try reply(generation.request)
    #expect(body { Negotiation.encode(out, into: $0) } == hex(generation.reply))
  }

  @Test func minor8IsRefused() {
    #expect(throws: Negotiation.InitError.version(major: 7, minor: 8)) {
      try reply("07000000 08000000 00000200 29000000")
    }
    #expect(
      "\(Negotiation.InitError.version(major: 7, minor: 8))" == "the kernel speaks FUSE 7.8; 7.9 is the least")
    #expect(Negotiation.InitError.version(major: 7, minor: 8).code == EPROTO)
  }

  @Test(arguments: ["06000000", "08000000"]) func anotherMajorIsRefused(_ major: String) {
    #expect(throws: Negotiation.InitError.self) { try reply("\(major) 2d000000 00000200 29000000") }
  }

  @Test func aNewerKernelGetsOurMinor() throws {
    #expect(try reply("07000000 63000000 00000200 29000000").minor == 45)
  }

  @Test(arguments: [0, 4, 15]) func aShortRequestIsTruncated(_ count: Int) {
    #expect(request(String(repeating: "00", count: count)) == nil)
    #expect(Negotiation.InitError.truncated.code == EINVAL)
  }

  /// Without INIT_EXT the second word is not the kernel's: it must not be read.
  @Test func flags2CountOnlyWithInitExt() throws {
    let with = try #require(request("07000000 2d000000 00000200 fbffff73 fd070000 \(Self.unused)"))
    #expect(with.offered.contains(.overIOUring))
    let without = try #require(request("07000000 2d000000 00000200 fbffff33 fd070000 \(Self.unused)"))
    #expect(without.offered.rawValue == 0x33FF_FFFB)
    let short = try #require(request("07000000 2d000000 00000200 fbffff73"))
    #expect(short.offered.rawValue == 0x73FF_FFFB)
  }

  @Test func theRingIsAskedForOnlyInItsTransport() throws {
    let text = "07000000 2d000000 00000200 fbffff73 fd070000 \(Self.unused)"
    #expect(try reply(text, ring: true).flags2 == 0x390)
    #expect(try reply(text, ring: true).flags == 0x4060_8029)
    #expect(try reply(text, ring: false).flags2 == 0x190)
  }

  @Test func aRingThatIsNotOfferedIsRefusedWithTheRemedy() throws {
    #expect(throws: Negotiation.InitError.noRing) {
      try reply("07000000 2d000000 00000200 fbffff73 fd050000 \(Self.unused)", ring: true)
    }
    #expect("\(Negotiation.InitError.noRing)".contains("echo Y > /sys/module/fuse/parameters/enable_uring"))
  }

  /// max_pages that counts and is 0 would mean requests of one page.
  @Test func maxPagesComesWithItsFlag() throws {
    let without = try reply("07000000 2d000000 00000200 fbffbf73 fd070000 \(Self.unused)")
    #expect(without.flags & 0x40_0000 == 0 && without.max_pages == 0)
    let with = try reply("07000000 2d000000 00000200 fbffff73 fd070000 \(Self.unused)")
    #expect(with.flags & 0x40_0000 != 0 && with.max_pages == 256)
  }

  @Test func theReadBufferHoldsTheLargestWrite() {
    // The kernel refuses reads into less than max(8192, 80 + max_write).
    #expect(DeviceFrame.prefix == 80)
    for pages: UInt64 in [0, 1, 2, 256, 65535] {
      let limit = TransferLimit(pages: pages)
      #expect(DeviceFrame.prefix + limit.bytes >= max(8192, 80 + limit.bytes))
      // A ring entry's payload holds at least max_write, max_pages and 8192.
      #expect(limit.bytes >= 8192 && Slot.payloadSpan(limit) > limit.bytes)
    }
  }

  /// The machine's limit, however it was set: what is asked for is what the buffers hold.
  @Test(
    arguments: [
      (nil, 256), ("", 256), ("junk\n", 256), ("-1\n", 256), ("0\n", 2), ("1\n", 2), ("32\n", 32), ("256\n", 256),
      ("1024\n", 1024), ("4096\n", 4096), ("65535\n", 4096), ("18446744073709551616\n", 256),
    ] as [(String?, UInt16)])
  func theTransferLimitFollowsTheMachine(_ text: String?, _ pages: UInt16) throws {
    let limit = MachineLimit.parse(text)
    #expect(limit.pages == pages)
    let reply = try reply("07000000 2d000000 00000200 fbffff73 fd070000 \(Self.unused)", limit: limit)
    #expect(reply.max_pages == pages && reply.max_write == UInt32(pages) * 4096)
  }

  /// What is offered and never asked for (docs/init.md): a bound on requests' time, pools of buffers.
  @Test(arguments: [false, true]) func neitherTimeoutsNorPoolsAreAskedFor(ring: Bool) throws {
    let offer = try #require(request("07000000 2e000000 00000200 fbffff73 ffff0f00 \(Self.unused)"))
    #expect(offer.offered.isSuperset(of: [.requestTimeout, .hasIOUringBufferPools]))
    let reply = try Negotiation.reply(to: offer, ring: ring, limit: .usual)
    let granted = InitFlags(rawValue: UInt64(reply.flags) | UInt64(reply.flags2) << 32)
    #expect(granted.isDisjoint(with: [.requestTimeout, .hasIOUringBufferPools]))
    #expect(reply.request_timeout == 0 && reply.minor == 45)
  }

  /// Asked for where it is offered, and only there.
  @Test(arguments: [InitFlags.abortError, .allowIDMap, .hasResend])
  func whatIsOfferedIsAskedFor(_ flag: InitFlags) throws {
    for isOffered in [true, false] {
      let bits = InitFlags(rawValue: 0x7FD_73FF_FFFB).subtracting(isOffered ? [] : flag).rawValue
      let words = LoopRig.halves([7, 45, 131_072, UInt32(truncatingIfNeeded: bits), UInt32(bits >> 32)])
      let bytes = LoopRig.request(26, unique: 2, words + [UInt8](repeating: 0, count: 44))
      let found = bytes.withUnsafeBytes { raw in (try? DeviceFrame.parse(raw)).flatMap { InitRequest($0) } }
      let offer = try #require(found)
      let reply = try Negotiation.reply(to: offer, ring: false, limit: .usual)
      let granted = InitFlags(rawValue: UInt64(reply.flags) | UInt64(reply.flags2) << 32)
      #expect(granted.contains(flag) == isOffered)
    }
  }
}
