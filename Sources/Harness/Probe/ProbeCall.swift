// The probe language: one system call per line, as a scenario writes it.

/// One line of a probe.
package enum ProbeCall: Sendable, Equatable {
  /// What stands in a buffer that is written.
  package enum Content: Sendable, Equatable {
    case byte(UInt8)
    /// Bytes that tell their own offset, as in an image filled with `pattern`.
    case pattern
  }

  /// Words of `open`.
  package enum OpenWord: String, CaseIterable, Sendable {
    case ro, wo, rw, direct, append, dsync, sync, trunc
    /// Opens the image instead of the export.
    case image
  }

  /// Words of a fallocate mode.
  package enum AllocateWord: String, CaseIterable, Sendable {
    case none
    case keepSize = "keep-size"
    case punchHole = "punch-hole"
    case zeroRange = "zero-range"
    case collapseRange = "collapse-range"
    case insertRange = "insert-range"
    case unshareRange = "unshare-range"
  }

  /// What `lseek` looks for.
  package enum SeekWord: String, CaseIterable, Sendable { case data, hole, set, end }

  /// How a mapping sees others and is seen by them.
  package enum MapWord: String, CaseIterable, Sendable { case shared, `private` }

  /// Fields of `stat`.
  package enum StatWord: String, CaseIterable, Sendable {
    case size, mode, nlink, ino, type, blksize, allocated
  }

  case open([OpenWord])
  case close
  case pread(offset: Int64, length: Int64)
  case pwrite(offset: Int64, length: Int64, Content)
  /// write(2) at the file's own position (where `append` puts it).
  case write(length: Int64, Content)
  /// preadv(2) into so many pieces of this length each.
  case preadv(offset: Int64, pieces: Int, length: Int64)
  /// pwritev(2) from so many pieces of this length each.
  case pwritev(offset: Int64, pieces: Int, length: Int64, Content)
  /// Maps the open file from its start; an earlier mapping goes.
  case mmap(MapWord, length: Int64)
  /// Reads from the mapping.
  case load(offset: Int64, length: Int64)
  /// Writes to the mapping.
  case store(offset: Int64, length: Int64, Content)
  /// Waits until the mapping's changes are written.
  case msync
  case fallocate([AllocateWord], offset: Int64, length: Int64)
  case ftruncate(Int64)
  /// By path, without an open file.
  case truncate(Int64)
  case lseek(SeekWord, offset: Int64)
  case fsync
  case fdatasync
  /// How much of the image is in memory only.
  case dirty
  case stat([StatWord])
  case chmod(UInt32)
  case chown(user: UInt32, group: UInt32)
  /// Sets both times, as touch(1) does.
  case utimes

  /// What is wrong with a line.
  package struct LineError: Error, CustomStringConvertible, Equatable {
    /// The line, and how it should read.
    package let description: String
  }

  static let forms = [
    "open": "open ro|wo|rw [direct] [append] [dsync] [sync] [trunc] [image]",
    "close": "close",
    "pread": "pread OFFSET LENGTH",
    "pwrite": "pwrite OFFSET LENGTH BYTE|pattern",
    "write": "write LENGTH BYTE",
    "preadv": "preadv OFFSET PIECES LENGTH",
    "pwritev": "pwritev OFFSET PIECES LENGTH BYTE|pattern",
    "mmap": "mmap shared|private LENGTH",
    "load": "load OFFSET LENGTH",
    "store": "store OFFSET LENGTH BYTE|pattern",
    "msync": "msync",
    "fallocate": "fallocate none|keep-size,punch-hole,zero-range,… OFFSET LENGTH",
    "ftruncate": "ftruncate SIZE",
    "truncate": "truncate SIZE",
    "lseek": "lseek data|hole|set|end OFFSET",
    "fsync": "fsync",
    "fdatasync": "fdatasync",
    "dirty": "dirty",
    "stat": "stat size|mode|nlink|ino|type|blksize|allocated …",
    "chmod": "chmod OCTAL",
    "chown": "chown USER:GROUP",
    "utimes": "utimes",
  ]

  /// Reads one line.
  /// - Throws: `LineError` that shows how the line should read.
  package init(_ line: String) throws(LineError) {
    let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
    guard let name = words.first, let form = Self.forms[name] else {
      throw LineError(
        description: "'\(line)' is no probe; known: \(Self.forms.keys.sorted().joined(separator: ", "))")
    }
    guard let call = Self.parse(name, Array(words.dropFirst())) else {
      throw LineError(description: "'\(line)' should read: \(form)")
    }
    self = call
  }

  private static func parse(_ name: String, _ words: [String]) -> ProbeCall? {
    let sizes = words.map { ByteSize.parse($0) }
    // What is read or written lies in memory: one size for all calls, and no sum of two traps.
    guard Self.fits(name, sizes) else { return nil }
    switch (name, words.count) {
    case ("open", 1...):
      let flags = words.compactMap { OpenWord(rawValue: $0) }
      guard flags.count == words.count, flags.filter({ [.ro, .wo, .rw].contains($0) }).count == 1 else {
        return nil
      }
      return .open(flags)
    case ("close", 0): return .close
    case ("pread", 2):
      guard let offset = sizes[0], let length = sizes[1], length >= 0 else { return nil }
      return .pread(offset: offset, length: length)
    case ("pwrite", 3):
      guard let offset = sizes[0], let length = sizes[1], length >= 0, let content = content(words[2]) else {
        return nil
      }
      return .pwrite(offset: offset, length: length, content)
    case ("write", 2):
      guard let length = sizes[0], length >= 0, let content = content(words[1]), content != .pattern else {
        return nil
      }
      return .write(length: length, content)
    case ("fallocate", 3):
      let modes = words[0].fields(",").map { AllocateWord(rawValue: String($0)) }
      guard !modes.isEmpty, !modes.contains(nil), let offset = sizes[1], let length = sizes[2] else {
        return nil
      }
      return .fallocate(modes.compactMap { $0 }, offset: offset, length: length)
    case ("ftruncate", 1): return sizes[0].map { .ftruncate($0) }
    case ("truncate", 1): return sizes[0].map { .truncate($0) }
    case ("lseek", 2):
      guard let word = SeekWord(rawValue: words[0]), let offset = sizes[1] else { return nil }
      return .lseek(word, offset: offset)
    case ("fsync", 0): return .fsync
    case ("fdatasync", 0): return .fdatasync
    case ("dirty", 0): return .dirty
    case ("stat", 1...):
      let fields = words.compactMap { StatWord(rawValue: $0) }
      return fields.count == words.count ? .stat(fields) : nil
    case ("chmod", 1): return UInt32(words[0], radix: 8).map { .chmod($0) }
    case ("chown", 1):
      let ids = words[0].fields(":").map { UInt32($0) }
      guard ids.count == 2, let user = ids[0], let group = ids[1] else { return nil }
      return .chown(user: user, group: group)
    case ("utimes", 0): return .utimes
    default: return parseMemory(name, words)
    }
  }

  /// The most bytes of one call, and how often a vector may be divided (IOV_MAX, limits.h).
  static let (mostBytes, mostPieces): (Int64, Int64) = (1 << 30, 1024)

  /// Whether the lengths among the numbers of a line are such as one call takes.
  private static func fits(_ name: String, _ sizes: [Int64?]) -> Bool {
    func length(_ index: Int) -> Int64 { index < sizes.count ? sizes[index] ?? 0 : 0 }
    switch name {
    // Any offset: what the kernel says of one near 2^63 is what scenarios ask.
    case "pread", "pwrite": return length(1) <= mostBytes
    case "load", "store": return length(1) <= mostBytes && length(0) <= Int64.max - mostBytes
    case "write": return length(0) <= mostBytes
    case "mmap": return length(1) <= 1 << 40
    case "preadv", "pwritev":
      let (offset, pieces, piece) = (length(0), length(1), length(2))
      return pieces <= mostPieces && piece <= mostBytes && pieces * piece <= mostBytes
        && offset <= Int64.max - mostBytes
    default: return true
    }
  }

  /// The lines about vectors and mappings.
  private static func parseMemory(_ name: String, _ words: [String]) -> ProbeCall? {
    let sizes = words.map { ByteSize.parse($0) ?? -1 }
    let content = words.last.flatMap { Self.content($0) }
    switch (name, words.count) {
    case ("preadv", 3):
      guard sizes.allSatisfy({ $0 >= 0 }) else { return nil }
      return .preadv(offset: sizes[0], pieces: Int(sizes[1]), length: sizes[2])
    case ("pwritev", 4):
      guard sizes[..<3].allSatisfy({ $0 >= 0 }), let content else { return nil }
      return .pwritev(offset: sizes[0], pieces: Int(sizes[1]), length: sizes[2], content)
    case ("mmap", 2):
      guard let word = MapWord(rawValue: words[0]), sizes[1] > 0 else { return nil }
      return .mmap(word, length: sizes[1])
    case ("load", 2):
      guard sizes.allSatisfy({ $0 >= 0 }) else { return nil }
      return .load(offset: sizes[0], length: sizes[1])
    case ("store", 3):
      guard sizes[..<2].allSatisfy({ $0 >= 0 }), let content else { return nil }
      return .store(offset: sizes[0], length: sizes[1], content)
    case ("msync", 0): return .msync
    default: return nil
    }
  }

  private static func content(_ word: String) -> Content? {
    if word == "pattern" { return .pattern }
    return (word.begins(with: "0x") ? UInt8(word.dropFirst(2), radix: 16) : UInt8(word)).map { .byte($0) }
  }
}
