// How a subject's data file turns settings into a command line: variables, conditions, repetition.

/// A command line with holes.
///
/// An argument is text with `{variables}`. A variable is either a *value* (`{image}`) or a *flag*: the text
/// that the subject declares for the value at hand (`{writable}` is `,writable=on` where writable is on, and
/// nothing where the subject declares no text). `{{` and `}}` are literal braces. In a word with a comma of its own,
/// which is a list of options, commas of paths are doubled.
package struct CommandTemplate: Sendable, Equatable {
  /// A run of arguments that stands or falls together.
  package struct Part: Sendable, Equatable {
    /// `NAME=VALUE` that must hold of the values; nil always holds.
    var condition: When?
    /// Whether the arguments are repeated for each iothread, with `{thread}` and `{index}`.
    var perThread = false
    var arguments: [String]
  }

  /// A test on one value.
  struct When: Sendable, Equatable {
    var name: String
    var value: String
  }

  var parts: [Part]
  /// Flag name → (value → text); the value `any` stands for each one that is not empty and not listed,
  /// the value `each` for a text that is repeated for each iothread.
  var flags: [String: [String: String]] = [:]

  /// The command line for `values`, with `threads` as the names of the iothreads.
  /// - Throws: `TemplateError` if a variable has neither a value nor a flag.
  func expand(values: [String: String], threads: [String]) throws -> [String] {
    var result: [String] = []
    for part in parts {
      if let condition = part.condition, values[condition.name] != condition.value { continue }
      let rounds: [[String: String]] =
        part.perThread ? threads.enumerated().map { ["index": "\($0)", "thread": $1] } : [[:]]
      for extra in rounds {
        let all = values.merging(extra) { $1 }
        for argument in part.arguments {
          let words = argument.holds(",") ? all.merging(Self.optionWords(all)) { $1 } : all
          result.append(try fill(argument) { try text(of: $0, values: words, threads: threads) })
        }
      }
    }
    return result
  }

  /// The values that are paths, as they stand in a list of options.
  private static func optionWords(_ values: [String: String]) -> [String: String] {
    values.filter { ["image", "mountpoint", "pidfile", "stats"].contains($0.key) }
      .mapValues { $0.doubling(",") }
  }

  /// Where a variable stands: the word or the flag's text, and that flag's name with its value.
  struct Place: Equatable {
    var text: String
    var flag: String?
  }

  /// The variables that the words and the texts of the flags ask for, with where they stand.
  var variables: [(name: String, place: Place)] {
    var found: [(name: String, place: Place)] = []
    func note(_ text: String, _ flag: String? = nil) {
      // The words are looked through as they are filled.
      _ = fill(text) { name in
        found.append((name, Place(text: text, flag: flag)))
        return ""
      }
    }
    for part in parts { for argument in part.arguments { note(argument) } }
    for (flag, texts) in flags.sorted(by: { $0.key < $1.key }) {
      for (value, text) in texts.sorted(by: { $0.key < $1.key }) { note(text, "\(flag).\(value)") }
    }
    return found
  }

  private func text(of name: String, values: [String: String], threads: [String]) throws -> String {
    guard let flag = flags[name] else {
      guard let value = values[name] else { throw TemplateError(variable: name) }
      return value
    }
    let plain: (String) throws -> String = {
      guard let value = values[$0] else { throw TemplateError(variable: $0) }
      return value
    }
    if let each = flag["each"] {
      return try threads.enumerated().map { index, thread in
        try fill(each) { $0 == "index" ? "\(index)" : $0 == "thread" ? thread : try plain($0) }
      }.joined()
    }
    let value = values[name] ?? ""
    let text = flag[value] ?? (value.isEmpty ? nil : flag["any"])
    return try fill(text ?? "", plain)
  }

  private func fill(_ text: String, _ value: (String) throws -> String) rethrows -> String {
    let (open, close) = (UInt8(ascii: "{"), UInt8(ascii: "}"))
    var result: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == open || byte == close, rest.first == byte {
        result.append(byte)
        rest = rest.dropFirst()
      } else if byte == open, let end = rest.firstIndex(of: close) {
        result += try value(ByteText(rest[..<end]).text).utf8
        rest = rest[(end + 1)...]
      } else {
        result.append(byte)
      }
    }
    return ByteText(result).text
  }
}

/// A template asks for something that does not exist.
package struct TemplateError: Error, CustomStringConvertible {
  let variable: String
  /// What is wrong, and the way out.
  package var description: String {
    "the command has the variable {\(variable)}, which is neither a value nor one of the flags"
  }
}
