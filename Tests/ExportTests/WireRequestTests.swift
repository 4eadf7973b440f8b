// Requests as bytes: good ones, cut ones, and ones whose length lies, over the device and over the ring.

import Testing

@testable import ExportUnderTest

@Suite struct WireRequestTests {
  static let all = WireSample.meaningful + WireSample.bare + WireSample.unsupported

  /// What a device read of `bytes` asks for; nil: shorter than its operation needs.
  private func decode(_ bytes: [UInt8]) throws -> ExportUnderTest.Operation? {
    try bytes.withUnsafeBytes { raw in try DeviceFrame.parse(raw).decode() }
  }

  /// `bytes` with the header's own length made true.
  private func corrected(_ bytes: [UInt8]) -> [UInt8] {
    withUnsafeBytes(of: UInt32(bytes.count).littleEndian, Array.init) + bytes[4...]
  }

  @Test(arguments: all) func aGoodRequestIsUnderstood(_ sample: WireSample) throws {
    #expect(try decode(sample.bytes) == sample.meaning)
  }

  @Test func theHeaderIsRead() throws {
    let view = try WireSample.meaningful[0].bytes.withUnsafeBytes { raw in
      try DeviceFrame.parse(raw)
    }
    #expect(view.header.length == 56)
    #expect(view.header.opcode == 3)
    #expect(view.header.unique == 2)
    #expect(view.header.pid == 0x1267)
    #expect(view.argumentsLength == 16)
    #expect(view.payloadLength == 0)
  }

  @Test(arguments: WireSample.meaningful) func everyCutInTheArgumentsIsSeen(_ sample: WireSample) throws {
    for count in 0..<sample.needs {
      let cut = corrected(Array(sample.bytes[..<(RequestHeader.size + count)]))
      #expect(try decode(cut) == nil, "\(count) of \(sample.needs) bytes of arguments")
    }
  }

  @Test(arguments: WireSample.bare + WireSample.unsupported)
  func whatNeedsNoArgumentsMeansTheSameWithoutThem(_ sample: WireSample) throws {
    #expect(try decode(corrected(Array(sample.bytes[..<RequestHeader.size]))) == sample.meaning)
  }

