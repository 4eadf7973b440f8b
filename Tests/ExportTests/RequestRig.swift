// A slot, a node and a ring on the test's own thread: drives operations to their answers without a mount.

import CLiburing
import Glibc
import Synchronization

@testable import ExportUnderTest

/// What a request was answered.
enum Answer: Equatable {
  /// A positive errno.
  case failed(Int32)
  case replied([UInt8])
  case silent

  static let done = Answer.replied([])
  static func wrote(_ count: UInt32) -> Answer { .replied(body { Reply.written(count, into: $0) }) }
  static func position(_ offset: UInt64) -> Answer { .replied(body { Reply.position(offset, into: $0) }) }
  static let opened = Answer.replied(body { Reply.opened(into: $0) })

  /// The size and the mode in an attribute reply; nil when this is none.
  var attributes: (size: UInt64, mode: UInt32, seconds: UInt64)? {
    guard case .replied(let bytes) = self, bytes.count == 104 else { return nil }
    return bytes.withUnsafeBytes {
      (
        $0.loadUnaligned(fromByteOffset: 24, as: UInt64.self),
        $0.loadUnaligned(fromByteOffset: 76, as: UInt32.self),
        $0.loadUnaligned(fromByteOffset: 0, as: UInt64.self)
      )
    }
  }
}

/// One slot of one export. Everything happens on the thread that made it, as the ring wants it.
final class RequestRig {
  let node: Node
  private(set) var view: NodeView
  private let loop: UnsafeMutablePointer<EventLoop>
  private let memory: Pages
  let state: UnsafeMutablePointer<ExportedFile>
  let slot: UnsafeMutablePointer<Slot>

  /// What the node was asked for since the last answer began.
  private(set) var steps: [NodeRequest.Kind] = []
  /// Results that take the place of the node's own, in turn; the node is not asked then.
  var injected: [Int32] = []

  init(
    _ node: Node, writable: Bool = true, growable: Bool = false, allowsOthers: Bool = false,
    limit: TransferLimit = .usual, loop choice: EventLoopChoice = .auto
  ) throws {
    self.node = node
    view = node.view
    let made = try EventLoop(choice)
    loop = .allocate(capacity: 1)
    loop.initialize(to: made)
    view.loop = loop
    if view.leaf.pointee.fd >= 0 { view.file = try loop.pointee.addFile(view.leaf.pointee.fd) }
    if view.leaf.pointee.bufferedFD >= 0 {
      view.bufferedFile = try loop.pointee.addFile(view.leaf.pointee.bufferedFD)
    }
    memory = try Pages(size: pageSize + Slot.payloadSpan(limit))
    let payload = memory.start + pageSize
    slot = .allocate(capacity: 1)
    slot.initialize(
      to: Slot(at: slot, channel: memory.start, head: payload - DeviceFrame.prefix, payload: payload, limit: limit))
    slot.pointee.pid = 100
    state = .allocate(capacity: 1)
    state.initialize(
      to: ExportedFile(isWritable: writable, isGrowable: growable, allowsOthers: allowsOthers, limit: limit))
  }

  deinit {
    slot.deallocate()
    loop.deinitialize(count: 1)
    loop.deallocate()
    state.deinitialize(count: 1)
    state.deallocate()
  }

  var payload: UnsafeMutableRawPointer { slot.pointee.payload }
  var length: UInt64 { view.length }
  /// The length that the kernel was told last, or came to by itself.
  func kernelRemembers(_ length: UInt64) { state.pointee.kernelSize.store(length, ordering: .relaxed) }

  /// The times that GETATTR tells.
  var times: FileTimes? {
    guard case .replied(let bytes) = answer(.getAttributes), bytes.count == 104 else { return nil }
    return bytes.withUnsafeBytes { bytes in
      func time(_ seconds: Int, _ nanoseconds: Int) -> timespec {
        timespec(
          tv_sec: bytes.loadUnaligned(fromByteOffset: 16 + seconds, as: Int.self),
          tv_nsec: Int(bytes.loadUnaligned(fromByteOffset: 16 + nanoseconds, as: UInt32.self)))
      }
      return FileTimes(access: time(24, 48), modification: time(32, 52), change: time(40, 56))
    }
  }

