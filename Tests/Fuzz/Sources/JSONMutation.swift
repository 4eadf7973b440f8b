// JSON whose values an input replaces: most bytes are no JSON, and a fuzzer would see the parser's errors alone.

import Foundation
import Glibc

/// A document of the project's fixtures, and what inputs make of it.
///
/// Unchecked: the tree is read only, by the one thread that fuzzes.
struct JSONSample: @unchecked Sendable {
  /// The document as it is in its file.
  private let tree: Any

  /// The fixture `name`, below the folder that FUZZ_SAMPLES names.
  init(_ name: String) {
    let folder = getenv("FUZZ_SAMPLES").map { String(cString: $0) } ?? "Tests/HarnessTests/Fixtures"
    guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
      fatalError("fuzz: no \(folder)/\(name); set FUZZ_SAMPLES")
    }
    guard let tree = try? JSONSerialization.jsonObject(with: bytes) else { fatalError("fuzz: \(name) is no JSON") }
    self.tree = tree
  }

  /// The document `text`.
  init(text: String) {
    guard let tree = try? JSONSerialization.jsonObject(with: Data(text.utf8)) else { fatalError("fuzz: no JSON") }
    self.tree = tree
  }

  /// What no reader may take for text of its own: every form that can be obeyed must not have it.
  static let markup = "<evil a='1'>"
  /// What a spreadsheet would compute.
  static let formula = "=evil(1)"
  /// What a terminal would obey.
  static let escape = "\u{1b}[31m"

  private static var values: [Any] {
    [
      0, -1, 1, 1e15, -1e15, 1e308, -1e308, Double.leastNonzeroMagnitude, 9_223_372_036_854_775_807, UInt64.max,
      4_294_967_296, 0.1, true,
      NSNull(), "", " ", "x", markup, formula, escape, "a\nb", "\u{202e}x", "`x` | [x](y)", "../../x",
      String(repeating: "ü", count: 5000), [Any](), [String: Any](), ["x"], [1, 2, 3], "1e400", "-", "\u{0}",
    ]
  }

  /// The document with what `input` changes in it: three bytes each, two for the place and one for the value.
  func mutated(by input: UnsafeRawBufferPointer) -> Data {
    var tree = tree
    var rest = Array(input)[...]
    while rest.count >= 3, let first = rest.popFirst(), let second = rest.popFirst(), let kind = rest.popFirst() {
      var place = (Int(first) << 8 | Int(second)) % max(1, Self.count(tree))
      tree = Self.replacing(&place, in: tree, Int(kind)) ?? NSNull()
    }
    return (try? JSONSerialization.data(withJSONObject: tree, options: [.sortedKeys, .fragmentsAllowed])) ?? Data()
  }

  private static func count(_ tree: Any) -> Int {
    switch tree {
    case let map as [String: Any]: map.values.reduce(1) { $0 + count($1) }
    case let list as [Any]: list.reduce(1) { $0 + count($1) }
    default: 1
    }
  }

  /// `tree` with its node number `place` replaced; nil if that node goes.
  private static func replacing(_ place: inout Int, in tree: Any, _ kind: Int) -> Any? {
    place -= 1
    if place == -1 {
      if kind == 255 { return nil }
      if kind == 254, let list = tree as? [Any] { return list + list }
      return values[kind % values.count]
    }
    switch tree {
    case let map as [String: Any]:
      var result: [String: Any] = [:]
      for (key, value) in map.sorted(by: { $0.key < $1.key }) {
        result[key] = place < 0 ? value : replacing(&place, in: value, kind)
      }
      return result
    case let list as [Any]:
      return list.compactMap { place < 0 ? $0 : replacing(&place, in: $0, kind) }
    default: return tree
    }
  }
}
