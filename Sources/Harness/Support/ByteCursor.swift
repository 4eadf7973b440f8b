// A place in a text from outside, and what can be read from there on: what patterns of bytes are made from.

/// Reads a text byte by byte; what is read lies behind it.
struct ByteCursor {
  private let text: UnsafeBufferPointer<UInt8>
  /// The byte that is read next.
  private(set) var place: Int

  /// A cursor at `place` of `text`, which must outlive it.
  init(_ text: UnsafeBufferPointer<UInt8>, at place: Int) {
    self.text = text
    self.place = place
  }

  /// The byte that is read next; nil at the end.
  var next: UInt8? { place < text.count ? text[place] : nil }

  /// Whether the text goes on with `word`; then it is read.
  mutating func take(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard text.count - place >= count else { return false }
    for offset in 0..<count where text[place + offset] != word.utf8Start[offset] { return false }
    place += count
    return true
  }

  /// Whether the next byte is one of `bytes`; then it is read.
  mutating func take(anyOf bytes: StaticString) -> Bool {
    guard let next, (0..<bytes.utf8CodeUnitCount).contains(where: { bytes.utf8Start[$0] == next }) else { return false }
    place += 1
    return true
  }

  /// Reads bytes as long as `isWanted` says so; returns them.
  mutating func take(while isWanted: (UInt8) -> Bool) -> Slice<UnsafeBufferPointer<UInt8>> {
    let start = place
    while let next, isWanted(next) { place += 1 }
    return text[start..<place]
  }

  /// Reads digits, all that there are; false where there is none.
  mutating func takeNumber() -> Bool { !take(while: Self.isDigit).isEmpty }

  /// Reads exactly `count` digits.
  mutating func takeDigits(_ count: Int) -> Bool {
    guard text.count - place >= count, text[place..<place + count].allSatisfy(Self.isDigit) else { return false }
    place += count
    return true
  }

  /// Reads `.` and digits, if both are there.
  mutating func takeFraction() {
    var ahead = self
    if ahead.take("."), ahead.takeNumber() { self = ahead }
  }

  /// Reads a word of letters, digits and `_`, which may be empty.
  mutating func takeWord() -> [UInt8] { Array(take(while: Self.isWord)) }

  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte == 0x5F || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension ByteText {
  /// The text with what `rule` reads replaced by what it returns; where it returns nil, nothing is.
  ///
  /// `rule` is asked where a run of bytes that `begins` names starts; with `insideRuns` at each byte of the run, which
  /// a rule may ask for that reads no further than a few bytes: else time would grow with the square of the length.
  func rewriting(
    at begins: (UInt8) -> Bool, insideRuns: Bool = false, _ rule: (inout ByteCursor) -> [UInt8]?
  ) -> ByteText {
    bytes.withUnsafeBufferPointer { text in
      var result: [UInt8] = []
      result.reserveCapacity(text.count)
      var place = 0
      while place < text.count {
        guard begins(text[place]) else {
          result.append(text[place])
          place += 1
          continue
        }
        var cursor = ByteCursor(text, at: place)
        if let replacement = rule(&cursor), cursor.place > place {
          result += replacement
          place = cursor.place
          continue
        }
        repeat {
          result.append(text[place])
          place += 1
        } while !insideRuns && place < text.count && begins(text[place])
      }
      return ByteText(result)
    }
  }
}