  var mode: UInt32 { state.pointee.mode.load(ordering: .relaxed) }
  var uid: UInt32 { state.pointee.uid.load(ordering: .relaxed) }
  var opened: Int { state.pointee.opened.load(ordering: .relaxed) }
  var gid: UInt32 { state.pointee.gid.load(ordering: .relaxed) }

  // MARK: Requests

  /// Drives `operation` to its answer.
  func answer(_ operation: ExportUnderTest.Operation, pid: UInt32 = 100) -> Answer {
    steps = []
    slot.pointee.operation = operation
    slot.pointee.pid = pid
    var outcome = state.pointee.begin(slot, view)
    while outcome == .node {
      steps.append(slot.io.pointee.kind)
      let result = injected.isEmpty ? runNode() : injected.removeFirst()
      outcome = state.pointee.resume(slot, view, result: result)
    }
    if outcome == .noReply { return .silent }
    if slot.pointee.error != 0 { return .failed(-slot.pointee.error) }
    return .replied(Array(UnsafeRawBufferPointer(start: payload, count: slot.pointee.replyLength)))
  }

  func read(_ offset: UInt64, _ size: UInt32) -> Answer { answer(.read(offset: offset, size: size)) }

  /// Writes `bytes` as a WRITE request does: from the payload.
  func write(_ offset: UInt64, _ bytes: [UInt8], flags: Int32 = 0, pid: UInt32 = 100) -> Answer {
    payload.copyMemory(from: bytes, byteCount: bytes.count)
    return answer(.write(offset: offset, size: UInt32(bytes.count), flags: UInt32(flags)), pid: pid)
  }

  func fallocate(_ mode: Int32, _ offset: UInt64, _ length: UInt64) -> Answer {
    answer(.fallocate(offset: offset, length: length, mode: UInt32(mode)))
  }

  func change(
    _ valid: AttributeBits, size: UInt64 = 0, mode: UInt32 = 0, uid: UInt32 = 0, gid: UInt32 = 0, pid: UInt32 = 100
  ) -> Answer {
    let change = AttributeChange(valid: valid, size: size, mode: mode, uid: uid, gid: gid)
    return answer(.setAttributes(change), pid: pid)
  }

  // MARK: Node operations alone

  /// Runs one node operation from and to the payload, without the rules of an export.
  func run(_ kind: NodeRequest.Kind, _ offset: UInt64 = 0, _ length: UInt64 = 0) -> Int32 {
    prepare(kind, offset, length)
    return runNode()
  }

  /// A truncation is given its new length as `offset`.
  private func prepare(_ kind: NodeRequest.Kind, _ offset: UInt64, _ length: UInt64) {
    _ = kind == .truncate ? slot.prepareTruncate(to: offset) : slot.prepare(kind, offset: offset, length: length)
  }

  /// Begins the prepared operation; what a serving thread would do next.
  func begin(_ kind: NodeRequest.Kind, _ offset: UInt64 = 0, _ length: UInt64 = 0) -> Progress {
    prepare(kind, offset, length)
    return view.begin(slot.io)
  }

  /// Carries a begun operation one completion further.
  func step() -> Progress {
    loop.pointee.submit(waiting: true)
    var progress = Progress.pending
    for completion in loop.pointee.reap() {
      progress = view.resume(slot.io, result: completion.result)
    }
    return progress
  }

  /// The same, without waiting for it.
  func poll() -> Progress {
    loop.pointee.submit(waiting: false)
    loop.pointee.runTaskWork()
    var progress = Progress.pending
    for completion in loop.pointee.reap() { progress = view.resume(slot.io, result: completion.result) }
    return progress
  }

  private func runNode() -> Int32 {
    var progress = view.begin(slot.io)
    while true {
      switch progress {
      case .done(let result): return result
      case .blocked: return -EDEADLK
      case .pending: progress = step()
      }
    }
  }
}

extension FileTimes: Equatable {
  private var all: [Int64] { [access, modification, change].map(\.nanoseconds) }
  static func == (left: FileTimes, right: FileTimes) -> Bool { left.all == right.all }
}
