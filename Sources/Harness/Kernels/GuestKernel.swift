// A kernel that this machine can boot beside its own: a folder with a program that boots it.

import Foundation
import Glibc

/// Another kernel could not be used.
package struct GuestKernelError: Error, CustomStringConvertible, Sendable {
  /// The kernel's folder.
  package let folder: String
  /// What is wrong, and the way out.
  package let message: String
  /// Both, in one line.
  package var description: String { "kernel \(folder): \(message)" }
}

/// A kernel in a folder.
///
/// The folder holds `boot`, which is called with the path of the first process and that of a disk; it runs the kernel
/// with this machine's root file system, its console on standard output, and ends when the kernel halts. Modules
/// stand in `modules/`, loaded in the order of their names. `scenarios/kernels/` has scripts that make such folders.
package struct GuestKernel: Sendable, Equatable {
  /// The folder's absolute path.
  package let folder: String

  /// The program that boots it.
  var boot: String { "\(folder)/boot" }

  /// Its modules, in the order in which they are loaded.
  var modules: [String] {
    SystemFile.names("\(folder)/modules").filter { $0.utf8.reversed().starts(with: ".ko".utf8.reversed()) }
      .map { "\(folder)/modules/\($0)" }
  }

  /// The kernel in the folder `path`.
  /// - Throws: `GuestKernelError` if there is none.
  package init(folder path: String) throws {
    folder = URL(fileURLWithPath: path).path
    var status = stat()
    let isProgram = stat("\(folder)/boot", &status) == 0 && status.st_mode & S_IFMT == S_IFREG
    guard isProgram, access("\(folder)/boot", X_OK) == 0 else {
      throw GuestKernelError(
        folder: path, message: "has no program 'boot'; set it up: sh scenarios/kernels/uml.sh \(path)")
    }
  }

  /// Bytes of the disk that the kernel's work folders lie on; it is sparse.
  private static let diskSize: Int64 = 16 << 30

  /// Makes a new ext4 file system in the file `path`.
  func makeDisk(at path: String) async throws {
    try ImagePlan(size: Self.diskSize, fill: .hole).make(at: path)
    // e2fsprogs keeps it where users do not look.
    let program = Programs.find("mkfs.ext4") ?? Programs.find("/sbin/mkfs.ext4") ?? "mkfs.ext4"
    let done = try await Command(program, ["-q", "-F", path]).run(within: .seconds(60))
    guard done.status.isSuccess else {
      throw GuestKernelError(folder: folder, message: "its disk cannot be made: \(done.output)")
    }
  }

  /// The script that is the kernel's first process: it mounts what a system has, runs `command`, and halts.
  static func firstProcess(command: [String], disk: String) -> String {
    """
    #!/bin/sh
    # The first process of a kernel that fusebench has booted.
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
    export PATH HOME
    mount -t proc proc /proc
    mount -t sysfs sysfs /sys
    mountpoint -q /dev || mount -t devtmpfs devtmpfs /dev
    ln -s /proc/self/fd /dev/fd
    ln -s /proc/self/fd/0 /dev/stdin
    ln -s /proc/self/fd/1 /dev/stdout
    ln -s /proc/self/fd/2 /dev/stderr
    mkdir -p /dev/shm /dev/pts
    mount -t tmpfs tmpfs /dev/shm
    mount -t devpts devpts /dev/pts
    mount -t tmpfs tmpfs /run
    for disk in /dev/ubda /dev/vda; do
      [ ! -b $disk ] || mount -t ext4 $disk \(TextFormat.shellLine([disk]))
    done
    TMPDIR=\(TextFormat.shellLine([disk]))
    export TMPDIR
    cd /
    \(TextFormat.shellLine(command)) < /dev/null
    sync
    echo o > /proc/sysrq-trigger
    sleep 60

    """
  }
}
