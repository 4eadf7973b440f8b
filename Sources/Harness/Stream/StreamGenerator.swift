// From a seed to operations: the same ones on every machine.

internal import HarnessStatistics

/// Makes the operations of a stream.
package struct StreamGenerator {
  private var dice: SeededNumbers
  private var tag = 0
  private let limit: Int
  private let kinds: [StreamOperation.Kind]

  /// How often a kind is chosen, out of the sum.
  private static let weights: [StreamOperation.Kind: Int] = [
    .read: 28, .write: 28, .truncate: 6, .punch: 8, .zero: 8, .reopen: 3, .sync: 3, .size: 4, .mapRead: 6,
    .mapWrite: 6,
  ]

  private init(seed: UInt64, limit: Int, without: Set<StreamOperation.Kind>) {
    dice = SeededNumbers(seed: seed)
    self.limit = limit
    kinds = StreamOperation.Kind.allCases.filter { !without.contains($0) }.flatMap {
      [StreamOperation.Kind](repeating: $0, count: Self.weights[$0, default: 1])
    }
  }

  /// `count` operations on a file of `length` bytes that never reach beyond `limit`.
  /// - Parameter without: kinds that do not occur.
  package static func operations(
    seed: UInt64, count: Int, length: Int, limit: Int, growable: Bool,
    without: Set<StreamOperation.Kind> = []
  ) -> [StreamOperation] {
    var generator = StreamGenerator(seed: seed, limit: limit, without: without)
    var length = length
    return (0..<count).map { _ in
      let operation = generator.next(length: length)
      length = StreamModel.length(after: operation, from: length, growable: growable)
      return operation
    }
  }

  private mutating func next(length: Int) -> StreamOperation {
    let (offset, count) = range(length: length)
    switch kinds[dice.below(kinds.count)] {
    case .read: return .read(offset: offset, length: count)
    case .write: return .write(offset: offset, length: count, tag: nextTag())
    case .truncate: return .truncate(size: place(length: length))
    case .punch: return .punch(offset: offset, length: count)
    case .zero: return .zero(offset: offset, length: count, keepsSize: dice.below(2) == 0)
    case .reopen: return .reopen(durable: dice.below(3) == 0)
    case .sync: return .sync
    case .size: return .size
    case .mapRead:
      let (start, size) = inside(length, offset, count)
      return .mapRead(mapping(), offset: start, length: size)
    case .mapWrite:
      let (start, size) = inside(length, offset, count)
      return .mapWrite(mapping(), offset: start, length: size, tag: nextTag())
    }
  }

  private mutating func nextTag() -> Int {
    tag += 1
    return tag
  }

  private mutating func mapping() -> StreamOperation.Mapping { dice.below(2) == 0 ? .shared : .private }

  /// Somewhere: often near the end, often at a border of blocks, else anywhere.
  private mutating func place(length: Int) -> Int {
    let place =
      switch dice.below(8) {
      case 0, 1: length + dice.below(17) - 8
      case 2: dice.below(limit) / 4096 * 4096 + dice.below(3) - 1
      case 3: dice.below(limit) / 4096 * 4096
      default: dice.below(limit)
      }
    return min(max(0, place), limit - 1)
  }

  private mutating func range(length: Int) -> (offset: Int, count: Int) {
    let offset = place(length: length)
    let count =
      switch dice.below(16) {
      case 0...3: 1 + dice.below(16)
      case 4...9: 1 + dice.below(8192)
      case 10, 11: 4096 * (1 + dice.below(4))
      case 12...14: 1 + dice.below(65_536)
      default: 1 + dice.below(limit / 2)
      }
    return (offset, min(count, limit - offset))
  }

  /// The range moved and cut so that a mapping can reach it, if the file is long enough.
  private func inside(_ length: Int, _ offset: Int, _ count: Int) -> (Int, Int) {
    guard length > 0 else { return (0, 1) }
    let start = offset % length
    return (start, min(count, length - start))
  }
}
