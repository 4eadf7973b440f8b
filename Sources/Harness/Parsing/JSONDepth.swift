// How deep lists and objects of a JSON text lie in each other: its readers recurse, and a stack ends.

/// A bound on the nesting of JSON that others wrote, looked at before it is read.
package enum JSONDepth {
  /// The deepest that is read. Nothing that this program or fio writes comes near it.
  package static let limit = 64

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
