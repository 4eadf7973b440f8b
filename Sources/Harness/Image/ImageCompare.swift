// `img compare`: where two raw images differ first.

internal import Glibc

/// What `img compare` does.
package struct ImageCompare: Sendable {
  /// What came of it: qemu-img's lines and exit status (0 identical, 1 different).
  package struct Outcome: Sendable, Equatable {
    package var lines: [String]
    package var status: Int32
  }

  /// How both images are opened.
  package var cache = ImageCache.writeback
  /// Whether a different length is a difference even if the rest is zeroes.
  package var strict = false

  private static let piece: Int64 = 1 << 20
  private static let sector: Int64 = 512

  /// A comparison with qemu-img's defaults.
  package init() {}

  /// Compares the images at the two paths. Where one is longer, the rest must be zeroes.
  /// - Throws: `ImageError` if one of them cannot be read (qemu-img's statuses above 1).
  package func run(_ first: String, _ second: String) throws(ImageError) -> Outcome {
    let first = try RawImage(first, cache: cache)
    let second = try RawImage(second, cache: cache)
    var lines: [String] = []
    if first.length != second.length {
      if strict { return Outcome(lines: ["Strict mode: Image size mismatch!"], status: 1) }
      lines.append("Warning: Image size mismatch!")
    }
    if let offset = try difference(first, second) {
      return Outcome(lines: lines + ["Content mismatch at offset \(offset)!"], status: 1)
    }
    return Outcome(lines: lines + ["Images are identical."], status: 0)
  }

  /// The start of the first sector that differs, or nil.
  private func difference(_ first: RawImage, _ second: RawImage) throws(ImageError) -> Int64? {
    let length = max(first.length, second.length)
    let left = AlignedBuffer(Int(Self.piece))
    let right = AlignedBuffer(Int(Self.piece))
    defer {
      left.free()
      right.free()
    }
    var position: Int64 = 0
    while position < length {
      let count = Int(min(Self.piece, length - position))
      let (one, other) = (left.prefix(count), right.prefix(count))
      try Self.read(first, into: one, at: position)
      try Self.read(second, into: other, at: position)
      if memcmp(one.baseAddress!, other.baseAddress!, count) != 0 {
        let index = Int64(zip(one, other).prefix { $0 == $1 }.reduce(0) { count, _ in count + 1 })
        return position + index / Self.sector * Self.sector
      }
      position += Int64(count)
    }
    return nil
  }

  private static func read(
    _ image: RawImage, into bytes: UnsafeMutableRawBufferPointer, at offset: Int64
  ) throws(ImageError) {
    do throws(ImageError) {
      try image.read(into: bytes, at: offset)
    } catch {
      throw ImageError("Error while reading offset \(offset) of \(image.path): \(error)")
    }
  }
}
