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
