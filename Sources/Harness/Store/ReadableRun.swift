// A stored run whose texts are lines: what they hold of control characters is shown, not obeyed.

internal import Foundation

extension StoredRun {
  /// This run with every text of it made visible (`TextFormat.visible`), whatever field it stands in: a field that is
  /// added later is covered too.
  package var readable: StoredRun {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let words = (positive: "inf", negative: "-inf", none: "nan")
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: words.positive, negativeInfinity: words.negative, nan: words.none)
    // A run is numbers and words: nothing of it cannot be written.
    guard let bytes = try? encoder.encode(self), Self.mayHide(bytes) else { return self }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: words.positive, negativeInfinity: words.negative, nan: words.none)
    guard let tree = try? JSONSerialization.jsonObject(with: bytes),
      let shown = try? JSONSerialization.data(withJSONObject: Self.visible(tree)),
      let run = try? decoder.decode(StoredRun.self, from: shown)
    else { preconditionFailure("a run that was encoded cannot be decoded") }
    return run
  }

  /// Whether compact JSON may hold a character that is not to be obeyed: an escape of it, or one beyond ASCII.
  private static func mayHide(_ json: Data) -> Bool {
    let text = String(decoding: json, as: UTF8.self)
    return json.contains(UInt8(ascii: "\\")) || TextFormat.visible(text) != text
  }

  private static func visible(_ tree: Any) -> Any {
    switch tree {
    case let map as [String: Any]:
      Dictionary(map.map { (TextFormat.visible($0.key), visible($0.value)) }, uniquingKeysWith: { first, _ in first })
    case let list as [Any]: list.map(visible)
    case let text as String: TextFormat.visible(text)
    default: tree
    }
  }
}
