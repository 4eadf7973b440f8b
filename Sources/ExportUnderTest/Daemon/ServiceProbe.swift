// Whether an adopted mount is served by this process: asked as a client would.

import CLinux
import Glibc
import Synchronization

/// A thread that asks a mount for its attributes. Where no answer comes it stays: the kernel holds it until the
/// connection or the process ends.
final class ServiceProbe: Sendable {
  private let isAnswered = Atomic<Bool>(false)
  private let thread = Mutex<Thread?>(nil)

  init(_ path: ByteText) {
    let text = path.cString
    let made = try? Thread(name: "service-probe") { [self] in
      var status = clinux_status()
      if clinux_get_status(text, 1, &status) == 0 { isAnswered.store(true, ordering: .releasing) }
    }
    thread.withLock { $0 = made }
  }

  func wait(milliseconds: Int) -> Bool {
    for _ in 0..<milliseconds {
      if isAnswered.load(ordering: .acquiring) {
        thread.withLock { $0.take() }?.join()
        return true
      }
      usleep(1000)
    }
    return false
  }
}
