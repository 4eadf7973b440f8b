// Getting rid of a FUSE mount whose server does not answer, without ever touching the mount itself.

import Glibc

/// Clean-up of FUSE mounts by their connection.
enum FuseConnection {
  static let controlFolder = "/sys/fs/fuse/connections"

  /// Aborts the connection of each FUSE mount at `path`: every waiting client gets an error at once.
  static func abortAll(at path: String) { abortAll(at: ByteText(path)) }

  /// The same where the path is one of the mount table's.
  static func abortAll(at path: ByteText) {
    let minors = MountTable.entries(at: path).filter { $0.type.begins(with: "fuse") }.map(\.minor)
    guard !minors.isEmpty else { return }
    mountControlFileSystem()
    for minor in minors { write("1", to: "\(controlFolder)/\(minor)/abort") }
  }

  /// The number of the connection of the topmost FUSE mount at `path`; nil if there is none.
  static func number(at path: String) -> UInt64? {
    MountTable.entries(at: path).last { $0.type.begins(with: "fuse") }.flatMap { UInt64($0.minor) }
  }

  /// Requests that are under way on the connection called `number`; nil where the kernel does not say.
  static func waiting(on number: UInt64) -> Int? {
    mountControlFileSystem()
    return SystemFile.word("\(controlFolder)/\(number)/waiting").flatMap { Int($0) }
  }

  /// Detaches each mount at `path`, a place of ours: whatever a subject has mounted there, also by a bind. Abort
  /// before: umount2 can block while a server holds requests.
  static func detachAll(at path: String) { detachAll(at: ByteText(path)) }

  /// The same where the path is one of the mount table's.
  static func detachAll(at path: ByteText) {
    let name = path.bytes.map { CChar(bitPattern: $0) } + [0]
    // Mounts can be stacked; each call takes the topmost off. The bound is against a mount that will not go.
    for _ in 0..<16 where !MountTable.entries(at: path).isEmpty {
      if umount2(name, CInt(MNT_DETACH)) != 0 { return }
    }
  }

  /// Takes off whatever is mounted below the folder `folder`, which is ours. Whether nothing is left there: only then
  /// may the folder be removed, since removing reaches into what is mounted, which may be anybody's files.
  static func clear(below folder: String) -> Bool {
    for path in MountTable.entries(below: folder).map(\.path).reversed() {
      abortAll(at: path)
      detachAll(at: path)
    }
    return MountTable.entries(below: folder).isEmpty
  }

  /// What the kernel shows of each FUSE mount at `path` and its connection, a line each.
  static func state(at path: String) -> String {
    let mounts = MountTable.entries(at: path).filter { $0.type.begins(with: "fuse") }
    guard !mounts.isEmpty else { return "no mount at the mount point" }
    mountControlFileSystem()
    return mounts.map { mount in
      let numbers = ["waiting", "max_background", "congestion_threshold"].map { name in
        "\(name) \(SystemFile.word("\(controlFolder)/\(mount.minor)/\(name)") ?? "unreadable")"
      }
      return "connection \(mount.minor): \(numbers.joined(separator: ", ")), \(mount.options.joined(separator: ","))"
    }.joined(separator: "\n")
  }

  private static func mountControlFileSystem() {
    if MountTable.entries(at: controlFolder).isEmpty {
      _ = mount("fusectl", controlFolder, "fusectl", 0, nil)
    }
  }

  private static func write(_ text: String, to path: String) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = text.withCString { Glibc.write(descriptor, $0, strlen($0)) }
    close(descriptor)
  }
}
