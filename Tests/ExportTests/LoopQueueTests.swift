// The serving loop over FUSE queues of a ring, with a stand-in that takes the commands and brings the requests.

import CKernelStandIn
import CLiburing
import Glibc
import Testing

@testable import ExportUnderTest

/// A queue's entry as the kernel knows it.
private struct Entry {
  let tag: UInt64
  let header: UnsafeMutableRawPointer
  let payload: UnsafeMutableRawPointer
}

/// The kernel's side of the queues.
private final class Queues {
  let rig: LoopRig
  private(set) var entries: [Entry] = []
  private(set) var registered: [standin_command] = []

  /// An export with `queues` queues of `depth` entries on one thread, all registered.
  init(queues: Int = 1, depth: Int = 2, node: Node? = nil) throws {
    _ = Self.taken()
    let node = node ?? .null(size: 1 << 20, readZeroes: true, latency: 0, isReadOnly: false)
    rig = try LoopRig(.ioUring, loop: .ioUring, depth: depth, node: node, queues: queues)
    try rig.open()
    registered = Self.taken()
    entries = registered.map { Entry(tag: $0.user_data, header: $0.header!, payload: $0.payload!) }
  }

  /// Commands that the export gave the ring since the last call.
  static func taken() -> [standin_command] {
    var commands = [standin_command](repeating: standin_command(), count: 64)
    let count = standin_take_commands(&commands, 64)
    return Array(commands[..<Int(count)])
  }

  /// The next command; nil when none comes.
  func nextCommand(milliseconds: Int = 5000) -> standin_command? {
    for _ in 0..<milliseconds {
      var command = standin_command()
      if standin_take_commands(&command, 1) == 1 { return command }
      usleep(1000)
    }
    return nil
  }

  /// Brings READ `unique` by entry `index`.
  func bringRead(_ index: Int, unique: UInt64, commitID: UInt64, payloadSize: UInt32 = 0, length: UInt32 = 80) {
    let header = entries[index].header
    header.initializeMemory(as: UInt8.self, repeating: 0, count: RingFrame.size)
    let bytes = LoopRig.halves([length, 15]) + LoopRig.words([unique, 1]) + LoopRig.halves([0, 0, 77, 0])
    header.copyMemory(from: bytes, byteCount: 40)
    // op_in: fuse_read_in at byte 128; fuse_uring_ent_in_out at byte 256: flags, commit_id, payload_sz.
    (header + 128).copyMemory(from: LoopRig.words([0, 0]) + LoopRig.halves([512, 0, 0, 0, 0, 0]), byteCount: 40)
    (header + 256).copyMemory(from: LoopRig.words([0, commitID]) + LoopRig.halves([payloadSize, 0]), byteCount: 24)
    complete(index, 0)
  }

  /// Ends the command of entry `index`.
  func complete(_ index: Int, _ result: Int32) {
    let tag = entries[index].tag
    rig.threads[0].tasks.post { $0.dispatch(Completion(Tag(raw: tag), result)) }
  }

  /// The reply in the header block of entry `index`: unique, errno, payload bytes.
  func reply(_ index: Int) -> (UInt64, Int32, UInt32) {
    let header = entries[index].header
    return (
      header.load(fromByteOffset: 8, as: UInt64.self), -header.load(fromByteOffset: 4, as: Int32.self),
      header.load(fromByteOffset: 256 + 16, as: UInt32.self)
    )
  }
}

// One after the other: the stand-in has one list of commands.
@Suite(.serialized, .needsRing) struct LoopQueueTests {
  private static func slow(_ milliseconds: UInt64) -> Node {
    .null(size: 1 << 20, readZeroes: true, latency: milliseconds * 1_000_000, isReadOnly: false)
  }

  /// Ends the export as the kernel does: each entry that it has comes back with ENOTCONN.
  private func end(_ queues: Queues, holding indices: Range<Int>) {
    for index in indices { queues.complete(index, -ENOTCONN) }
    #expect(queues.rig.finish())
  }

