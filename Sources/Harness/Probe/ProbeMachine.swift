// Executes probes: in a process of its own (`fusebench probe`), because any of these calls can hang.

import CProbe
import Glibc

/// Executes the lines of a probe one after the other and prints each with its result.
package struct ProbeMachine {
  private let export: String
  private let image: String
  private var descriptor: CInt = -1
  private var mapping = ProbeMapping()

  /// A machine for the export at one path and the image at another.
  package init(export: String, image: String) {
    self.export = export
    self.image = image
  }

  /// Executes `script`; `print` gets `LINE = RESULT`, at once, so that a hang shows where it is.
  /// - Throws: `ProbeCall.LineError` for a line that cannot be read; what comes before it is done.
  package mutating func run(_ script: String, print: (String) -> Void) throws {
    for line in script.fields("\n") where !line.isEmpty {
      let call = try ProbeCall(String(line))
      print("\(line) = \(execute(call))")
    }
  }

  private mutating func execute(_ call: ProbeCall) -> String {
    switch call {
    case .open(let words): return open(words)
    case .close:
      defer { descriptor = -1 }
      return answer(Int(Glibc.close(descriptor)))
    case .pread(let offset, let length): return read(offset, length)
    case .pwrite(let offset, let length, let content):
      return write(length, content, at: offset) {
        pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset))
      }
    case .write(let length, let content):
      return write(length, content, at: 0) { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    case .preadv(let offset, let pieces, let length):
      return ProbeVector.read(descriptor, offset: offset, pieces: pieces, length: Int(length))
    case .pwritev(let offset, let pieces, let length, let content):
      return ProbeVector.write(
        descriptor, content.bytes(pieces * Int(length), at: offset), offset: offset, pieces: pieces)
    case .mmap(let word, let length): return mapping.map(descriptor, word, length: Int(length))
    case .load(let offset, let length): return mapping.load(offset: offset, length: Int(length))
    case .store(let offset, let length, let content):
      return mapping.store(content.bytes(Int(length), at: offset), offset: offset)
    case .msync: return mapping.synchronize()
    case .fallocate(let modes, let offset, let length):
      let mode = modes.reduce(0) { $0 | $1.bits }
      return answer(Int(probe_fallocate(descriptor, mode, offset, length)))
    case .ftruncate(let size): return answer(Int(Glibc.ftruncate(descriptor, off_t(size))))
    case .truncate(let size): return answer(Int(Glibc.truncate(export, off_t(size))))
    case .lseek(let word, let offset):
      let result = Glibc.lseek(descriptor, off_t(offset), word.whence)
      return result < 0 ? ErrnoName.name(of: errno) : "\(result)"
    case .fsync: return answer(Int(Glibc.fsync(descriptor)))
    case .fdatasync: return answer(Int(Glibc.fdatasync(descriptor)))
    case .dirty: return dirty()
    case .stat(let fields): return attributes(fields)
    case .chmod(let mode): return answer(Int(Glibc.chmod(export, mode)))
    case .chown(let user, let group): return answer(Int(Glibc.chown(export, user, group)))
    case .utimes: return answer(Int(Glibc.utimes(export, nil)))
    }
  }

  private mutating func open(_ words: [ProbeCall.OpenWord]) -> String {
    if descriptor >= 0 { Glibc.close(descriptor) }
    let flags = words.reduce(O_CLOEXEC) { $0 | $1.bits }
    descriptor = Glibc.open(words.contains(.image) ? image : export, flags)
    return descriptor < 0 ? ErrnoName.name(of: errno) : "ok"
  }

  private func read(_ offset: Int64, _ length: Int64) -> String {
    withAlignedBuffer(Int(length)) { buffer in
      let count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset))
      guard count >= 0 else { return ErrnoName.name(of: errno) }
      guard count > 0 else { return "0 bytes" }
      return "\(count) bytes: \(Pattern.describe(Array(buffer[..<count])[...], at: offset))"
    }
  }

  private func write(
    _ length: Int64, _ content: ProbeCall.Content, at offset: Int64,
    _ call: (UnsafeMutableRawBufferPointer) -> Int
  ) -> String {
    withAlignedBuffer(Int(length)) { buffer in
      buffer.copyBytes(from: content.bytes(Int(length), at: offset))
      let count = call(buffer)
      return count < 0 ? ErrnoName.name(of: errno) : "\(count) bytes"
    }
  }

  private func attributes(_ fields: [ProbeCall.StatWord]) -> String {
    var status = stat()
    guard stat(export, &status) == 0 else { return ErrnoName.name(of: errno) }
    return fields.map { field in
      switch field {
      case .size: "size \(status.st_size)"
      case .mode: "mode " + String(0o10000 | status.st_mode & 0o7777, radix: 8).dropFirst()
      case .nlink: "nlink \(status.st_nlink)"
      case .ino: "ino \(status.st_ino)"
      case .type: "type " + (status.st_mode & S_IFMT == S_IFREG ? "regular" : "other")
      case .blksize: "blksize \(status.st_blksize)"
      case .allocated: "allocated \(status.st_blocks * 512)"
      }
    }.joined(separator: ", ")
  }

  /// Of the image, not of the export: the export's node must have it on storage.
  private func dirty() -> String {
    let file = Glibc.open(image, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return ErrnoName.name(of: errno) }
    defer { Glibc.close(file) }
    let bytes = probe_dirty(file)
    return bytes < 0 ? ErrnoName.name(of: errno) : "\(bytes) bytes"
  }

  /// Aligned for O_DIRECT: an unaligned buffer would be the client's fault, not the export's.
  private func withAlignedBuffer<Result>(
    _ count: Int, _ body: (UnsafeMutableRawBufferPointer) -> Result
  ) -> Result {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 4096)
    defer { buffer.deallocate() }
    return body(buffer)
  }

  private func answer(_ result: Int) -> String { result < 0 ? ErrnoName.name(of: errno) : "ok" }
}

extension ProbeCall.Content {
  /// `count` bytes as they are written at `offset`.
  func bytes(_ count: Int, at offset: Int64) -> [UInt8] {
    switch self {
    case .byte(let byte): return [UInt8](repeating: byte, count: count)
    case .pattern:
      var bytes = [UInt8](repeating: 0, count: count)
      Pattern.fill(&bytes, at: offset)
      return bytes
    }
  }
}

extension ProbeCall.OpenWord {
  fileprivate var bits: CInt {
    switch self {
    case .ro: O_RDONLY
    case .wo: O_WRONLY
    case .rw: O_RDWR
    case .direct: probe_O_DIRECT
    case .append: O_APPEND
    case .dsync: O_DSYNC
    case .sync: O_SYNC
    case .trunc: O_TRUNC
    case .image: 0
    }
  }
}

extension ProbeCall.AllocateWord {
  fileprivate var bits: CInt {
    switch self {
    case .none: 0
    case .keepSize: probe_FALLOC_KEEP_SIZE
    case .punchHole: probe_FALLOC_PUNCH_HOLE
    case .collapseRange: probe_FALLOC_COLLAPSE_RANGE
    case .zeroRange: probe_FALLOC_ZERO_RANGE
    case .insertRange: probe_FALLOC_INSERT_RANGE
    case .unshareRange: probe_FALLOC_UNSHARE_RANGE
    }
  }
}

extension ProbeCall.SeekWord {
  fileprivate var whence: CInt {
    switch self {
    case .set: SEEK_SET
    case .end: SEEK_END
    case .data: probe_SEEK_DATA
    case .hole: probe_SEEK_HOLE
    }
  }
}
