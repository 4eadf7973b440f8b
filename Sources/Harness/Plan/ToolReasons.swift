// Why a tool failed, told the same whatever tool it is and however it words it.

/// Lines in which a program says why a system call failed.
///
/// `dd: error writing 'mp': No space left on device`, `dd: IO error: No space left on device (os error 28)` and
/// `/usr/bin/dd: 'mp': ENOSPC` all become `dd: ENOSPC`. The program and the error stay, and so does whether there is
/// such a line at all; the path and what was tried go. A line that names no error, or two that differ, stays as it is.
enum ToolReasons {
  /// `text` with such lines put into one form; of lines of one program with one error that follow one another, the
  /// first stays, since one program tells a failed write and the failed close after it, and another only the first.
  static func reduce(_ text: [UInt8]) -> [UInt8] {
    var result: [[UInt8]] = []
    var last: [UInt8]?
    for line in text.split(separator: newline, omittingEmptySubsequences: false) {
      guard let reduced = reduced(line) else {
        last = nil
        result.append(Array(line))
        continue
      }
      if reduced != last { result.append(reduced) }
      last = reduced
    }
    return Array(result.joined(separator: [newline]))
  }

  /// `PROGRAM: ERRNO` for a line that tells it, else nil.
  static func reduced(_ line: ArraySlice<UInt8>) -> [UInt8]? {
    // What is longer is data, and looking through it would take long.
    guard line.count <= 8192, let (program, rest) = program(line), let name = error(in: rest) else { return nil }
    return program + Array(": \(name)".utf8)
  }

  /// The name of the program before the first `: `, without its folder, and what follows.
  private static func program(_ line: ArraySlice<UInt8>) -> ([UInt8], ArraySlice<UInt8>)? {
    guard let colon = find(Array(": ".utf8), in: line, from: line.startIndex) else { return nil }
    let said = line[..<colon]
    let slash = said.lastIndex(of: UInt8(ascii: "/"))
    let name = said[(slash.map { $0 + 1 } ?? said.startIndex)...]
    // A path may hold anything; a name without one is a word.
    if slash != nil, let first = said.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "$"),
      first != UInt8(ascii: ".")
    {
      return nil
    }
    guard !name.isEmpty, name.allSatisfy(isOfName) else { return nil }
    return (Array(name), line[(colon + 2)...])
  }

  private static func isOfName(_ byte: UInt8) -> Bool {
    isWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
  }

  /// The error that `text` tells, by number, name or words; nil if there is none, or if it tells two.
  static func error(in text: ArraySlice<UInt8>) -> String? {
    let numbered = number(in: text)
    let worded = words(in: text)
    if let numbered, let worded, numbered != worded { return nil }
    return numbered ?? worded
  }

  /// `(os error 28)`, `errno 28`, `errno=28`.
  private static func number(in text: ArraySlice<UInt8>) -> String? {
    for start in ["os error ", "errno ", "errno="] {
      guard let at = find(Array(start.utf8), in: text, from: text.startIndex) else { continue }
      let digits = text[(at + start.utf8.count)...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard !digits.isEmpty, digits.count <= 3, let number = CInt(ByteText(digits).text) else {
        continue
      }
      return ErrnoName.name(of: number)
    }
    return nil
  }

  /// What one error may be called. Words of everyday use, and any that are spelled otherwise than libraries do, count
  /// only where a reason stands.
  private struct Phrase {
    var text: [UInt8]
    var lowered: [UInt8]
    var isEveryday: Bool
    var name: String

    init(_ text: String, name: String, isEveryday: Bool) {
      self.text = Array(text.utf8)
      lowered = self.text.map(ToolReasons.lowered)
      self.isEveryday = isEveryday
      self.name = name
    }
  }

  private static let phrases: [Phrase] = ErrnoName.all.flatMap { error in
    error.texts.map { text in
      Phrase(text, name: error.name, isEveryday: !(text.first?.isUppercase ?? false) || !text.contains(" "))
    } + [Phrase(error.name, name: error.name, isEveryday: true)]
  }

  /// The phrase that ends last in `text`; of two that end together the longer one.
  private static func words(in text: ArraySlice<UInt8>) -> String? {
    let low = ArraySlice(text.map(lowered))
    let shift = text.startIndex
    var best: (end: Int, length: Int, name: String)?
    for phrase in phrases where phrase.lowered.count <= low.count {
      var from = low.startIndex
      while let at = find(phrase.lowered, in: low, from: from) {
        from = at + 1
        let end = at + phrase.lowered.count
        let isSure = !phrase.isEveryday && text[shift + at..<shift + end].elementsEqual(phrase.text)
        guard isBounded(at, end, in: low), isSure || isReason(at, end, in: low) else { continue }
        if best.map({ (end, phrase.lowered.count) > ($0.end, $0.length) }) ?? true {
          best = (end, phrase.lowered.count, phrase.name)
        }
      }
    }
    return best?.name
  }

  private static func isBounded(_ start: Int, _ end: Int, in text: ArraySlice<UInt8>) -> Bool {
    (start == text.startIndex || !isWord(text[start - 1])) && (end == text.endIndex || !isWord(text[end]))
  }

  /// Whether what stands from `start` to `end` is where programs put a reason: after a colon, a bracket or nothing, and
  /// at the end or before a bracket.
  private static func isReason(_ start: Int, _ end: Int, in text: ArraySlice<UInt8>) -> Bool {
    let before = text[..<start].reversed().first { $0 != UInt8(ascii: " ") }
    let after = text[end...].first { $0 != UInt8(ascii: " ") }
    return (before.map { ":(<[=/".utf8.contains($0) } ?? true) && (after.map { "():.;>]".utf8.contains($0) } ?? true)
  }

  // MARK: Bytes

  private static let newline = UInt8(ascii: "\n")

  private static func lowered(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
      true
    default: false
    }
  }

  /// Where `needle` first stands in `text` at or after `start`.
  private static func find(_ needle: [UInt8], in text: ArraySlice<UInt8>, from start: Int) -> Int? {
    guard let first = needle.first, text.endIndex - start >= needle.count else { return nil }
    for at in start...(text.endIndex - needle.count)
    where text[at] == first && text[at..<(at + needle.count)].elementsEqual(needle) {
      return at
    }
    return nil
  }
}
