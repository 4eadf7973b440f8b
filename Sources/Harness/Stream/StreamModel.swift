// The model of a stream: what a right export shows, in memory.

/// A file in memory that behaves as an export must.
package struct StreamModel: StreamLayer {
  /// Whether writes beyond the end extend the file; else they end there.
  package let isGrowable: Bool
  private var bytes: [UInt8] = []

  /// A model of an empty file.
  package init(growable: Bool) { isGrowable = growable }

  /// Its length.
  package var length: Int { bytes.count }

  package mutating func reset(length: Int) { bytes = [UInt8](repeating: 0, count: length) }

  package mutating func apply(_ operation: StreamOperation) -> StreamResult {
    let length = bytes.count
    let after = Self.length(after: operation, from: length, growable: isGrowable)
    switch operation {
    case .read(let offset, let count):
      return .bytes(offset < length ? Array(bytes[offset..<min(length, offset + count)]) : [])
    case .write(let offset, let count, let tag):
      resize(after)
      guard offset < after else { return .error("ENOSPC") }
      let end = min(after, offset + count)
      put(StreamOperation.content(tag: tag, offset: offset, length: end - offset), at: offset)
      return .count(end - offset)
    case .truncate:
      resize(after)
      return .done
    case .punch(let offset, let count), .zero(let offset, let count, _):
      resize(after)
      let end = min(after, offset + count)
      if offset < end { put([UInt8](repeating: 0, count: end - offset), at: offset) }
      return .done
    case .reopen, .sync: return .done
    case .size: return .count(length)
    case .mapRead(_, let offset, let count):
      return offset + count <= length ? .bytes(Array(bytes[offset..<offset + count])) : .beyondEnd
    case .mapWrite(let mapping, let offset, let count, let tag):
      guard offset + count <= length else { return .beyondEnd }
      let content = StreamOperation.content(tag: tag, offset: offset, length: count)
      if mapping == .shared { put(content, at: offset) }
      return .bytes(content)
    }
  }

  private mutating func resize(_ length: Int) {
    if length < bytes.count {
      bytes.removeLast(bytes.count - length)
    } else if length > bytes.count {
      bytes.append(contentsOf: [UInt8](repeating: 0, count: length - bytes.count))
    }
  }

  private mutating func put(_ content: [UInt8], at offset: Int) {
    bytes.replaceSubrange(offset..<offset + content.count, with: content)
  }

  /// The length of a file of `length` bytes after `operation`.
  static func length(after operation: StreamOperation, from length: Int, growable: Bool) -> Int {
    switch operation {
    case .truncate(let size): size
    case .write(let offset, let count, _): growable ? max(length, offset + count) : length
    case .zero(let offset, let count, keepsSize: false): max(length, offset + count)
    default: length
    }
  }
}
