// One operation of a random stream, as a line of a script and as a step of the model.

/// What a stream does to a file.
package enum StreamOperation: Sendable, Equatable {
  /// Which mapping of memory is used.
  package enum Mapping: String, CaseIterable, Sendable { case shared, `private` }

  case read(offset: Int, length: Int)
  /// Writes bytes that only this operation writes; `tag` tells them from any other's.
  case write(offset: Int, length: Int, tag: Int)
  case truncate(size: Int)
  /// FALLOC_FL_PUNCH_HOLE with KEEP_SIZE.
  case punch(offset: Int, length: Int)
  /// FALLOC_FL_ZERO_RANGE.
  case zero(offset: Int, length: Int, keepsSize: Bool)
  /// Closes the file and opens it again, so that every write is durable or not.
  case reopen(durable: Bool)
  case sync
  case size
  /// Reads through a mapping. Beyond the end nothing is done.
  case mapRead(Mapping, offset: Int, length: Int)
  /// Writes through a mapping and reads back what it shows; only a shared one changes the file.
  case mapWrite(Mapping, offset: Int, length: Int, tag: Int)

  /// Kinds, by the word that begins a line.
  package enum Kind: String, CaseIterable, Sendable {
    case read, write, truncate, punch, zero, reopen, sync, size
    case mapRead = "map-read"
    case mapWrite = "map-write"

    /// How a line of this kind reads.
    var form: String {
      switch self {
      case .read: "read OFFSET LENGTH"
      case .write: "write OFFSET LENGTH #TAG"
      case .truncate: "truncate SIZE"
      case .punch: "punch OFFSET LENGTH"
      case .zero: "zero OFFSET LENGTH [keep-size]"
      case .reopen: "reopen [dsync]"
      case .sync: "sync"
      case .size: "size"
      case .mapRead: "map-read shared|private OFFSET LENGTH"
      case .mapWrite: "map-write shared|private OFFSET LENGTH #TAG"
      }
    }
  }

  /// The kind.
  package var kind: Kind {
    switch self {
    case .read: .read
    case .write: .write
    case .truncate: .truncate
    case .punch: .punch
    case .zero: .zero
    case .reopen: .reopen
    case .sync: .sync
    case .size: .size
    case .mapRead: .mapRead
    case .mapWrite: .mapWrite
    }
  }

  /// The line of a script.
  package var line: String {
    switch self {
    case .read(let offset, let length), .punch(let offset, let length): "\(kind.rawValue) \(offset) \(length)"
    case .write(let offset, let length, let tag): "write \(offset) \(length) #\(tag)"
    case .truncate(let size): "truncate \(size)"
    case .zero(let offset, let length, let keeps): "zero \(offset) \(length)" + (keeps ? " keep-size" : "")
    case .reopen(let durable): "reopen" + (durable ? " dsync" : "")
    case .sync, .size: kind.rawValue
    case .mapRead(let mapping, let offset, let length): "map-read \(mapping.rawValue) \(offset) \(length)"
    case .mapWrite(let mapping, let offset, let length, let tag):
      "map-write \(mapping.rawValue) \(offset) \(length) #\(tag)"
    }
  }

  /// A line that cannot be read.
  package struct LineError: Error, CustomStringConvertible, Equatable {
    /// The line, and how it should read.
    package let description: String
  }

  /// Reads one line of a script.
  /// - Throws: `LineError` that shows how the line should read.
  package init(_ line: String) throws(LineError) {
    let words = line.fields(" ").map(String.init)
    guard let name = words.first, let kind = Kind(rawValue: name) else {
      let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw LineError(description: "'\(line)' is no operation of a stream; known: \(known)")
    }
    guard let operation = Self.parse(kind, Array(words.dropFirst())) else {
      throw LineError(description: "'\(line)' should read: \(kind.form)")
    }
    self = operation
  }

  private static func parse(_ kind: Kind, _ words: [String]) -> StreamOperation? {
    let mapping = words.first.flatMap(Mapping.init(rawValue:))
    let numbers = words.compactMap { Int($0.begins(with: "#") ? $0.dropFirst() : $0[...]) }
    // The model lies in memory.
    guard numbers.allSatisfy({ $0 >= 0 && $0 <= largest }) else { return nil }
    switch (kind, words.count, numbers.count) {
    case (.read, 2, 2): return .read(offset: numbers[0], length: numbers[1])
    case (.write, 3, 3): return .write(offset: numbers[0], length: numbers[1], tag: numbers[2])
    case (.truncate, 1, 1): return .truncate(size: numbers[0])
    case (.punch, 2, 2): return .punch(offset: numbers[0], length: numbers[1])
    case (.zero, 2, 2): return .zero(offset: numbers[0], length: numbers[1], keepsSize: false)
    case (.zero, 3, 2) where words[2] == "keep-size":
      return .zero(offset: numbers[0], length: numbers[1], keepsSize: true)
    case (.reopen, 0, 0): return .reopen(durable: false)
    case (.reopen, 1, 0) where words[0] == "dsync": return .reopen(durable: true)
    case (.sync, 0, 0): return .sync
    case (.size, 0, 0): return .size
    case (.mapRead, 3, 2): return mapping.map { .mapRead($0, offset: numbers[0], length: numbers[1]) }
    case (.mapWrite, 4, 3):
      return mapping.map { .mapWrite($0, offset: numbers[0], length: numbers[1], tag: numbers[2]) }
    default: return nil
    }
  }

  /// No number of a script is larger.
  static let largest = 1 << 30

  /// The bytes that an operation with `tag` writes at `offset`: none is zero, and each tells its tag and place.
  static func content(tag: Int, offset: Int, length: Int) -> [UInt8] {
    let first = offset / 8
    var words = [UInt64](repeating: 0, count: (offset + length + 7) / 8 - first)
    let salt = UInt64(tag &+ 1) &* 0xD6E8_FEB8_6659_FD93
    for index in words.indices {
      words[index] = ((salt ^ UInt64(first + index)) &* 0x9E37_79B9_7F4A_7C15) | 0x0101_0101_0101_0101
    }
    return words.withUnsafeBytes { Array($0[(offset - first * 8)..<(offset - first * 8 + length)]) }
  }
}

/// What an operation has shown.
package enum StreamResult: Sendable, Equatable {
  /// Bytes that were read.
  case bytes([UInt8])
  /// How many were written, or the size that was asked for.
  case count(Int)
  case done
  /// A mapping that would reach beyond the end is not made.
  case beyondEnd
  /// The name of an errno, such as ENOSPC.
  case error(String)
}

/// Something that operations can be done to: a file, or the model of one.
package protocol StreamLayer {
  /// Makes it a file of `length` zeroes, opened without O_DSYNC.
  mutating func reset(length: Int) throws
  /// Does one operation.
  mutating func apply(_ operation: StreamOperation) -> StreamResult
}
