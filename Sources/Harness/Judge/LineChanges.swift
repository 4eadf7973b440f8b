// Which lines one text has and another lacks: what differences and comparisons are made from.

internal import Glibc

/// The changes that make `old` into `new`: the fewest, by Myers' greedy algorithm ("An O(ND) Difference Algorithm",
/// 1986), as long as they are few. Its time grows with the lines times the changes; where texts have next to nothing
/// in common, that is the square of their length, and what stands between their common start and end is then taken as
/// changed altogether.
struct LineChanges {
  /// Whether a place of the old text has a line that the new one lacks.
  private(set) var removed: [Bool]
  /// Whether a place of the new text has a line that the old one lacks.
  private(set) var inserted: [Bool]
  /// Whether the search was given up: then equal lines may be among the changed ones.
  private(set) var isCoarse = false

  /// Changes beyond which the search is given up: its memory grows with their square.
  static let mostChanges = 1000
  /// Comparisons of lines beyond which it is.
  static let mostComparisons = 4_000_000

  init(from old: [ArraySlice<UInt8>], to new: [ArraySlice<UInt8>]) {
    removed = [Bool](repeating: false, count: old.count)
    inserted = [Bool](repeating: false, count: new.count)
    let (left, right) = (old.map(Self.hash), new.map(Self.hash))
    func isSame(_ i: Int, _ j: Int) -> Bool { left[i] == right[j] && old[i] == new[j] }
    var start = 0
    while start < min(old.count, new.count), isSame(start, start) { start += 1 }
    var (oldEnd, newEnd) = (old.count, new.count)
    while oldEnd > start, newEnd > start, isSame(oldEnd - 1, newEnd - 1) {
      oldEnd -= 1
      newEnd -= 1
    }
    for i in start..<oldEnd { removed[i] = true }
    for j in start..<newEnd { inserted[j] = true }
    guard start < oldEnd, start < newEnd else { return }
    guard
      let kept = Self.common(oldEnd - start, newEnd - start, isSame: { isSame(start + $0, start + $1) })
    else {
      isCoarse = true
      return
    }
    for (i, j) in kept {
      removed[start + i] = false
      inserted[start + j] = false
    }
  }

  /// FNV-1a; two lines of one hash are compared byte by byte.
  private static func hash(_ line: ArraySlice<UInt8>) -> UInt64 {
    line.withUnsafeBufferPointer { bytes in
      var hash: UInt64 = 0xcbf2_9ce4_8422_2325
      for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
      return hash
    }
  }

  /// The pairs of lines that stay, the last first, of texts with `oldCount` and `newCount` lines; nil if that is too
  /// much work.
  private static func common(
    _ oldCount: Int, _ newCount: Int, isSame: (Int, Int) -> Bool
  ) -> [(Int, Int)]? {
    let most = min(mostChanges, oldCount + newCount)
    var comparisons = 0
    // ends[d][k + d]: how far into the old text d changes lead on the diagonal k (old place minus new place).
    var ends: [[Int]] = []
    for changes in 0...most {
      let last = ends.last ?? [0]
      var row = [Int](repeating: -1, count: 2 * changes + 1)
      for step in 0...changes {
        let diagonal = 2 * step - changes
        var i = changes == 0 ? 0 : Self.begin(last, changes - 1, diagonal)
        guard i >= 0, i <= oldCount, i - diagonal >= 0, i - diagonal <= newCount else { continue }
        comparisons += 1
        while i < oldCount, i - diagonal < newCount, isSame(i, i - diagonal) {
          i += 1
          comparisons += 1
        }
        row[diagonal + changes] = i
        if i == oldCount, i - diagonal == newCount {
          ends.append(row)
          return walk(back: ends, oldCount, newCount)
        }
      }
      guard comparisons <= mostComparisons else { return nil }
      ends.append(row)
    }
    return nil
  }

  /// Where one more change leads on `diagonal`, from the ends `row` of `changes` changes; -1 where it leads nowhere.
  private static func begin(_ row: [Int], _ changes: Int, _ diagonal: Int) -> Int {
    func end(_ diagonal: Int) -> Int { abs(diagonal) <= changes ? row[diagonal + changes] : -1 }
    let (inserted, below) = (end(diagonal + 1), end(diagonal - 1))
    return max(inserted, below >= 0 ? below + 1 : -1)
  }

  private static func walk(back ends: [[Int]], _ oldCount: Int, _ newCount: Int) -> [(Int, Int)] {
    var pairs: [(Int, Int)] = []
    var (i, j) = (oldCount, newCount)
    for changes in (0..<ends.count).reversed() {
      let diagonal = i - j
      let start = changes == 0 ? 0 : begin(ends[changes - 1], changes - 1, diagonal)
      while i > start {
        i -= 1
        j -= 1
        pairs.append((i, j))
      }
      guard changes > 0 else { break }
      let row = ends[changes - 1]
      let inserted = abs(diagonal + 1) < changes ? row[diagonal + changes] : -1
      if inserted == start { j -= 1 } else { i -= 1 }
    }
    return pairs
  }
}
