// What qemu-img and fio tell as JSON or as tables, reduced to the fields that every version of them tells.

import Foundation

/// A value of JSON.
private enum JSONValue: Decodable {
  case object([String: JSONValue]), array([JSONValue]), string(String), number(Double), bool(Bool), null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }

  /// The member `name` of an object.
  subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[name]
  }

  var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// As it stands in a transcript: whole numbers without a fraction.
  var text: String {
    switch self {
    case .string(let text): text
    case .number(let number): Int64(exactly: number).map { "\($0)" } ?? "\(number)"
    case .bool(let value): "\(value)"
    case .null: "null"
    case .array: "a list"
    case .object: "an object"
    }
  }

  /// `NAME VALUE` of a member, or `no NAME`: a field that is not there must show.
  func field(_ name: String) -> String { self[name].map { "\(name) \($0.text)" } ?? "no \(name)" }
}

/// Filters of tools that tell JSON.
enum ToolDocuments {
  /// qemu-img's `map` and `info`, as JSON or for people: the extents, the format and the virtual size in bytes. A field
  /// that newer versions add goes, and so does what `info` says of the file beneath; what else qemu-img says stays.
  static func reduceQemuImg(_ text: [UInt8]) -> [UInt8] {
    joined(
      pieces(text).flatMap { piece in
        switch piece {
        case .document(let value, let lines): qemuImg(value).map { $0.map(bytes) } ?? lines
        case .line(let line): qemuImgLine(line)
        }
      })
  }

  /// fio's JSON: for each job its error, and of one that finishes how many reads and writes it did. What fio prints
  /// around it goes, since the error stands in the JSON; where there is no JSON all of it stays.
  static func reduceFio(_ text: [UInt8]) -> [UInt8] {
    var jobs: [[UInt8]] = []
    for case .document(let value, _) in pieces(text) { jobs += (fio(value) ?? []).map(bytes) }
    return jobs.isEmpty ? text : joined(jobs + [[]])
  }

  // MARK: qemu-img

  private static func qemuImg(_ document: JSONValue) -> [String]? {
    if let extents = document.elements {
      guard extents.allSatisfy({ $0["start"] != nil || $0["length"] != nil }) else { return nil }
      return extents.map { extent in
        ["start", "length", "depth", "present", "zero", "data", "offset"].map(extent.field).joined(separator: ", ")
      }
    }
    guard document["virtual-size"] != nil || document["format"] != nil else { return nil }
    return [[document.field("format"), document.field("virtual-size")].joined(separator: ", ")]
  }

  /// A line of `info` or `map` for people; others stay.
  private static func qemuImgLine(_ line: [UInt8]) -> [[UInt8]] {
    let text = line.count <= 4096 ? ByteText(line).text : ""
    // What belongs to a child node is indented.
    let isExtra = #/(image|disk size|cluster_size|Child node|Format specific information|encrypted|    +\S[^:]*)\b.*/#
    if text.wholeMatch(of: isExtra) != nil { return [] }
    if let match = text.wholeMatch(of: #/virtual size: .*\(([0-9]+) bytes\)/#) {
      return [bytes("virtual size: \(match.1) bytes")]
    }
    if text.wholeMatch(of: #/Offset +Length +Mapped to +File/#) != nil { return [bytes("Offset Length Mapped")] }
    if let match = text.wholeMatch(of: #/((?:0x)?[0-9a-f]+) +((?:0x)?[0-9a-f]+) +((?:0x)?[0-9a-f]+) .*/#) {
      return [bytes("\(match.1) \(match.2) \(match.3)")]
    }
    return [line]
  }

  // MARK: fio

  private static func fio(_ document: JSONValue) -> [String]? {
    guard let jobs = document["jobs"]?.elements else { return nil }
    return jobs.map { job in
      var told = ["read", "write"].map { "\(job[$0]?["total_ios"]?.text ?? "no") \($0)s" }
      let failure = error(job["error"])
      if let count = job["total_err"] {
        // Told of jobs that go on after errors, and finish.
        told.append("\(count.text) errors, first \(error(job["first_error"]))")
      } else if failure != "no error" {
        // How many were under way when it gave up is chance.
        told = []
      }
      return "\(job["jobname"]?.text ?? "no jobname"): \(([failure] + told).joined(separator: ", "))"
    }
  }

  private static func error(_ value: JSONValue?) -> String {
    guard case .number(let number) = value, let number = CInt(exactly: number) else { return "no error field" }
    return number == 0 ? "no error" : ErrnoName.name(of: number)
  }

  // MARK: Documents in text

  private enum Piece {
    case document(JSONValue, lines: [[UInt8]])
    case line([UInt8])
  }

  private static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
  private static func joined(_ lines: [[UInt8]]) -> [UInt8] { Array(lines.joined(separator: [UInt8(ascii: "\n")])) }

  private static func pieces(_ text: [UInt8]) -> [Piece] {
    var result: [Piece] = []
    var rest = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)[...]
    while let line = rest.first {
      let count = documentLines(rest)
      // One that does not end is looked for once: its lines, and all that follow, stay.
      if count == 0 { return result + rest.map { .line(Array($0)) } }
      if let count, let value = value(rest.prefix(count)) {
        result.append(.document(value, lines: rest.prefix(count).map(Array.init)))
        rest = rest.dropFirst(count)
      } else {
        result.append(.line(Array(line)))
        rest = rest.dropFirst()
      }
    }
    return result
  }

  private static func value(_ lines: some Sequence<ArraySlice<UInt8>>) -> JSONValue? {
    try? OutsideJSON.decode(JSONValue.self, from: Array(lines.joined(separator: [UInt8(ascii: "\n")])))
  }

  /// How many of `lines` the object or list takes that begins with the first: nil if none begins, 0 if it does not end.
  private static func documentLines(_ lines: ArraySlice<ArraySlice<UInt8>>) -> Int? {
    guard let first = lines.first?.first, "{[".utf8.contains(first) else { return nil }
    var depth = 0
    var isString = false
    var isEscaped = false
    for (count, line) in lines.enumerated() {
      for byte in line {
        if isEscaped {
          isEscaped = false
        } else if isString {
          isEscaped = byte == UInt8(ascii: "\\")
          isString = byte != UInt8(ascii: "\"")
        } else {
          switch byte {
          case UInt8(ascii: "\""): isString = true
          case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
          case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
          default: break
          }
        }
      }
      if depth <= 0 { return count + 1 }
    }
    return 0
  }
}
