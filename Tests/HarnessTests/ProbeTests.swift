// The probe language, on an ordinary file: what the kernel itself answers.

import Foundation
import Harness
import Testing

@Suite struct ProbeTests {
  private func run(_ script: String) throws -> [String] {
    let workspace = try Workspace(label: "probe-test")
    defer { workspace.remove() }
    let path = workspace.file("file")
    try Data(count: 8192).write(to: URL(fileURLWithPath: path))
    var machine = ProbeMachine(export: path, image: path)
    var lines: [String] = []
    try machine.run(script) { lines.append($0) }
    return lines
  }

  @Test func vectorsAndMappings() throws {
    let lines = try run(
      """
      open rw
      pwritev 10 3 5 0xab
      preadv 8 2 10
      mmap shared 8k
      load 0 30
      store 4096 10 0xcd
      msync
      pread 4k 12
      mmap private 8k
      store 0 4 0x01
      load 8k 1
      pread 0 12
      """)
    #expect(
      lines == [
        "open rw = ok",
        "pwritev 10 3 5 0xab = 15 bytes",
        "preadv 8 2 10 = 20 bytes: 2 × zero, 15 × 0xab, 3 × zero",
        "mmap shared 8k = ok",
        "load 0 30 = 30 bytes: 10 × zero, 15 × 0xab, 5 × zero",
        "store 4096 10 0xcd = 10 bytes",
        "msync = ok",
        "pread 4k 12 = 12 bytes: 10 × 0xcd, 2 × zero",
        "mmap private 8k = ok",
        "store 0 4 0x01 = 4 bytes",
        "load 8k 1 = not mapped",
        "pread 0 12 = 12 bytes: 10 × zero, 2 × 0xab",
      ])
  }

  @Test func aSession() throws {
    let lines = try run(
      """
      pread 0 1
      open rw
      pwrite 100 3 0xab
      pread 98 8k
      pwrite 4k 4k pattern
      pread 4000 8k
      ftruncate 1M
      stat size type
      lseek end 0
      fallocate keep-size,punch-hole 0 4k
      pread 0 4096
      lseek data 2M
      chmod 0640
      stat mode
      fsync
      open ro append
      write 1 0x01
      close
      close
      """)
    #expect(
      lines == [
        "pread 0 1 = EBADF", "open rw = ok", "pwrite 100 3 0xab = 3 bytes",
        "pread 98 8k = 8094 bytes: 2 × zero, 3 × 0xab, 8089 × zero", "pwrite 4k 4k pattern = 4096 bytes",
        "pread 4000 8k = 4192 bytes: 96 × zero, 4096 × pattern", "ftruncate 1M = ok",
        "stat size type = size 1048576, type regular", "lseek end 0 = 1048576",
        "fallocate keep-size,punch-hole 0 4k = ok", "pread 0 4096 = 4096 bytes: zero",
        "lseek data 2M = ENXIO",
        "chmod 0640 = ok", "stat mode = mode 0640", "fsync = ok", "open ro append = ok",
        "write 1 0x01 = EBADF",
        "close = ok", "close = EBADF",
      ])
  }

  @Test func manyPiecesBecomeAChecksum() throws {
    let writes = (0..<10).map { "pwrite \($0 * 2) 1 \($0 + 1)" }.joined(separator: "\n")
    let lines = try run("open rw\n\(writes)\npread 0 4k")
    #expect(lines.last?.hasPrefix("pread 0 4k = 4096 bytes: mixed, checksum ") == true)
  }

  @Test(arguments: [
    "open", "open rw ro", "pwrite 0 1", "pwrite 0 1 0x1ff", "pread x 1", "stat colour", "chmod 9", "",
  ])
  func aLineThatCannotBeReadIsAFault(_ line: String) {
    #expect(throws: ProbeCall.LineError.self) { try ProbeCall(line) }
  }
}
