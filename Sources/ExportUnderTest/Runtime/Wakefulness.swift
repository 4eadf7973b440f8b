// Keeping the machine's idle processors awake while requests stream: on the way of a request through a disk three
// sleepers are woken (server, client, server again), and where waking a processor takes as long as the disk, half of
// its time is lost.

import CLinux
import Glibc
import Synchronization

/// Whether idle processors are kept from sleeping while an export is used.
enum KeepAwake: String, CaseIterable, Sendable {
  case on, off
  /// On where the processors are few beside the threads that serve: what is kept awake then has work most of the time.
  case auto

  /// Whether it is on for an export with `threads` iothreads on this machine.
  func applies(threads: Int) -> Bool {
    switch self {
    case .on: true
    case .off: false
    case .auto: Processors.online <= 2 * threads
    }
  }
}

/// Which requests of an export keep processors awake.
enum Awakening {
  case none, all
  /// All but where many wait that are answered at once: the later a thread wakes, the more of them it serves together.
  case unlessCrowded
}

/// The process's wish to the kernel that processors wake without delay (/dev/cpu_dma_latency). It stands from about a
/// millisecond after requests began to stream until some 20 ms after they ended; an idle export asks for nothing.
enum Wakefulness {
  /// Requests came since a thread of this file has looked. True before `start`, so that nobody is told.
  private static let recent = Atomic<Bool>(true)
  /// The keeper's eventfd; -1 before `start`.
  private static let bell = Atomic<Int32>(-1)
  private static let device = "/dev/cpu_dma_latency"

  /// A request came. Costs a look at memory that rarely changes.
  @inline(__always)
  static func note() {
    if !recent.load(ordering: .relaxed) { tell() }
  }

  private static func tell() {
    guard !recent.exchange(true, ordering: .relaxed) else { return }
    var one: UInt64 = 1
    _ = write(bell.load(ordering: .relaxed), &one, 8)
  }

  /// Starts the keeper, once for the process.
  /// - Throws: where processes without privilege must not ask for it, or the kernel does not offer it.
  static func start() throws(SystemError) {
    guard bell.load(ordering: .relaxed) < 0 else { return }
    // The wish ends with the descriptor: a process that is killed leaves nothing behind.
    let latency = try checked(
      clinux_open(device, 1, 0), "cannot open \(device)", remedy: "keep-awake=off, or run as root")
    let fd: Int32
    do {
      fd = try checked(clinux_eventfd(), "cannot make an eventfd")
    } catch {
      close(latency)
      throw error
    }
    setLatency(latency, none)
    bell.store(fd, ordering: .relaxed)
    var handle = pthread_t()
    let code = pthread_create(
      &handle, nil, keeperMain, UnsafeMutableRawPointer(bitPattern: UInt(latency) << 32 | UInt(fd)))
    guard code == 0 else { throw SystemError("cannot start the thread that keeps processors awake", code: code) }
    pthread_detach(handle)
    recent.store(false, ordering: .relaxed)
  }

  /// What the kernel itself takes for no wish (PM_QOS_CPU_LATENCY_DEFAULT_VALUE), in µs.
  private static let none: Int32 = 2_000_000_000

  private static func setLatency(_ fd: Int32, _ microseconds: Int32) {
    var value = microseconds
    _ = write(fd, &value, 4)
  }

  /// Waits for requests, and looks now and then whether more have come. Never returns.
  fileprivate static func keep(latency: Int32, bell: Int32) -> Never {
    while true {
      var request = pollfd(fd: bell, events: Int16(POLLIN), revents: 0)
      while poll(&request, 1, -1) < 0 {}
      // A single request now and then is not worth the wish.
      guard cameWithin(1000, bell) else { continue }
      setLatency(latency, 0)
      while cameWithin(20_000, bell) {}
      setLatency(latency, none)
    }
  }

  /// Whether a request came during the next `microseconds`.
  private static func cameWithin(_ microseconds: UInt32, _ bell: Int32) -> Bool {
    var count: UInt64 = 0
    _ = read(bell, &count, 8)
    recent.store(false, ordering: .relaxed)
    usleep(microseconds)
    return recent.load(ordering: .relaxed)
  }
}

// A C entry point: a closure would inherit the actor of whoever calls pthread_create.
private func keeperMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let words = UInt(bitPattern: argument)
  clinux_set_thread_name("keep-awake")
  Wakefulness.keep(latency: Int32(words >> 32), bell: Int32(words & 0xFFFF_FFFF))
}
