// What libFuzzer calls, once with its words and then for every input.

import Glibc

/// The target that FUZZ_TARGET names.
nonisolated(unsafe) private var target: (UnsafeRawBufferPointer) -> Void = { _ in }

@_cdecl("LLVMFuzzerInitialize")
func initialize(
  _ count: UnsafeMutablePointer<Int32>,
  _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> Int32 {
  let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
  guard let chosen = targets[name] else {
    let line = "fuzz: FUZZ_TARGET must be one of: \(targets.keys.sorted().joined(separator: " "))\n"
    write(2, line, line.utf8.count)
    exit(2)
  }
  target = chosen
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  target(UnsafeRawBufferPointer(start: start, count: count))
  return 0
}
