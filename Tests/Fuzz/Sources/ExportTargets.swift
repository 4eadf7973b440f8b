// The export's side: what the kernel, a command line and a control socket bring.

import Glibc

@testable import ExportUnderTest

/// A request as /dev/fuse brings it is taken or refused; nothing behind its end is read.
@Sendable func deviceFrame(_ input: UnsafeRawBufferPointer) {
  guard let view = try? DeviceFrame.parse(input) else { return }
  _ = view.decode()
}

/// A ring entry's header block, as it stands when the entry completes.
@Sendable func ringFrame(_ input: UnsafeRawBufferPointer) {
  withUnsafeTemporaryAllocation(byteCount: RingFrame.size + 4096, alignment: 16) { block in
    block.initializeMemory(as: UInt8.self, repeating: 0)
    block.copyBytes(from: input.prefix(block.count))
    guard let (view, _) = try? RingFrame.parse(block.baseAddress!, room: 4096) else { return }
    _ = view.decode()
  }
}

/// Requests one after another against an export of nothing, whose node answers what the input says: every request gets
/// one answer, an errno of the kernel's range or a body that fits its buffer.
@Sendable func handler(_ input: UnsafeRawBufferPointer) {
  guard input.count > 2, let memory = try? Pages(size: pageSize + Slot.payloadSpan) else { return }
  let node = Node.null(size: 1 << 20, readZeroes: true, latency: 0, isReadOnly: false)
  let state = UnsafeMutablePointer<ExportState>.allocate(capacity: 1)
  state.initialize(
    to: ExportState(isWritable: input[0] & 1 != 0, isGrowable: input[0] & 2 != 0, allowsOthers: input[0] & 4 != 0))
  let payload = memory.start + pageSize
  let slot = UnsafeMutablePointer<Slot>.allocate(capacity: 1)
  slot.initialize(to: Slot(channel: memory.start, head: payload - DeviceFrame.prefix, payload: payload))
  defer {
    state.deinitialize(count: 1)
    state.deallocate()
    slot.deallocate()
  }
  var rest = input.dropFirst()
  while rest.count >= 2 {
    let length = min(Int(rest.first!), rest.count - 1)
    let frame = UnsafeRawBufferPointer(rebasing: rest.dropFirst().prefix(length))
    rest = rest.dropFirst(1 + length)
    guard let view = try? DeviceFrame.parse(frame), let operation = view.decode() else { continue }
    slot.pointee.operation = operation
    var outcome = state.pointee.begin(slot, node.view)
    var steps = 0
    while outcome == .node {
      steps += 1
      precondition(steps < 10_000, "a request that its node always answers comes to its end")
      // A node moves what it was asked for, less, or fails.
      let byte = rest.popFirst() ?? 0
      let wanted = Int32(clamping: slot.io.pointee.length)
      let result = byte < 128 ? wanted - Int32(byte) % (wanted &+ 1) : -Int32(byte - 127)
      outcome = state.pointee.resume(slot, node.view, result: result)
    }
    guard outcome == .reply else { continue }
    precondition(slot.pointee.error <= 0 && slot.pointee.error > -512, "an errno that the kernel takes")
    precondition(slot.pointee.replyLength >= 0 && slot.pointee.replyLength <= Negotiation.maxTransfer)
  }
}

/// The words of one option, `key=value,…` or JSON.
@Sendable func options(_ input: UnsafeRawBufferPointer) {
  _ = try? OptionValue.parse(ByteText(input), implied: "driver")
  _ = try? CommandLineOptions(input.split(separator: 0).map { ByteText($0) })
}

/// One JSON value.
@Sendable func json(_ input: UnsafeRawBufferPointer) { _ = try? JSONReader.value(Array(input)) }

/// A client's bytes on the control socket: whatever they are, each command gets one reply.
@Sendable func control(_ input: UnsafeRawBufferPointer) {
  var splitter = QMPFramer()
  var session = QMPSession()
  for piece in splitter.take(input) {
    _ = session.answer(piece) { _, arguments in .object(arguments) }
  }
}
