// A raw image or export that a client reads and writes: opened past the page cache or through it.

internal import CProbe
internal import Glibc

/// What went wrong with an image, in qemu-img's words where it has some.
package struct ImageError: Error, CustomStringConvertible, Equatable {
  /// The file at fault and what is wrong, in one line.
  package let description: String

  /// A fault with this text.
  package init(_ description: String) { self.description = description }

  /// The text of an errno.
  static func text(_ number: CInt) -> String { String(cString: strerror(number)) }
}

/// How a client uses the page cache, in qemu-img's words.
package enum ImageCache: String, CaseIterable, Sendable {
  /// O_DIRECT.
  case none
  /// Through the page cache; also qemu-img's own default.
  case writeback
}

/// An open raw image. Many threads may read and write it at once.
package final class RawImage: Sendable {
  /// The path it was opened by.
  package let path: String
  /// Its length in bytes when it was opened.
  package let length: Int64
  private let descriptor: CInt
  /// Through the page cache: for pieces that O_DIRECT refuses, such as the tail of an image of odd length.
  private let buffered: CInt

  /// Opens the file or block device at `path`.
  /// - Throws: `ImageError` if it cannot be opened.
  package init(_ path: String, writable: Bool = false, cache: ImageCache = .writeback) throws(ImageError) {
    let access = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC
    buffered = open(path, access)
    guard buffered >= 0 else { throw Self.cannotOpen(path) }
    descriptor = cache == .none ? open(path, access | probe_O_DIRECT) : buffered
    guard descriptor >= 0 else {
      let fault = Self.cannotOpen(path)
      close(buffered)
      throw fault
    }
    self.path = path
    length = Int64(lseek(buffered, 0, SEEK_END))
  }

  deinit {
    if descriptor != buffered { close(descriptor) }
    close(buffered)
  }

  /// Makes an empty image of `length` bytes at `path`, in place of what is there.
  /// - Throws: `ImageError` if it cannot be made.
  static func create(_ path: String, length: Int64) throws(ImageError) {
    let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw cannotOpen(path) }
    defer { close(file) }
    guard ftruncate(file, off_t(length)) == 0 else {
      throw ImageError("\(path): Could not resize file: \(ImageError.text(errno))")
    }
  }

  private static func cannotOpen(_ path: String) -> ImageError {
    ImageError("Could not open '\(path)': \(ImageError.text(errno))")
  }

  /// Fills `buffer` from `offset`; what lies beyond the image's end reads as zeroes.
  /// - Throws: `ImageError`.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ImageError) {
    let count = try transfer(buffer, at: offset, pread)
    if count < buffer.count { buffer[count...].initializeMemory(as: UInt8.self, repeating: 0) }
  }

  /// Writes all of `buffer` at `offset`.
  /// - Throws: `ImageError`; a write that ends early is one too.
  func write(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(ImageError) {
    let count = try transfer(buffer, at: offset) { pwrite($0, $1, $2, $3) }
    guard count == buffer.count else { throw ImageError(ImageError.text(ENOSPC)) }
  }

  /// Makes `length` bytes from `offset` read as zeroes, without data where the image can.
  /// - Throws: `ImageError`.
  func zero(at offset: Int64, length: Int64) throws(ImageError) {
    let mode = probe_FALLOC_PUNCH_HOLE | probe_FALLOC_KEEP_SIZE
    guard probe_fallocate(buffered, mode, offset, length) != 0 else { return }
    let zeroes = AlignedBuffer(Int(min(length, 1 << 20)))
    defer { zeroes.free() }
    var done: Int64 = 0
    while done < length {
      let piece = zeroes.prefix(Int(min(length - done, Int64(zeroes.bytes.count))))
      try write(piece, at: offset + done)
      done += Int64(piece.count)
    }
  }

  /// Waits until everything written is on stable storage.
  /// - Throws: `ImageError`.
  func flush() throws(ImageError) {
    guard fdatasync(buffered) == 0 else { throw ImageError(ImageError.text(errno)) }
  }

  private typealias Call = (CInt, UnsafeMutableRawPointer, Int, off_t) -> Int

  /// Repeats `call` until the buffer is done or the file ends; returns the number of bytes.
  private func transfer(
    _ buffer: UnsafeMutableRawBufferPointer, at offset: Int64, _ call: Call
  ) throws(ImageError) -> Int {
    guard let start = buffer.baseAddress else { return 0 }
    var done = 0
    var file = descriptor
    while done < buffer.count {
      let count = call(file, start + done, buffer.count - done, off_t(offset) + off_t(done))
      if count > 0 {
        done += count
      } else if count == 0 {
        break
      } else if errno == EINVAL, file != buffered {
        file = buffered
      } else if errno != EINTR {
        throw ImageError(ImageError.text(errno))
      }
    }
    return done
  }

  // MARK: Extents

  /// A range that is data throughout or a hole throughout.
  struct Extent: Equatable, Sendable {
    var start: Int64
    var length: Int64
    var isData: Bool
  }

  /// The image from its start to its end, as SEEK_DATA and SEEK_HOLE tell it. All data where they cannot.
  func extents() -> [Extent] {
    var extents: [Extent] = []
    var position: Int64 = 0
    while position < length {
      var data = Int64(lseek(buffered, off_t(position), probe_SEEK_DATA))
      if data < 0 { data = errno == ENXIO ? length : position }
      data = min(data, length)
      if data > position {
        extents.append(Extent(start: position, length: data - position, isData: false))
      }
      guard data < length else { break }
      let hole = Int64(lseek(buffered, off_t(data), probe_SEEK_HOLE))
      let end = hole > data ? min(hole, length) : length
      extents.append(Extent(start: data, length: end - data, isData: true))
      position = end
    }
    return extents
  }
}

/// Memory that O_DIRECT accepts. Whoever makes one frees it.
struct AlignedBuffer: @unchecked Sendable {
  // Unchecked: a buffer belongs to one request of one thread, or is only read.
  let bytes: UnsafeMutableRawBufferPointer

  /// `count` bytes of `byte`.
  init(_ count: Int, filledWith byte: UInt8 = 0) {
    bytes = .allocate(byteCount: max(count, 1), alignment: 4096)
    bytes.initializeMemory(as: UInt8.self, repeating: byte)
  }

  /// The first `count` bytes.
  func prefix(_ count: Int) -> UnsafeMutableRawBufferPointer { .init(rebasing: bytes[..<count]) }

  func free() { bytes.deallocate() }
}
