// The file that a stream works on, by system calls. They can hang on a broken export: a child process makes them.

internal import CProbe
internal import Glibc

/// An open file under test.
package final class StreamFile: StreamLayer {
  /// The path.
  package let path: String
  private let truncates: Bool
  private var descriptor: CInt = -1

  /// Opens the file at `path`.
  /// - Parameter truncates: whether `reset` may change the length; else it only writes zeroes.
  /// - Throws: `FileError` if it cannot be opened for reading and writing.
  package init(_ path: String, truncates: Bool = true) throws {
    self.path = path
    self.truncates = truncates
    if let error = open(durable: false) { throw FileError(file: path, message: "cannot be opened: \(error)") }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// The length now.
  package var length: Int { Int(lseek(descriptor, 0, SEEK_END)) }

  /// - Throws: `FileError` if it cannot be made so.
  package func reset(length: Int) throws {
    let results =
      truncates
      ? [apply(.reopen(durable: false)), apply(.truncate(size: 0)), apply(.truncate(size: length))]
      : [apply(.reopen(durable: false)), put([UInt8](repeating: 0, count: length), at: 0)]
    for case .error(let name) in results {
      throw FileError(file: path, message: "cannot be made a file of \(length) zeroes: \(name)")
    }
    guard self.length == length else {
      throw FileError(file: path, message: "has \(self.length) bytes where \(length) are needed")
    }
  }

  package func apply(_ operation: StreamOperation) -> StreamResult {
    switch operation {
    case .read(let offset, let length): return read(offset, length)
    case .write(let offset, let length, let tag):
      return put(StreamOperation.content(tag: tag, offset: offset, length: length), at: offset)
    case .truncate(let size): return answer(ftruncate(descriptor, off_t(size)))
    case .punch(let offset, let length):
      let mode = probe_FALLOC_PUNCH_HOLE | probe_FALLOC_KEEP_SIZE
      return answer(probe_fallocate(descriptor, mode, Int64(offset), Int64(length)))
    case .zero(let offset, let length, let keepsSize):
      let mode = probe_FALLOC_ZERO_RANGE | (keepsSize ? probe_FALLOC_KEEP_SIZE : 0)
      return answer(probe_fallocate(descriptor, mode, Int64(offset), Int64(length)))
    case .reopen(let durable): return open(durable: durable).map(StreamResult.error) ?? .done
    case .sync: return answer(fsync(descriptor))
    case .size: return size().map(StreamResult.count) ?? failure
    case .mapRead(let mapping, let offset, let length):
      return map(mapping, offset, length) { .bytes(Array($0)) }
    case .mapWrite(let mapping, let offset, let length, let tag):
      return map(mapping, offset, length) { bytes in
        bytes.copyBytes(from: StreamOperation.content(tag: tag, offset: offset, length: length))
        return .bytes(Array(bytes))
      }
    }
  }

  private var failure: StreamResult { .error(ErrnoName.name(of: errno)) }

  private func answer(_ result: CInt) -> StreamResult { result == 0 ? .done : failure }

  /// Opens the file (again); returns the name of the error if that fails.
  private func open(durable: Bool) -> String? {
    if descriptor >= 0, close(descriptor) != 0 { return "close: " + ErrnoName.name(of: errno) }
    descriptor = Glibc.open(path, O_RDWR | O_CLOEXEC | (durable ? O_DSYNC : 0))
    return descriptor < 0 ? ErrnoName.name(of: errno) : nil
  }

  private func size() -> Int? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int(status.st_size) : nil
  }

  private func read(_ offset: Int, _ length: Int) -> StreamResult {
    var bytes = [UInt8](repeating: 0, count: length)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    return count < 0 ? failure : .bytes(Array(bytes[..<count]))
  }

  private func put(_ bytes: [UInt8], at offset: Int) -> StreamResult {
    let count = bytes.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    return count < 0 ? failure : .count(count)
  }

  /// Calls `body` with a mapping of the range, which is written back and taken away before this returns.
  private func map(
    _ mapping: StreamOperation.Mapping, _ offset: Int, _ length: Int,
    _ body: (UnsafeMutableRawBufferPointer) -> StreamResult
  ) -> StreamResult {
    guard let size = size() else { return failure }
    // A page beyond the end is a SIGBUS, not an answer.
    guard offset + length <= size else { return .beyondEnd }
    let page = 4096
    let lead = offset % page
    let flags = mapping == .shared ? MAP_SHARED : MAP_PRIVATE
    let address = mmap(nil, lead + length, PROT_READ | PROT_WRITE, flags, descriptor, off_t(offset - lead))
    guard let address, address != UnsafeMutableRawPointer(bitPattern: -1) else { return failure }
    defer { munmap(address, lead + length) }
    let result = body(UnsafeMutableRawBufferPointer(start: address + lead, count: length))
    return mapping == .private || msync(address, lead + length, MS_SYNC) == 0 ? result : failure
  }
}
