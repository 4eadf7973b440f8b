// How other threads ask a serving thread for something: letters, and an fd that wakes it.

import CLinux
import Glibc
import Synchronization

/// A thread's mailbox. Letters are run by the thread, in order, between requests.
final class Mailbox: Sendable {
  typealias Letter = @Sendable (inout ServingThread) -> Void

  /// Readable when there is a letter or a reason to look (RegionLocks and DeviceWatch write here too).
  let fd: Int32
  private let letters = Mutex<[Letter]>([])
  private let hasLetters = Atomic<Bool>(false)

  init() throws(SystemError) {
    fd = try checked(clinux_eventfd(), "cannot make an eventfd")
  }

  deinit { close(fd) }

  func post(_ letter: @escaping Letter) {
    letters.withLock { $0.append(letter) }
    hasLetters.store(true, ordering: .sequentiallyConsistent)
    var one: UInt64 = 1
    _ = write(fd, &one, 8)
  }

  /// Makes the fd quiet; whether there are letters to take. Without them nothing is locked and counted.
  @inline(__always)
  func hush() -> Bool {
    var count: UInt64 = 0
    _ = read(fd, &count, 8)
    return hasLetters.exchange(false, ordering: .sequentiallyConsistent)
  }

  /// The letters so far.
  func take() -> [Letter] {
    letters.withLock { letters in
      defer { letters = [] }
      return letters
    }
  }
}
