// Faults put here on purpose: a sanitizer that does not report them would not report the export's either.

import Glibc

nonisolated(unsafe) private var shared = 0

/// Two threads change a word that nothing guards.
private func race() {
  var threads = (pthread_t(), pthread_t())
  let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { _ in
    // Both are there at once: of a thread that has ended ThreadSanitizer may have forgotten what it did.
    for _ in 0..<1000 {
      shared &+= 1
      usleep(50)
    }
    return nil
  }
  pthread_create(&threads.0, nil, body, nil)
  pthread_create(&threads.1, nil, body, nil)
  pthread_join(threads.0, nil)
  pthread_join(threads.1, nil)
}

/// A byte behind the end of what was allocated is read.
private func overrun() {
  let bytes = UnsafeMutablePointer<UInt8>.allocate(capacity: 16)
  bytes.initialize(repeating: 1, count: 16)
  shared = Int(bytes[Int(CommandLine.argc) + 15])
  bytes.deallocate()
}

switch CommandLine.arguments.dropFirst().first {
case "thread": race()
case "address": overrun()
default: exit(2)
}
