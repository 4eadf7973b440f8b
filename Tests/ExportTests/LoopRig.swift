// A serving loop without mount and root: a pair of sockets that speaks as /dev/fuse does, one datagram a request and
// one a reply, and the test on the kernel's side of it.

import CKernelStandIn
import Glibc
import Testing

@testable import ExportUnderTest

/// A reply as the kernel would get it.
struct LoopReply: Equatable {
  let unique: UInt64
  /// 0 or a positive errno.
  let code: Int32
  let body: [UInt8]
}

/// An export whose threads run, on one device or with one beside stand-ins for ring queues.
final class LoopRig {
  let lifecycle: ExportLifecycle
  let threads: [IOThread]
  let node: Node
  /// The kernel's side of the device.
  private let kernel: Int32
  /// The export's side, and its copies for further threads.
  let devices: [Int32]
  private var isFinished = false

  init(
    _ transport: ExportUnderTest.Transport = .legacy, loop: EventLoopChoice, threads count: Int = 1, depth: Int = 4,
    node: Node = .null(size: 1 << 20, readZeroes: true, latency: 0, isReadOnly: false), pollLimit: UInt64 = 0,
    queues: Int = 1, trace: RequestTrace? = nil, limit: TransferLimit = .usual
  ) throws {
    var ends: [Int32] = [-1, -1]
    try #require(socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, &ends) == 0)
    _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
    kernel = ends[0]
    let copies = transport == .multithread ? count - 1 : 0
    devices = [ends[1]] + (0..<copies).map { _ in dup(ends[1]) }
    self.node = node
    let tuning = ThreadTuning(pollLimit: pollLimit, eventLoop: loop)
    let pollers = PollerLimit(maximum: 1)
    threads = try (0..<count).map { try IOThread(name: "loop-\($0)", tuning: tuning, pollers: pollers) }
    lifecycle = try ExportLifecycle(
      transport: transport, threads: threads, depth: depth,
      file: ExportedFile(isWritable: true, isGrowable: false, allowsOthers: false, limit: limit),
      node: node.view, trace: trace, possibleCPUs: queues)
    try lifecycle.prepare()
  }

  /// Ends everything as an export's stop does; what the kernel still has would be the test's fault.
  deinit {
    if !isFinished { _ = finish() }
    for thread in threads { thread.stop() }
    for fd in devices {
      standin_forget(fd)
      close(fd)
    }
    close(kernel)
  }

  /// Sends INIT, and has the export begin to serve.
  func open() throws {
    send(Self.initialization(unique: 2))
    try lifecycle.open(device: devices[0], clones: Array(devices.dropFirst()), fusectlDirectory: -1)
    let reply = try #require(receive())
    #expect(reply.unique == 2 && reply.code == 0)
  }

  /// Takes the connection over from a server that has answered INIT.
  func adopt() throws {
    try lifecycle.open(device: devices[0], clones: Array(devices.dropFirst()), fusectlDirectory: -1, isAdopted: true)
  }

  /// The connection is gone; whether everything came back.
  func finish(milliseconds: Int = 5000) -> Bool {
    isFinished = true
    return lifecycle.finish(milliseconds: milliseconds)
  }

  // MARK: The kernel's side

  func send(_ bytes: [UInt8]) {
    #expect(Glibc.send(kernel, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
  }

  /// The next reply; nil when none comes within `milliseconds`.
  func receive(milliseconds: Int32 = 5000) -> LoopReply? {
    var request = pollfd(fd: kernel, events: Int16(POLLIN), revents: 0)
    guard poll(&request, 1, milliseconds) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 2 << 20)
    let count = recv(kernel, &bytes, bytes.count, 0)
    guard count >= 16 else { return nil }
    return bytes.withUnsafeBytes {
      #expect($0.load(as: UInt32.self) == UInt32(count), "a reply says its length")
      return LoopReply(
        unique: $0.load(fromByteOffset: 8, as: UInt64.self), code: -$0.load(fromByteOffset: 4, as: Int32.self),
        body: Array($0[16..<count]))
    }
  }

  /// Sends a READ of `size` bytes at `offset`.
  func sendRead(_ unique: UInt64, offset: UInt64 = 0, size: UInt32 = 512) {
    send(Self.request(15, unique: unique, Self.words([0, offset]) + Self.halves([size, 0, 0, 0, 0, 0])))
  }

  /// Reads once, to show that the export serves.
  func serves(_ unique: UInt64 = 4000, milliseconds: Int32 = 5000) -> Bool {
    sendRead(unique)
    guard let reply = receive(milliseconds: milliseconds) else { return false }
    return reply.unique == unique && reply.code == 0 && reply.body.count == 512
  }

  /// Waits until the status says what is expected.
  func comes(_ condition: (ExportStatus) -> Bool) -> Bool {
    for _ in 0..<5000 {
      if condition(lifecycle.status) { return true }
      usleep(1000)
    }
    return false
  }

  // MARK: Bytes (include/uapi/linux/fuse.h)

  /// fuse_in_header, 40 bytes, and what follows; `length` is what it says of itself.
  static func request(_ opcode: UInt32, unique: UInt64, _ arguments: [UInt8] = [], length: Int? = nil) -> [UInt8] {
    halves([UInt32(length ?? 40 + arguments.count), opcode]) + words([unique, 1]) + halves([0, 0, 77, 0]) + arguments
  }

  static func initialization(unique: UInt64, minor: UInt32 = 45) -> [UInt8] {
    request(
      26, unique: unique, halves([7, minor, 131_072, 0xFFFF_FFFF, 0xFFFF_FFFF]) + [UInt8](repeating: 0, count: 44))
  }

  static func write(unique: UInt64, offset: UInt64, _ data: [UInt8], flags: UInt32 = 0) -> [UInt8] {
    request(
      16, unique: unique,
      words([0, offset]) + halves([UInt32(data.count), 0]) + words([0]) + halves([flags, 0]) + data)
  }

  static func words(_ values: [UInt64]) -> [UInt8] { values.flatMap { bytes($0) } }
  static func halves(_ values: [UInt32]) -> [UInt8] { values.flatMap { bytes($0) } }
  private static func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}

/// The event loops that this machine has.
let eventLoops: [EventLoopChoice] = TestMachine.hasRing ? [.ioUring, .epoll] : [.epoll]
