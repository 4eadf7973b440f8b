// What is fuzzed: everything that takes bytes from outside.

@testable import ExportUnderTest

/// Every fuzzer by its name.
let targets: [String: @Sendable (UnsafeRawBufferPointer) -> Void] = [
  "device-frame": deviceFrame
]

/// A request as /dev/fuse brings it: it is taken or refused, never read beyond its end.
@Sendable private func deviceFrame(_ input: UnsafeRawBufferPointer) {
  guard let view = try? DeviceFrame.parse(input) else { return }
  _ = view.decode()
}
