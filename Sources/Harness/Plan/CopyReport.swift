// What dd reports of its work, the same from every dd.

/// Reports of dd in one form: the records, then the bytes without time and rate; of a dd that failed its errors alone.
///
/// GNU's dd tells an error before its report and counts the record that it could not write as one that came in. One of
/// uutils' tells it after and does not count that record, another reports nothing once it failed. A scenario that wants
/// to know how much a failed dd wrote looks at the file.
enum CopyReport {
  private enum Line {
    case error, recordsIn, recordsOut, bytes(Substring), other

    init(_ line: ArraySlice<UInt8>) {
      let text = line.count <= 4096 ? ByteText(line).text : ""
      if text.prefixMatch(of: #/(\S*/)?dd: /#) != nil {
        self = .error
      } else if text.ends(with: " records in"), text.wholeMatch(of: #/[0-9]+\+[0-9]+ records in/#) != nil {
        self = .recordsIn
      } else if text.ends(with: " records out"), text.wholeMatch(of: #/[0-9]+\+[0-9]+ records out/#) != nil {
        self = .recordsOut
      } else if let match = text.wholeMatch(of: #/([0-9]+ bytes?)( \([^)]*\))? copied(,.*)?/#) {
        self = .bytes(match.1)
      } else {
        self = .other
      }
    }
  }

  /// One dd's lines.
  private struct Block {
    var errors: [[UInt8]] = []
    var recordsIn: [[UInt8]] = []
    var recordsOut: [[UInt8]] = []
    var bytes: [[UInt8]] = []

    var lines: [[UInt8]] { errors.isEmpty ? recordsIn + recordsOut + bytes : errors }
  }

  /// `text` with each report in that form.
  static func reduce(_ text: [UInt8]) -> [UInt8] {
    var result: [[UInt8]] = []
    var block = Block()
    func close() {
      result += block.lines
      block = Block()
    }
    for line in text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      switch Line(line) {
      case .error:
        // After the bytes it is the error of this dd, if it has none yet; else the next dd begins.
        if !block.bytes.isEmpty, !block.errors.isEmpty { close() }
        block.errors.append(Array(line))
      case .recordsIn:
        if !block.bytes.isEmpty { close() }
        block.recordsIn.append(Array(line))
      case .recordsOut: block.recordsOut.append(Array(line))
      case .bytes(let count): block.bytes.append(Array("\(count) copied".utf8))
      case .other:
        close()
        result.append(Array(line))
      }
    }
    close()
    return Array(result.joined(separator: [UInt8(ascii: "\n")]))
  }
}
