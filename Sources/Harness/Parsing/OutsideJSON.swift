// The one way by which JSON that others wrote becomes values: its readers recurse, and a stack ends.

internal import Foundation

/// JSON that is not taken; a few words without the file.
struct OutsideJSONError: Error, CustomStringConvertible {
  let description: String
}

/// Reads JSON that others wrote, once it is known that lists and objects do not lie in each other too deep.
package enum OutsideJSON {
  /// The deepest that is read. Nothing that this program, fio or qemu-img writes comes near it.
  package static let limit = 64

  /// The value of `type` in `json`, read by `decoder`.
  /// - Throws: `OutsideJSONError` if it is nested too deep; what the decoder throws.
  static func decode<Value: Decodable>(
    _ type: Value.Type, from json: some DataProtocol, by decoder: JSONDecoder = JSONDecoder()
  ) throws -> Value {
    if let fault = fault(in: json) { throw OutsideJSONError(description: fault) }
    return try decoder.decode(type, from: Data(json))
  }

  /// The object that `json` is; nil if it is none.
  /// - Throws: `OutsideJSONError` if it is nested too deep.
  static func object(in json: some DataProtocol) throws(OutsideJSONError) -> [String: Any]? {
    if let fault = fault(in: json) { throw OutsideJSONError(description: fault) }
    return (try? JSONSerialization.jsonObject(with: Data(json))) as? [String: Any]
  }

  /// What is wrong with the nesting of `json`, in a few words; nil if nothing is. In time linear in its length, whether
  /// it is JSON at all or not.
  package static func fault(in json: some Sequence<UInt8>) -> String? {
    var depth = 0
    var isText = false
    var isEscaped = false
    for byte in json {
      if isText {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isText = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isText = true
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        depth += 1
        if depth > limit { return "lists and objects lie in each other more than \(limit) deep" }
      case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: break
      }
    }
    return nil
  }
}
