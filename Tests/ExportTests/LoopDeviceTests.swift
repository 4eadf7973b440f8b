// The serving loop over a device fd, on both event loops: good requests, what the kernel may do to it, and the end in
// each phase.

import CKernelStandIn
import Foundation
import Glibc
import Testing

@testable import ExportUnderTest

@Suite struct LoopDeviceTests {
  private static func slow(_ milliseconds: UInt64) -> Node {
    .null(size: 1 << 20, readZeroes: true, latency: milliseconds * 1_000_000, isReadOnly: false)
  }

  // MARK: Serving

  @Test(arguments: eventLoops, [0, 50_000] as [UInt64])
  func requestsAreAnswered(_ loop: EventLoopChoice, pollLimit: UInt64) throws {
    let rig = try LoopRig(loop: loop, pollLimit: pollLimit)
    try rig.open()
    for unique in 10..<200 as Range<UInt64> { #expect(rig.serves(unique)) }
    rig.send(LoopRig.request(1000, unique: 300))
    #expect(rig.receive() == LoopReply(unique: 300, code: ENOSYS, body: []))
    // Arguments that are too short for a READ.
    rig.send(LoopRig.request(15, unique: 301, [1, 2, 3]))
    #expect(rig.receive() == LoopReply(unique: 301, code: EINVAL, body: []))
    #expect(rig.serves())
    let counters = try #require(rig.lifecycle.countersNow().first)
    #expect(counters.counters.requests[15] == 192 && counters.counters.errors == 2)
    #expect(counters.counters.bytesRead == 191 * 512)
  }

  @Test(arguments: eventLoops) func bytesOfAFileGoBothWays(_ loop: EventLoopChoice) throws {
    let file = try TemporaryFile(length: 100_000)
    let rig = try LoopRig(loop: loop, node: .file(FileNodeOptions(filename: file.path, locking: .off)))
    try rig.open()
    let pattern = file.bytes
    rig.sendRead(10, offset: 4000, size: 70_000)
    #expect(rig.receive() == LoopReply(unique: 10, code: 0, body: Array(pattern[4000..<74_000])))
    rig.send(LoopRig.write(unique: 11, offset: 5, [1, 2, 3], flags: UInt32(O_DSYNC)))
    #expect(rig.receive() == LoopReply(unique: 11, code: 0, body: [3, 0, 0, 0, 0, 0, 0, 0]))
    // FALLOCATE, punch and keep the size.
    rig.send(LoopRig.request(43, unique: 12, LoopRig.words([0, 4096, 4096]) + LoopRig.halves([3, 0])))
    #expect(rig.receive() == LoopReply(unique: 12, code: 0, body: []))
    var expected = pattern
    expected.replaceSubrange(5..<8, with: [1, 2, 3])
    expected.replaceSubrange(4096..<8192, with: [UInt8](repeating: 0, count: 4096))
    #expect(file.bytes == expected)
  }

  @Test(arguments: eventLoops) func moreRequestsThanSlotsWait(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(loop: loop, depth: 2, node: Self.slow(5))
    try rig.open()
    for unique in 10..<40 as Range<UInt64> { rig.sendRead(unique) }
    let answered = Set((0..<30).compactMap { _ in rig.receive()?.unique })
    #expect(answered == Set(10..<40))
    #expect(rig.lifecycle.countersNow()[0].counters.maxInFlight == 2)
  }

  @Test(arguments: eventLoops) func whatHasNoReplyKeepsNoSlot(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(loop: loop, depth: 1)
    try rig.open()
    for unique in 10..<30 as Range<UInt64> { rig.send(LoopRig.request(2, unique: unique, LoopRig.words([1]))) }
    #expect(rig.serves(), "the next reply is the READ's")
  }

  @Test(arguments: eventLoops) func threadsShareADevice(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(.multithread, loop: loop, threads: 2, depth: 2, node: Self.slow(1), pollLimit: 50_000)
    try rig.open()
    for unique in 10..<100 as Range<UInt64> { rig.sendRead(unique) }
    let answered = (0..<90).compactMap { _ in rig.receive()?.unique }
    #expect(answered.sorted() == Array(10..<100), "each once")
    #expect(rig.receive(milliseconds: 20) == nil)
    let counters = rig.lifecycle.countersNow()
    #expect(counters.map(\.name) == ["device.0", "device.1"])
    #expect(counters.allSatisfy { $0.counters.requests[15] > 0 }, "both work")
  }

  @Test(.needsDirect, arguments: eventLoops) func requestsThatWaitForRegionsAreAllAnswered(_ loop: EventLoopChoice)
    throws
  {
    let file = try TemporaryFile(length: 1 << 20, in: TestMachine.directDirectory!)
    let node = try Node.file(FileNodeOptions(filename: file.path, isDirect: true, locking: .off))
    let rig = try LoopRig(.multithread, loop: loop, threads: 2, depth: 8, node: node)
    try rig.open()
    // One block, byte by byte: each must wait for the others' read-modify-write.
    for byte in 0..<32 {
      rig.send(LoopRig.write(unique: UInt64(100 + byte), offset: UInt64(byte), [UInt8(200 + byte)]))
    }
    let answered = (0..<32).compactMap { _ in rig.receive() }
    #expect(Set(answered.map(\.unique)) == Set(100..<132) && answered.allSatisfy { $0.code == 0 })
    #expect(Array(file.bytes[0..<32]) == (0..<32).map { UInt8(200 + $0) })
  }

  @Test func aTraceSaysWhatCameAndWhatWasAnswered() throws {
    let file = try TemporaryFile(length: 0)
    do {
      let rig = try LoopRig(loop: .epoll, trace: RequestTrace(ByteText(file.path)))
      try rig.open()
      rig.sendRead(8, offset: 4096, size: 1024)
      #expect(rig.receive()?.body.count == 1024)
      rig.send(LoopRig.request(1000, unique: 10))
      rig.send(LoopRig.request(2, unique: 12, LoopRig.words([1])))
      #expect(rig.receive()?.code == ENOSYS && rig.serves(14))
    }
    let lines = String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: " ").dropFirst().joined(separator: " ")
    }
    #expect(
      lines == [
        "device.0 > unique 2 INIT pid 77", "device.0 < unique 2 64 bytes",
        "device.0 > unique 8 READ offset 4096 size 1024 pid 77", "device.0 < unique 8 1024 bytes",
        "device.0 > unique 10 OPCODE_1000 pid 77", "device.0 < unique 10 error: Function not implemented",
        "device.0 > unique 12 FORGET pid 77", "device.0 < unique 12 no reply",
        "device.0 > unique 14 READ offset 0 size 512 pid 77", "device.0 < unique 14 512 bytes",
      ])
    #expect(throws: SystemError.self) { try RequestTrace("/nonexistent/trace") }
    // Nobody reads the pipe: to wait for a reader would be never to serve.
    let pipe = file.path + ".pipe"
    try #require(mkfifo(pipe, 0o600) == 0)
    defer { unlink(pipe) }
    #expect(throws: SystemError.self) { try RequestTrace(ByteText(pipe)) }
  }

  // MARK: What the kernel may do

  @Test(arguments: eventLoops, [10, 39]) func aShortHeaderHalts(_ loop: EventLoopChoice, _ length: Int) throws {
    try halts(loop) { $0.send(Array(LoopRig.request(15, unique: 9).prefix(length))) }
  }

  @Test(arguments: eventLoops, [39, 41, 1 << 30]) func aLyingLengthHalts(_ loop: EventLoopChoice, _ says: Int) throws {
    try halts(loop) { $0.send(LoopRig.request(17, unique: 9, length: says)) }
  }

  @Test(arguments: eventLoops) func anUnknownErrorOfTheDeviceHalts(_ loop: EventLoopChoice) throws {
    try halts(loop) {
      for device in $0.devices { standin_fail(device, STANDIN_READ, EIO, 1) }
      $0.sendRead(9)
    }
  }

  /// Nothing is answered any more, in any thread; the process lives and the export ends.
  private func halts(_ loop: EventLoopChoice, _ cause: (LoopRig) -> Void) throws {
    let rig = try LoopRig(.multithread, loop: loop, threads: 2)
    try rig.open()
    #expect(rig.serves())
    cause(rig)
    #expect(rig.comes { $0.isHalted })
    // A task behind the closing ones, in each thread.
    _ = rig.lifecycle.countersNow()
    rig.sendRead(50)
    #expect(rig.receive(milliseconds: 100) == nil)
    #expect(rig.lifecycle.drain(milliseconds: 5000))
    #expect(rig.finish())
  }

  @Test(arguments: eventLoops) func aSecondINITIsRefusedAndServingGoesOn(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(loop: loop)
    try rig.open()
    rig.send(LoopRig.initialization(unique: 8))
    #expect(rig.receive() == LoopReply(unique: 8, code: EPROTO, body: []))
    #expect(rig.serves() && !rig.lifecycle.status.isHalted && rig.lifecycle.status.failure == nil)
  }

  @Test(arguments: eventLoops) func aKernelThatIsTooOldFailsTheStart(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(loop: loop)
    rig.send(LoopRig.initialization(unique: 2, minor: 8))
    #expect(throws: StartError.self) {
      try rig.lifecycle.open(device: rig.devices[0], clones: [], fusectlDirectory: -1)
    }
    #expect(rig.receive()?.code == EPROTO)
    #expect(rig.finish())
  }

  @Test(arguments: eventLoops, [ENODEV, ECONNABORTED])
  func theEndOfTheConnectionIsNoHalt(_ loop: EventLoopChoice, _ code: Int32) throws {
    let rig = try LoopRig(loop: loop)
    try rig.open()
    #expect(rig.serves())
    standin_fail(rig.devices[0], STANDIN_READ, code, -1)
    rig.sendRead(10)
    #expect(rig.comes { $0.isLost })
    #expect(!rig.lifecycle.status.isHalted)
    #expect(rig.finish())
  }

  @Test(arguments: eventLoops, [EINTR, ENOENT, EAGAIN])
  func aReadThatBroughtNothingIsMadeAgain(_ loop: EventLoopChoice, _ code: Int32) throws {
    let rig = try LoopRig(loop: loop)
    try rig.open()
    standin_fail(rig.devices[0], STANDIN_READ, code, 3)
    #expect(rig.serves())
    #expect(standin_failed(rig.devices[0], STANDIN_READ) == 3)
    #expect(!rig.lifecycle.status.isHalted && !rig.lifecycle.status.isLost)
  }

  /// The request was interrupted, or its client is gone: the slot is used again.
  @Test(arguments: eventLoops, [ENOENT, EINVAL])
  func aRefusedReplyKeepsNoSlot(_ loop: EventLoopChoice, _ code: Int32) throws {
    let rig = try LoopRig(loop: loop, depth: 2)
    try rig.open()
    standin_fail(rig.devices[0], STANDIN_WRITE, code, 5)
    for unique in 10..<15 as Range<UInt64> { rig.sendRead(unique) }
    #expect(rig.serves(20))
    #expect(standin_failures_left(rig.devices[0], STANDIN_WRITE) == 0)
  }

  // MARK: The end, in each phase

  /// Whatever a channel does, it can be ended from there, and what has ended does nothing more.
  @Test(arguments: Channel.Phase.allCases) func everyPhaseLeadsToTheEnd(_ phase: Channel.Phase) {
    let next = Channel.Phase.allCases.filter(phase.mayBecome)
    #expect(phase == .ended ? next.isEmpty : next.contains(.finishing) || next == [.ended])
    #expect(!phase.mayBecome(phase))
  }

  @Test(arguments: eventLoops) func drainingWaitsForWhatIsInFlight(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(loop: loop, node: Self.slow(100))
    try rig.open()
    for unique in 10..<13 as Range<UInt64> { rig.sendRead(unique) }
    _ = rig.lifecycle.countersNow()
    usleep(20_000)
    #expect(rig.lifecycle.drain(milliseconds: 5000))
    #expect(Set((0..<3).compactMap { _ in rig.receive(milliseconds: 0)?.unique }) == [10, 11, 12])
    rig.sendRead(20)
    #expect(rig.receive(milliseconds: 50) == nil, "nothing new is taken")
    #expect(rig.finish())
  }

  @Test(arguments: eventLoops) func whoGivesDrainingUpCollectsTheRest(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(loop: loop, node: Self.slow(300))
    try rig.open()
    rig.sendRead(10)
    usleep(50_000)
    #expect(!rig.lifecycle.drain(milliseconds: 1))
    #expect(!rig.finish(milliseconds: 1), "its request is still with the node")
    #expect(rig.finish())
  }

  @Test(arguments: eventLoops) func theEndBeforeTheBeginning(_ loop: EventLoopChoice) throws {
    #expect(try LoopRig(loop: loop).finish())
    // Files are registered, the device is not open; and with the device open, without INIT.
    let rig = try LoopRig(loop: loop)
    #expect(throws: StartError.self) { try rig.openWithoutINIT() }
    #expect(rig.finish())
  }

  @Test(arguments: eventLoops) func theEndWithRequestsInFlight(_ loop: EventLoopChoice) throws {
    let rig = try LoopRig(.multithread, loop: loop, threads: 2, node: Self.slow(50))
    try rig.open()
    for unique in 10..<14 as Range<UInt64> { rig.sendRead(unique) }
    usleep(10_000)
    #expect(rig.finish(), "without draining: each channel ends when its last request does")
    #expect(rig.lifecycle.countersNow().count == 2)
  }
}

extension LoopRig {
  /// As `open`, but the kernel says nothing; a thread's failure ends the wait.
  fileprivate func openWithoutINIT() throws {
    send(Self.request(26, unique: 2, [7, 0]))
    try lifecycle.open(device: devices[0], clones: [], fusectlDirectory: -1)
  }
}
