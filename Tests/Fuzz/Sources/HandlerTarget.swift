// Requests against an export whose node is memory: served for real, or answered as the input says.

import CLiburing
import CLinux
import Glibc
import Synchronization

@testable import ExportUnderTest

/// A slot, a node in memory and an event loop on the fuzzer's thread.
private final class MemoryExport {
  /// The node's length before each input.
  static let length: UInt64 = 1 << 20
  /// Where the memory ends: a request for more than that is the file's EFBIG.
  static let limit: UInt64 = 4 << 20

  private let node: Node
  private var view: NodeView
  private let loop: UnsafeMutablePointer<EventLoop>
  private let memory: Pages
  let slot: UnsafeMutablePointer<Slot>

  init() throws {
    let descriptor = clinux_memory_file(Int64(Self.length))
    precondition(descriptor >= 0)
    var size = rlimit(rlim_cur: rlim_t(Self.limit), rlim_max: rlim_t(Self.limit))
    signal(SIGXFSZ, SIG_IGN)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &size)
    node = try Node.file(FileNodeOptions(filename: ByteText("/proc/self/fd/\(descriptor)"), locking: .off))
    view = node.view
    loop = .allocate(capacity: 1)
    loop.initialize(to: try EventLoop(.auto))
    view.loop = loop
    view.file = try loop.pointee.addFile(view.leaf.pointee.fd)
    memory = try Pages(size: pageSize + Slot.payloadSpan(.usual))
    let payload = memory.start + pageSize
    slot = .allocate(capacity: 1)
    slot.initialize(
      to: Slot(
        at: slot, channel: memory.start, head: payload - DeviceFrame.prefix, payload: payload, limit: .usual))
  }

  /// The node as it was in the beginning: zeroes.
  func reset() {
    let descriptor = view.leaf.pointee.fd
    precondition(ftruncate(descriptor, 0) == 0 && ftruncate(descriptor, off_t(Self.length)) == 0)
    view.leaf.pointee.length.store(Self.length, ordering: .releasing)
  }

  var current: UInt64 { view.length }

  /// Drives the slot's operation to its answer; `results` take the place of the node's.
  func answer(_ state: borrowing ExportedFile, _ results: () -> Int32?) -> Outcome {
    var outcome = state.begin(slot, view)
    var steps = 0
    while outcome == .node {
      steps += 1
      precondition(steps < 10_000, "a request that its node always answers comes to its end")
      outcome = state.resume(slot, view, result: results() ?? run())
    }
    return outcome
  }

  private func run() -> Int32 {
    var progress = view.begin(slot.io)
    while true {
      switch progress {
      case .done(let result): return result
      case .blocked: preconditionFailure("nobody else holds a region")
      case .pending:
        loop.pointee.submit(waiting: true)
        for completion in loop.pointee.reap() { progress = view.resume(slot.io, result: completion.result) }
      }
    }
  }
}

nonisolated(unsafe) private let export: MemoryExport = {
  do { return try MemoryExport() } catch { fatalError("\(error)") }
}()

extension Operation {
  /// Whether a client says with it how long the file shall be, which a writable export of fixed size obeys too.
  fileprivate var namesLength: Bool {
    switch self {
    case .setAttributes, .fallocate: true
    default: false
    }
  }
}

/// Requests one after another: every request gets one answer, an errno of the kernel's range or a body that fits its
/// buffer; no WRITE or OPEN changes the size of an export of fixed size, and nothing that of one that may only be read.
@Sendable func handler(_ input: UnsafeRawBufferPointer) {
  guard input.count > 2 else { return }
  export.reset()
  let (isWritable, isGrowable) = (input[0] & 1 != 0, input[0] & 2 != 0)
  let injects = input[0] & 8 != 0
  let state = ExportedFile(
    isWritable: isWritable, isGrowable: isGrowable, allowsOthers: input[0] & 4 != 0, limit: .usual)
  let slot = export.slot
  var rest = input.dropFirst()
  while rest.count >= 2 {
    let length = min(Int(rest.first!), rest.count - 1)
    var frame = Array(rest.dropFirst().prefix(length))
    rest = rest.dropFirst(1 + length)
    // The length is the kernel's to get right; what follows is ours.
    if frame.count >= 4 { frame.replaceSubrange(0..<4, with: withUnsafeBytes(of: UInt32(frame.count), Array.init)) }
    let operation = frame.withUnsafeBytes { (try? DeviceFrame.parse($0))?.decode() }
    guard let operation else { continue }
    slot.pointee.operation = operation
    slot.pointee.error = 0
    let before = export.current
    let outcome = export.answer(state) {
      guard injects else { return nil }
      // A node moves what it was asked for, less, or fails.
      let byte = rest.popFirst() ?? 0
      let wanted = Int32(clamping: slot.io.pointee.length)
      return byte < 128 ? wanted - Int32(byte) % max(1, wanted) : -Int32(byte - 127)
    }
    if !isGrowable || !isWritable {
      precondition(export.current == before || (isWritable && operation.namesLength), "the size is fixed")
    }
    precondition(export.current <= MemoryExport.limit, "no longer than its memory")
    guard outcome == .reply else { continue }
    precondition(slot.pointee.error <= 0 && slot.pointee.error > -512, "an errno that the kernel takes")
    precondition(slot.pointee.replyLength >= 0 && slot.pointee.replyLength <= TransferLimit.usual.bytes)
    if slot.pointee.error == 0, case .read(_, let size) = operation {
      precondition(slot.pointee.replyLength <= Int(size), "no more than was asked for")
    }
  }
}