  @Test func everyEntryIsRegisteredOnce() throws {
    let queues = try Queues(queues: 3, depth: 2)
    #expect(queues.registered.count == 6)
    #expect(queues.registered.allSatisfy { $0.command == 1 && $0.header_length == RingFrame.size })
    #expect(queues.registered.allSatisfy { $0.payload_length == TransferLimit.usual.bytes })
    #expect(queues.registered.map(\.queue).sorted() == [0, 0, 1, 1, 2, 2])
    #expect(Set(queues.registered.map(\.user_data)).count == 6)
    end(queues, holding: 0..<6)
  }

  @Test func anAnswerNamesItsRequestAndFetchesTheNext() throws {
    let queues = try Queues()
    for round in 1...20 as ClosedRange<UInt64> {
      queues.bringRead(1, unique: 100 + round, commitID: 7000 + round)
      let command = try #require(queues.nextCommand())
      #expect(command.command == 2 && command.commit_id == 7000 + round && command.header == nil)
      #expect(command.user_data == queues.entries[1].tag)
      #expect(queues.reply(1) == (100 + round, 0, 512))
    }
    #expect(queues.rig.lifecycle.countersNow().last?.counters.requests[15] == 20)
    end(queues, holding: 0..<2)
  }

  @Test func aRequestThatSaysTooLittleOfItselfIsRefused() throws {
    let queues = try Queues()
    queues.bringRead(0, unique: 9, commitID: 1, length: 41)
    #expect(queues.nextCommand()?.commit_id == 1)
    #expect(queues.reply(0) == (9, EINVAL, 0))
    end(queues, holding: 0..<2)
  }

  /// A header shorter than itself, a payload larger than its buffer, no commit id.
  @Test(arguments: [(39, 0, 5), (80, 2 << 20, 5), (80, 0, 0)] as [(UInt32, UInt32, UInt64)])
  func whatCannotBeTrustedHalts(_ length: UInt32, _ payload: UInt32, _ commitID: UInt64) throws {
    let queues = try Queues()
    queues.bringRead(0, unique: 9, commitID: commitID, payloadSize: payload, length: length)
    #expect(queues.rig.comes { $0.isHalted })
    #expect(queues.nextCommand(milliseconds: 50) == nil)
    // The entry that the export holds will not come back.
    end(queues, holding: 1..<2)
  }

  @Test func aLostEntryHaltsAndSaysWhy() throws {
    let queues = try Queues()
    queues.complete(0, -EINVAL)
    #expect(queues.rig.comes { $0.isHalted && $0.failure?.contains("io_uring entry") == true })
    end(queues, holding: 1..<2)
  }

  /// The kernel says the one of an unmount, and the other of an abort that a server has asked to be told (ABORT_ERROR).
  @Test(arguments: [ENOTCONN, ECONNABORTED]) func theEndWaitsForEveryEntry(_ code: Int32) throws {
    let queues = try Queues()
    queues.complete(0, -code)
    #expect(!queues.rig.finish(milliseconds: 50), "one entry is still with the kernel")
    end(queues, holding: 1..<2)
    #expect(!queues.rig.lifecycle.status.isHalted)
  }

  @Test func drainingAnswersWhatIsInFlightAndBeginsNothing() throws {
    let queues = try Queues(node: Self.slow(100))
    queues.bringRead(0, unique: 5, commitID: 50)
    usleep(20_000)
    #expect(queues.rig.lifecycle.drain(milliseconds: 5000))
    #expect(queues.nextCommand(milliseconds: 1)?.commit_id == 50)
    queues.bringRead(1, unique: 6, commitID: 60)
    #expect(queues.nextCommand(milliseconds: 50) == nil)
    // That one is the export's for good; the kernel ends it with the connection.
    end(queues, holding: 0..<1)
  }
}
