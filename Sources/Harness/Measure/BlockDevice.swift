// What people use in the place of FUSE for an image: a loop device of the kernel's, or NBD. References of a benchmark.

internal import CProbe
internal import Glibc
internal import Synchronization

/// An image served without FUSE, for the time of one sample.
struct BlockDevice: Sendable {
  /// What fio opens; nothing is there for NBD, which has a socket.
  let path: String
  /// The socket of the NBD server; nil for a loop device.
  let socket: String?
  /// What serves it, for people.
  let commandLine: String
  private let loop: LoopDevice?
  private let server: Child?

  /// The image `image` as `kind` serves it; nil for the image itself.
  /// - Throws: `SampleError` if it cannot be served, in one line with the way out; `Interrupted`.
  static func start(_ kind: Column.Kind, image: String, _ workspace: Workspace) async throws -> BlockDevice? {
    switch kind {
    case .raw, .export: return nil
    case .loop:
      let loop = try LoopDevice(image)
      return BlockDevice(
        path: loop.path, socket: nil, commandLine: "losetup --direct-io=on \(loop.path) \(image)", loop: loop,
        server: nil)
    case .nbd: return try await nbd(image, workspace)
    }
  }

  private static func nbd(_ image: String, _ workspace: Workspace) async throws -> BlockDevice {
    guard Programs.find("nbdkit") != nil else {
      throw SampleError(reason: "nbdkit is not installed; apt-get install nbdkit, or leave it out with --no-nbd")
    }
    let socket = workspace.file("nbd.sock")
    // nbdkit cannot read past the page cache; it drops from there what it has read or written.
    let command = Command(
      "nbdkit", ["--foreground", "--unix", socket, "file", image, "cache=none", "fadvise=random"])
    let server = try await Child.start(command, kind: .export)
    let deadline = ContinuousClock.now + .seconds(10)
    while access(socket, F_OK) != 0 {
      if let status = await server.status(within: .milliseconds(2)) {
        let said = await server.finish(within: .seconds(1)).outputBytes.firstLine.map { ": \($0)" } ?? ""
        throw SampleError(reason: "nbdkit ended before it served (\(status))\(said)")
      }
      guard ContinuousClock.now < deadline else {
        await server.terminate()
        throw SampleError(reason: "nbdkit does not serve within 10 s")
      }
    }
    return BlockDevice(path: "", socket: socket, commandLine: command.line, loop: nil, server: server)
  }

  /// Takes it apart.
  func stop() async {
    await server?.terminate()
    loop?.detach()
  }
}

/// A loop device of the kernel's on an image, past the page cache. It goes with the last descriptor of it, so that of a
/// harness that is killed nothing is left (LO_FLAGS_AUTOCLEAR, drivers/block/loop.c).
final class LoopDevice: Sendable {
  /// `/dev/loopN`.
  let path: String
  private let descriptor: Atomic<Int32>

  /// The next free device, on `image`.
  /// - Throws: `SampleError` if there is none, or none past the page cache.
  init(_ image: String) throws(SampleError) {
    var number: CInt = -1
    let descriptor = probe_loop_attach(image, &number)
    guard descriptor >= 0 else {
      throw SampleError(reason: "no loop device: \(Self.words(errno)); --no-loop leaves it out")
    }
    path = "/dev/loop\(number)"
    self.descriptor = Atomic(descriptor)
  }

  /// Takes it apart, at the latest when this value goes.
  func detach() {
    let open = descriptor.exchange(-1, ordering: .relaxed)
    if open >= 0 { close(open) }
  }

  deinit { detach() }

  private static func words(_ number: Int32) -> String {
    switch number {
    case ENOENT, ENXIO, ENODEV: "/dev/loop-control or the device it names is not there (modprobe loop)"
    case EACCES, EPERM: "/dev/loop-control cannot be opened by this user; run as root"
    case EOPNOTSUPP: "the kernel cannot serve the image past the page cache"
    default: String(cString: strerror(number))
    }
  }
}
