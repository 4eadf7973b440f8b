// A hand-over without mount and root: its words, a loop whose export comes and goes, what the kernel is asked.

import Glibc
import Synchronization
import Testing

@testable import ExportUnderTest

@Suite struct HandoverTests {
  private func pair() throws -> (HandoverChannel, HandoverChannel, raw: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    return (HandoverChannel(ends[0]), HandoverChannel(ends[1]), ends[0])
  }

  // MARK: Words

  @Test(arguments: [
    HandoverChannel.Message.take, .ready, .go, .device(opened: 0), .device(opened: .max),
    .refused("requests in flight did not end within 10 s"), .refused(ByteText([0xFF, 0x1B, 0x0A])),
  ]) func messagesArriveAsTheyWereSaid(_ message: HandoverChannel.Message) throws {
    let (one, other, _) = try pair()
    #expect(one.say(message))
    #expect(other.hear(milliseconds: 5000) == (message, -1))
  }

  @Test(arguments: [
    "", "take", "fusebench-handover-2 take", "fusebench-handover-1 ", "fusebench-handover-1 fd opened=-1",
    "fusebench-handover-1 fd opened=99999999999999999999", "\u{0}\u{0}",
  ]) func whatIsNoMessageIsRefused(_ text: String) throws {
    let (one, other, raw) = try pair()
    let bytes = Array(text.utf8)
    #expect(withExtendedLifetime(one) { send(raw, bytes, bytes.count, 0) } == bytes.count)
    let (message, fd) = other.hear(milliseconds: 5000)
    // An empty message is what a closed socket reads as.
    #expect(bytes.isEmpty ? message == .end : message == .refused("it speaks another version of the hand-over"))
    #expect(fd == -1)
  }

  @Test func aDescriptorGoesBesideItsMessage() throws {
    let (one, other, _) = try pair()
    let file = try TemporaryFile(length: 5)
    let fd = open(file.path, O_RDONLY)
    #expect(one.say(.device(opened: 3), fd: fd))
    close(fd)
    let (message, received) = other.hear(milliseconds: 5000)
    #expect(message == .device(opened: 3) && received >= 0)
    var bytes = [UInt8](repeating: 0, count: 5)
    #expect(read(received, &bytes, 5) == 5 && bytes == TemporaryFile.pattern(5))
    #expect(fcntl(received, F_GETFD) & FD_CLOEXEC != 0, "programs that it starts do not get it")
    close(received)
  }

  @Test func whoEndsOrIsSilentIsHeardSo() throws {
    let (one, other, _) = try pair()
    #expect(withExtendedLifetime(one) { other.hear(milliseconds: 10).0 } == .end)
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    let left = HandoverChannel(ends[0])
    close(ends[1])
    #expect(left.hear(milliseconds: -1).0 == .end)
    #expect(!left.say(.ready))
    #expect(left.isTrusted)
  }

  // MARK: What the kernel is asked

  @Test func resendIsANotification() throws {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    defer { for fd in ends { close(fd) } }
    try FuseDevice.resend(ends[0])
    var bytes = [UInt8](repeating: 0xEE, count: 64)
    #expect(recv(ends[1], &bytes, 64, 0) == 16)
    #expect(Array(bytes[..<16]) == hex("10000000 07000000 0000000000000000  # len 16, FUSE_NOTIFY_RESEND, unique 0"))
  }

  @Test func whatIsNoDeviceIsNotAdopted() {
    #expect(!FuseDevice.isDevice(-1) && !FuseDevice.isDevice(9999))
    let null = open("/dev/null", O_RDONLY)
    defer { close(null) }
    #expect(!FuseDevice.isDevice(null))
    #expect(FuseDevice.connection(of: null) == nil)
    #expect(throws: StartError.self) { try Adoption(.descriptor(null)) }
  }

  // MARK: The loop

  private static let transports = [ExportUnderTest.Transport.legacy, .multithread]
  private static let loops = transports.flatMap { transport in eventLoops.map { (transport, $0) } }

  @Test(arguments: loops) func anAdoptedExportServesWithoutInit(
    _ transport: ExportUnderTest.Transport, _ loop: EventLoopChoice
  ) throws {
    let rig = try LoopRig(transport, loop: loop, threads: transport == .multithread ? 2 : 1)
    try rig.adopt()
    #expect(rig.serves())
    #expect(rig.finish())
  }

