// Which lines one text has and another lacks: what differences and comparisons are made from.

/// The changes that make `old` into `new`.
struct LineChanges {
  /// Places of lines of the old text that the new one lacks.
  private(set) var removed: Set<Int> = []
  /// Places of lines of the new text that the old one lacks.
  private(set) var inserted: Set<Int> = []

  init(from old: [String], to new: [String]) {
    for change in new.difference(from: old) {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
  }
}
