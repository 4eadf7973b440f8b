// `img convert`: copies one raw image into another, several pieces at a time.

internal import Glibc

/// What `img convert` does, with qemu-img's defaults.
package struct ImageConvert: Sendable {
  /// How the source is opened.
  package var sourceCache = ImageCache.writeback
  /// How the target is opened.
  package var targetCache = ImageCache.writeback
  /// Whether the target is there already and keeps its length.
  package var keepsTarget = false
  /// Whether pieces may be written in any order; else they are copied one after the other.
  package var outOfOrder = false
  /// Pieces in flight, 1 to 16.
  package var parallel = 8

  /// Bytes per request.
  static let piece: Int64 = 1 << 20
  /// Zeroes shorter than this are written as data.
  static let sparse = 4096

  /// A conversion with the defaults.
  package init() {}

  /// Copies the image at `source` into the one at `target`. Zeroes become holes where the target can.
  /// - Throws: `ImageError`.
  package func run(from source: String, to target: String) throws(ImageError) {
    guard (1...16).contains(parallel) else {
      throw ImageError("Invalid number of coroutines. Allowed number of coroutines is between 1 and 16")
    }
    let from = try RawImage(source, cache: sourceCache)
    if !keepsTarget { try RawImage.create(target, length: from.length) }
    let to = try RawImage(target, writable: true, cache: targetCache)
    guard to.length >= from.length else { throw ImageError("output file is smaller than input file") }
    let pieces = Self.pieces(of: from.extents())
    // A target that was just made is all hole: only data needs to be copied.
    let zeroes = keepsTarget
    try Workers.run(count: pieces.count, depth: outOfOrder ? parallel : 1, buffer: Int(Self.piece)) {
      (number, buffer) throws(ImageError) in
      let piece = pieces[number]
      guard piece.isData else {
        if zeroes { try Self.zero(to, piece.start, piece.length) }
        return
      }
      let bytes = buffer.prefix(Int(piece.length))
      do throws(ImageError) {
        try from.read(into: bytes, at: piece.start)
      } catch {
        throw ImageError("error while reading at byte \(piece.start): \(error)")
      }
      try Self.copy(bytes, to, at: piece.start, zeroes: zeroes)
    }
    try to.flush()
  }

  /// The extents cut into requests.
  static func pieces(of extents: [RawImage.Extent]) -> [RawImage.Extent] {
    extents.flatMap { extent in
      stride(from: extent.start, to: extent.start + extent.length, by: Int(piece)).map {
        RawImage.Extent(
          start: $0, length: min(piece, extent.start + extent.length - $0), isData: extent.isData)
      }
    }
  }

  /// Writes `bytes`, runs of zero blocks as zeroes.
  private static func copy(
    _ bytes: UnsafeMutableRawBufferPointer, _ target: RawImage, at offset: Int64, zeroes: Bool
  ) throws(ImageError) {
    var start = 0
    while start < bytes.count {
      let zero = isZero(bytes, start)
      var end = start
      while end < bytes.count, isZero(bytes, end) == zero { end = min(end + sparse, bytes.count) }
      if !zero {
        do throws(ImageError) {
          try target.write(.init(rebasing: bytes[start..<end]), at: offset + Int64(start))
        } catch {
          throw ImageError("error while writing at byte \(offset + Int64(start)): \(error)")
        }
      } else if zeroes {
        try Self.zero(target, offset + Int64(start), Int64(end - start))
      }
      start = end
    }
  }

  private static func zero(_ target: RawImage, _ start: Int64, _ length: Int64) throws(ImageError) {
    do throws(ImageError) {
      try target.zero(at: start, length: length)
    } catch {
      throw ImageError("error while writing at byte \(start): \(error)")
    }
  }

  /// Whether the block at `start` (shorter at the end) holds only zeroes: its first byte is 0 and every other
  /// equals the one before.
  private static func isZero(_ bytes: UnsafeMutableRawBufferPointer, _ start: Int) -> Bool {
    let count = min(sparse, bytes.count - start)
    guard let base = bytes.baseAddress, bytes[start] == 0 else { return false }
    return memcmp(base + start, base + start + 1, count - 1) == 0
  }
}