  @Test(arguments: all) func aLengthThatLiesIsAFault(_ sample: WireSample) {
    let cut = Array(sample.bytes.dropLast())
    let length = UInt32(sample.bytes.count)
    #expect(
      throws: sample.bytes.count > RequestHeader.size
        ? DeviceFrame.FrameError.lengthMismatch(header: length, got: cut.count) : .shortHeader(got: cut.count)
    ) { try decode(cut) }
    #expect(throws: DeviceFrame.FrameError.lengthMismatch(header: length, got: Int(length) + 1)) {
      try decode(sample.bytes + [0])
    }
  }

  @Test(arguments: [0, 1, 39]) func aShortHeaderIsAFault(_ count: Int) {
    #expect(throws: DeviceFrame.FrameError.shortHeader(got: count)) { try decode(zeroes(count)) }
  }

  @Test func faultsNameBothNumbers() {
    #expect(
      "\(DeviceFrame.FrameError.shortHeader(got: 12))"
        == "a request of 12 bytes is shorter than its header (40 bytes)")
    #expect(
      "\(DeviceFrame.FrameError.lengthMismatch(header: 56, got: 40))"
        == "a request of 40 bytes says that it has 56")
  }

  /// Any WRITE's `size` must be there as data; the data may be longer.
  @Test(arguments: [(4, true), (5, true), (6, false), (UInt32.max, false)])
  func theSizeOfAWriteMustNotLie(_ size: UInt32, _ isGood: Bool) throws {
    var bytes = WireSample.meaningful.first { $0.name == "WRITE" }!.bytes
    bytes.replaceSubrange(56..<60, with: withUnsafeBytes(of: size.littleEndian, Array.init))
    #expect(try (decode(bytes) != nil) == isGood)
  }

  @Test func aWriteWithoutItsDataIsTruncated() throws {
    let write = WireSample.meaningful.first { $0.name == "WRITE" }!
    #expect(try decode(corrected(Array(write.bytes[..<80]))) == nil)
  }

  // MARK: Over the ring

  /// The header block of a ring entry that brings `sample`, whose last `payload` bytes lie in the payload buffer.
  private func ringBlock(_ sample: WireSample, payload: Int, commitID: UInt64 = 2) -> [UInt8] {
    var block = zeroes(RingFrame.size)
    let arguments = sample.bytes[RequestHeader.size..<(sample.bytes.count - payload)]
    block.replaceSubrange(0..<RequestHeader.size, with: sample.bytes[..<RequestHeader.size])  // in_out
    block.replaceSubrange(128..<(128 + arguments.count), with: arguments)  // op_in
    block.replaceSubrange(264..<272, with: withUnsafeBytes(of: commitID.littleEndian, Array.init))
    block.replaceSubrange(272..<276, with: withUnsafeBytes(of: UInt32(payload).littleEndian, Array.init))
    return block
  }

  private struct RingRequest {
    let operation: ExportUnderTest.Operation?
    let commitID: UInt64
  }

  private func parseRing(_ block: [UInt8], room: Int = 1 << 20) throws -> RingRequest {
    try block.withUnsafeBytes { raw in
      let (view, commitID) = try RingFrame.parse(raw.baseAddress!, room: room)
      return RingRequest(operation: view.decode(), commitID: commitID)
    }
  }

  /// Bytes that the kernel puts into an entry's payload: a WRITE's data, a LOOKUP's name.
  private func payload(of sample: WireSample) -> Int {
    ["WRITE": 5, "LOOKUP": 2, "SETXATTR": 5, "GETXATTR": 4, "REMOVEXATTR": 4][sample.name] ?? 0
  }

  @Test(arguments: all) func theRingMeansTheSame(_ sample: WireSample) throws {
    let block = ringBlock(sample, payload: payload(of: sample), commitID: 0x1234)
    #expect(block.count == RingFrame.size)
    let request = try parseRing(block)
    #expect(request.operation == sample.meaning)
    #expect(request.commitID == 0x1234)
  }

  /// Operations without arguments leave the last request's in the block: only the header's length tells.
  @Test(arguments: WireSample.meaningful) func staleArgumentsOfARingEntryAreNotRead(_ sample: WireSample)
    throws
  {
    var block = ringBlock(sample, payload: 0)
    block.replaceSubrange(0..<4, with: withUnsafeBytes(of: UInt32(40).littleEndian, Array.init))
    #expect(try parseRing(block).operation == nil)
  }

  @Test func aRingWriteMustHaveItsData() throws {
    let write = WireSample.meaningful.first { $0.name == "WRITE" }!
    var block = ringBlock(write, payload: 5)
    block[272] = 4  // payload_sz: one less than the WRITE's size
    #expect(try parseRing(block).operation == nil)
  }

  @Test func faultsOfRingEntries() {
    let sample = WireSample.meaningful[0]
    #expect(throws: RingFrame.FrameError.noCommitID) { try parseRing(ringBlock(sample, payload: 0, commitID: 0)) }
    var short = ringBlock(sample, payload: 0)
    short[0] = 39
    #expect(throws: RingFrame.FrameError.shortHeader(says: 39)) { try parseRing(short) }
    var large = ringBlock(sample, payload: 0)
    large.replaceSubrange(272..<276, with: hex("01100000"))
    #expect(throws: RingFrame.FrameError.payloadTooLarge(says: 4097, room: 4096)) {
      try parseRing(large, room: 4096)
    }
    #expect("\(RingFrame.FrameError.noCommitID)" == "a ring request without a commit id")
    #expect(
      "\(RingFrame.FrameError.payloadTooLarge(says: 9, room: 8))"
        == "a ring request of 9 payload bytes in a buffer of 8")
  }

  @Test func opcodesHaveTheKernelsNames() {
    #expect(Opcode.allCases.count == Set(Opcode.allCases.map(\.name)).count)
    #expect(Opcode.name(of: 15) == "READ")
    #expect(Opcode.name(of: 53) == "COPY_FILE_RANGE_64")
    #expect(Opcode.name(of: 63) == "OPCODE_63")
  }
}
