// The floor: the least that a server of one file can do per request, in each transport. It keeps no data.

import CFuseKernel
import CLinux
import Glibc

/// What the floor is asked for.
struct FloorOptions {
  /// How requests come.
  enum Transport: String { case legacy, multithread, io_uring }

  var transport = Transport.legacy
  var path = ""
  var threads = 1
  var size: UInt64 = 1 << 30
  /// Ring entries per queue.
  var depth = 64
  /// Nanoseconds that a thread looks for work before it sleeps.
  var spin: Int64 = 0
  var pidfile: String?

  /// `floor TRANSPORT FILE [threads=N] [size=BYTES] [depth=N] [spin=MICROSECONDS] [pidfile=PATH]`; nil if that is not
  /// what `words` say.
  init?(_ words: [String]) {
    guard words.count >= 2, let transport = Transport(rawValue: words[0]) else { return nil }
    self.transport = transport
    path = words[1]
    for word in words.dropFirst(2) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { return nil }
      let number = Int(parts[1])
      switch (parts[0], number) {
      case ("threads", let count?) where (0...64).contains(count): threads = max(1, count)
      case ("size", let bytes?) where bytes > 0: size = UInt64(bytes)
      case ("depth", let entries?) where (1...1024).contains(entries): depth = entries
      case ("spin", let micros?) where (0...1_000_000).contains(micros): spin = Int64(micros) * 1000
      case ("pidfile", _): pidfile = String(parts[1])
      default: return nil
      }
    }
    if transport == .legacy { threads = 1 }
  }
}

/// Why the floor cannot serve; one line.
struct FloorError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }

  /// What `step` failed with.
  init(_ step: String, errno number: Int32) { self.init("\(step): \(String(cString: strerror(number)))") }
}

/// Serves until SIGTERM, SIGINT or SIGHUP, then unmounts; the result is the exit status.
package func floorMain(_ words: [String]) -> Int32 {
  do {
    guard let options = FloorOptions(words) else {
      throw FloorError(
        "usage: floor legacy|multithread|io_uring FILE [threads=N] [size=BYTES] [depth=N] [spin=MICROSECONDS] "
          + "[pidfile=PATH]")
    }
    try serve(options)
    return 0
  } catch {
    let line = "floor: \(error)\n"
    _ = write(2, line, line.utf8.count)
    return 1
  }
}

private func serve(_ options: FloorOptions) throws {
  // Blocked before any thread is made: the signals are for the wait below alone.
  var signals = sigset_t()
  sigemptyset(&signals)
  for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&signals, signal) }
  pthread_sigmask(SIG_BLOCK, &signals, nil)
  let device = open("/dev/fuse", O_RDWR | O_CLOEXEC)
  guard device >= 0 else { throw FloorError("/dev/fuse", errno: errno) }
  let words =
    "fd=\(device),rootmode=100000,user_id=0,group_id=0,allow_other,default_permissions,max_read=\(Answer.maxTransfer)"
  guard mount("floor", options.path, "fuse", UInt(MS_NOSUID | MS_NODEV | MS_NOATIME), words) == 0 else {
    throw FloorError("mount on \(options.path)", errno: errno)
  }
  do {
    try Answer.negotiate(device, ring: options.transport == .io_uring)
    try start(options, device)
    if let pidfile = options.pidfile { try writePidfile(pidfile) }
  } catch {
    _ = clinux_unmount(options.path, .detach)
    throw error
  }
  var signal: Int32 = 0
  while sigwait(&signals, &signal) != 0 {}
  _ = clinux_unmount(options.path, .detach)
  if let pidfile = options.pidfile { unlink(pidfile) }
}

/// Starts the threads that serve.
private func start(_ options: FloorOptions, _ device: Int32) throws {
  switch options.transport {
  case .legacy, .multithread:
    let (turn, size, spin) = (Turn(), options.size, options.spin)
    for index in 0..<options.threads {
      let waiting = index == 0 ? device : try clone(device, waits: true)
      let files = DeviceFiles(waiting: waiting, looking: spin > 0 ? try clone(device, waits: false) : -1)
      try spawn { serveDevice(files, size: size, spin: spin, turn: turn) }
    }
  case .io_uring:
    let queues = sysconf(Int32(_SC_NPROCESSORS_CONF))
    for thread in 0..<min(options.threads, queues) {
      let own = stride(from: thread, to: queues, by: options.threads).map { $0 }
      try spawn { serveRing(device, queues: own, options) }
    }
  }
}

/// Another descriptor of the connection of `device`, whose reads wait for a request or do not.
private func clone(_ device: Int32, waits: Bool) throws -> Int32 {
  let own = clinux_clone_fuse_device(device)
  guard own >= 0 else { throw FloorError("cloning /dev/fuse", errno: -own) }
  let flags = fcntl(own, F_GETFL)
  guard flags >= 0, fcntl(own, F_SETFL, waits ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) == 0 else {
    throw FloorError("a clone of /dev/fuse", errno: errno)
  }
  return own
}

private final class Job {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func spawn(_ body: @escaping @Sendable () -> Void) throws {
  var thread = pthread_t()
  let job = Unmanaged.passRetained(Job(body))
  let result = pthread_create(
    &thread, nil,
    { pointer in
      Unmanaged<Job>.fromOpaque(pointer!).takeRetainedValue().body()
      return nil
    }, job.toOpaque())
  guard result == 0 else { throw FloorError("pthread_create", errno: result) }
}

private func writePidfile(_ path: String) throws {
  let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
  guard file >= 0 else { throw FloorError(path, errno: errno) }
  defer { close(file) }
  let text = "\(getpid())\n"
  guard write(file, text, text.utf8.count) == text.utf8.count else { throw FloorError(path, errno: errno) }
}
