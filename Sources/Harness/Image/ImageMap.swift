// `img map`: which ranges of a raw image hold data.

/// What `img map` does.
package enum ImageMap: String, CaseIterable, Sendable {
  /// A table of the ranges that hold data.
  case human
  /// A JSON list of all ranges.
  case json

  /// The map of the image at `path`, in qemu-img's form.
  /// - Throws: `ImageError` if it cannot be opened.
  package func text(_ path: String) throws(ImageError) -> String {
    let extents = try RawImage(path).extents()
    switch self {
    case .human:
      let head = Self.row(["Offset", "Length", "Mapped to"], "File")
      return extents.filter(\.isData).reduce(head) { text, extent in
        let start = Self.hex(extent.start)
        return text + Self.row([start, Self.hex(extent.length), start], path)
      }
    case .json:
      let rows = extents.map { extent in
        "{ \"start\": \(extent.start), \"length\": \(extent.length), \"depth\": 0, \"present\": true, "
          + "\"zero\": \(!extent.isData), \"data\": \(extent.isData), \"offset\": \(extent.start)}"
      }
      return "[\(rows.joined(separator: ",\n"))]\n"
    }
  }

  private static func row(_ cells: [String], _ last: String) -> String {
    cells.map { $0 + String(repeating: " ", count: max(0, 16 - $0.count)) }.joined() + last + "\n"
  }

  /// As C's `%#x`: zero has no prefix.
  private static func hex(_ number: Int64) -> String {
    number == 0 ? "0" : "0x" + String(number, radix: 16)
  }
}
