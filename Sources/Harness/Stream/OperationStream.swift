// A stream against its model: the first result that differs, and the short sequence that still shows it.

/// A sequence of operations, replayed on a layer and on the model.
package struct OperationStream: Sendable {
  /// The operations.
  package var operations: [StreamOperation]
  /// The length of the file of zeroes that it begins with.
  package var length: Int
  /// Whether writes extend the file.
  package var isGrowable: Bool

  /// A result that is not the model's.
  package struct Mismatch: Sendable, Equatable {
    /// The position in the sequence.
    package var index: Int
    /// What the layer showed instead of what the model says, in one line.
    package var detail: String
  }

  /// A stream of these operations.
  package init(_ operations: [StreamOperation], length: Int, growable: Bool) {
    self.operations = operations
    self.length = length
    isGrowable = growable
  }

  /// Replays on `layer`, from a fresh file, and reads all of it at the end.
  /// - Returns: the first mismatch, or nil. An index behind the last operation means that final reading.
  /// - Throws: what `layer.reset` throws.
  package func replay(on layer: inout some StreamLayer) throws -> Mismatch? {
    var model = StreamModel(growable: isGrowable)
    model.reset(length: length)
    try layer.reset(length: length)
    for (index, operation) in operations.enumerated() {
      if let mismatch = compare(operation, at: index, &layer, &model) { return mismatch }
    }
    if let mismatch = compare(.size, at: operations.count, &layer, &model) { return mismatch }
    return compare(.read(offset: 0, length: model.length + 1), at: operations.count, &layer, &model)
  }

  private func compare(
    _ operation: StreamOperation, at index: Int, _ layer: inout some StreamLayer, _ model: inout StreamModel
  ) -> Mismatch? {
    let expected = model.apply(operation)
    let got = layer.apply(operation)
    guard got != expected else { return nil }
    return Mismatch(index: index, detail: Self.describe(operation, got: got, expected: expected))
  }

  private static func describe(
    _ operation: StreamOperation, got: StreamResult, expected: StreamResult
  ) -> String {
    guard case .bytes(let wrong) = got, case .bytes(let right) = expected else {
      return "\(operation.line): \(word(got)) where \(word(expected)) is right"
    }
    let start =
      switch operation {
      case .read(let offset, _), .mapRead(_, let offset, _), .mapWrite(_, let offset, _, _): offset
      default: 0
      }
    let common = zip(wrong, right).prefix { $0 == $1 }.reduce(0) { count, _ in count + 1 }
    guard common < min(wrong.count, right.count) else {
      return "\(operation.line): \(word(got)) where \(word(expected)) is right"
    }
    return "\(operation.line): byte \(wrong[common]) at \(start + common) where \(right[common]) is right"
  }

  private static func word(_ result: StreamResult) -> String {
    switch result {
    case .bytes(let bytes): "\(bytes.count) bytes"
    case .count(let count): "\(count)"
    case .done: "ok"
    case .beyondEnd: "nothing (beyond the end)"
    case .error(let name): name
    }
  }

  // MARK: Shrinking

  /// A shorter stream that still shows a mismatch on `layer`, found by leaving out parts (delta debugging).
  /// - Parameter replays: how many times a sequence may be replayed.
  /// - Returns: nil if not even the whole sequence shows it again.
  /// - Throws: what `layer.reset` throws.
  package func shrunk(on layer: inout some StreamLayer, replays: Int = 400) throws -> OperationStream? {
    var left = replays
    func failing(_ operations: [StreamOperation]) throws -> [StreamOperation]? {
      guard left > 0 else { return nil }
      left -= 1
      let stream = OperationStream(operations, length: length, growable: isGrowable)
      // What comes after the mismatch plays no part.
      return try stream.replay(on: &layer).map { Array(operations.prefix($0.index + 1)) }
    }
    guard var best = try failing(operations) else { return nil }
    var parts = 2
    while best.count > 1, left > 0 {
      let size = (best.count + parts - 1) / parts
      var shorter: [StreamOperation]?
      // From the end: what is there was done on top of the rest, so it is more often of no account.
      for start in stride(from: 0, to: best.count, by: size).reversed() {
        let end = min(start + size, best.count)
        shorter = try failing(Array(best[..<start] + best[end...]))
        if shorter != nil { break }
      }
      if let shorter {
        best = shorter
        parts = max(2, parts - 1)
      } else if size == 1 {
        break
      } else {
        parts = min(parts * 2, best.count)
      }
    }
    return OperationStream(best, length: length, growable: isGrowable)
  }

  // MARK: Telling

  /// How often each kind occurs, in the order of the kinds.
  package var summary: String {
    StreamOperation.Kind.allCases.compactMap { kind in
      let count = operations.count { $0.kind == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }.joined(separator: ", ")
  }
}