  /// Mounted and never served: INIT is still to come, and is answered once.
  @Test(arguments: eventLoops) func anAdoptedExportAnswersAnInitThatIsStillToCome(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(loop: loop)
    try rig.adopt()
    rig.send(LoopRig.initialization(unique: 2))
    #expect(rig.receive()?.code == 0)
    #expect(rig.serves())
    rig.send(LoopRig.initialization(unique: 4))
    #expect(rig.receive()?.code == EPROTO)
  }

  /// The kernel finds a request that it sends again by its number with the mark.
  @Test(arguments: loops) func theAnswerCarriesTheMarkOfAResend(
    _ transport: ExportUnderTest.Transport, _ loop: EventLoopChoice
  ) throws {
    let rig = try LoopRig(transport, loop: loop, threads: transport == .multithread ? 2 : 1)
    try rig.adopt()
    #expect(rig.serves(6 | 1 << 63))
    rig.send(LoopRig.write(unique: 8 | 1 << 63, offset: 0, [1, 2, 3]))
    let reply = rig.receive()
    #expect(reply?.unique == 8 | 1 << 63 && reply?.code == 0)
  }

  /// Who was to take the export over did not: what came meanwhile is served.
  @Test(arguments: loops) func anExportThatIsNotTakenServesOn(
    _ transport: ExportUnderTest.Transport, _ loop: EventLoopChoice
  ) throws {
    let rig = try LoopRig(transport, loop: loop, threads: transport == .multithread ? 2 : 1)
    try rig.open()
    for round in 0..<5 {
      #expect(rig.lifecycle.drain(milliseconds: 5000))
      rig.sendRead(UInt64(100 + round))
      #expect(rig.receive(milliseconds: 20) == nil, "a drained export takes nothing")
      rig.lifecycle.reopen()
      #expect(rig.receive()?.unique == UInt64(100 + round))
      #expect(rig.serves())
    }
    #expect(rig.finish())
  }

  /// A hand-over that the node was too slow for: the request is answered, and those behind it.
  @Test(arguments: eventLoops) func anExportThatIsNotDrainedServesOn(_ loop: EventLoopChoice) throws {
    let slow = Node.null(size: 1 << 20, readZeroes: true, latency: 300_000_000, isReadOnly: false)
    let rig = try LoopRig(loop: loop, node: slow)
    try rig.open()
    rig.sendRead(10)
    #expect(rig.comes { _ in rig.lifecycle.countersNow().contains { $0.counters.requests[15] == 1 } })
    #expect(!rig.lifecycle.drain(milliseconds: 20))
    rig.lifecycle.reopen()
    rig.sendRead(12)
    #expect(Set([rig.receive()?.unique, rig.receive()?.unique]) == [10, 12])
  }

  @Test(arguments: loops) func anExportThatIsGivenAwayReadsNoMore(
    _ transport: ExportUnderTest.Transport, _ loop: EventLoopChoice
  ) throws {
    let rig = try LoopRig(transport, loop: loop, threads: transport == .multithread ? 2 : 1)
    try rig.open()
    #expect(rig.lifecycle.drain(milliseconds: 5000))
    #expect(rig.finish())
    rig.sendRead(10)
    // What the next process finds there.
    var bytes = [UInt8](repeating: 0, count: 128)
    #expect(recv(rig.devices[0], &bytes, 128, 0) == 80)
  }

  @Test func theKernelsMemoryIsTakenOver() {
    let state = ExportedFile(isWritable: true, isGrowable: false, allowsOthers: true, limit: .usual)
    state.adopt(mode: 0o100644, uid: 5, gid: 6, kernelSize: 4096, opened: 3)
    #expect(state.mode.load(ordering: .relaxed) == 0o644 && state.uid.load(ordering: .relaxed) == 5)
    #expect(state.gid.load(ordering: .relaxed) == 6 && state.opened.load(ordering: .relaxed) == 3)
    #expect(state.kernelMayRemember(4096) && !state.kernelMayRemember(8192))
    state.adopt(mode: 0o100400, uid: 5, gid: 6, kernelSize: 0, opened: nil)
    #expect(state.opened.load(ordering: .relaxed) == 1, "in use until the end, as nobody can tell")
  }
}
