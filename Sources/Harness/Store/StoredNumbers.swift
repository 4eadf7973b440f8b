// The numbers of a stored run before anything is computed from them: each finite, and no larger than it can be.

internal import Foundation

/// Limits for the numbers of a stored form. They leave room for every machine, and keep sums, products and ratios of
/// what is inside them from growing beyond what a Double or an Int holds.
enum StoredNumbers {
  /// What a number with this name can be. Names are those of run.json; the last one of a path decides.
  private static let limits: [String: ClosedRange<Double>] = [
    "schema": 0...1e6, "index": 0...1e6, "samples": 0...1000, "max_samples": 0...1000, "number": 1...10_000,
    "of": 1...10_000, "budget_seconds": 0...1e7, "runtime": 0...1e7, "ramp": 0...1e7, "precision": 0...1000,
    "smallest_effect": 0...1000, "read_percent": 0...100, "depth": 0...1e6, "jobs": 0...1e6, "threads": 0...1e6,
    "queue_depth": 0...1e6, "cpus_online": 0...1e6, "cpus_possible": 0...1e6, "block": 0...1e15, "size": 0...9e18,
    "memory": 0...9e18, "seed": 0...1.85e19, "planned": 0...1e9, "round": 0...1e6, "rounds": 0...1e6,
  ]
  /// Of these names, those of numbers that have a fraction. The others are whole: Foundation's decoder would refuse
  /// another one without a word of where it stands.
  private static let fractions: Set<String> = ["budget_seconds", "runtime", "ramp", "precision", "smallest_effect"]
  /// What any other number can be.
  private static let usual = -1e15...1e15

  /// The first number of `tree` (what `JSONSerialization` makes of a file) that cannot be, in words: where it stands,
  /// what it is, and what it could be. nil if there is none.
  static func fault(in tree: Any, path: [String] = []) -> String? {
    switch tree {
    case let map as [String: Any]:
      for (key, value) in map.sorted(by: { $0.key < $1.key }) {
        if let fault = fault(in: value, path: path + [key]) { return fault }
      }
    case let list as [Any]:
      if path.last == "samples", list.count > 1000 {
        return "\(path.joined(separator: ".")): holds \(list.count) samples, of at most 1000"
      }
      for (place, value) in list.enumerated() {
        if let fault = fault(in: value, path: path + ["\(place)"]) { return fault }
      }
    default:
      guard let number = (tree as? NSNumber)?.doubleValue else { return nil }
      let key = path.last { Int($0) == nil } ?? ""
      // What a cell measured has no sign.
      let limit = limits[key] ?? (path.first == "cells" ? 0...usual.upperBound : usual)
      guard number.isFinite, limit.contains(number) else {
        return "\(path.joined(separator: ".")): \(tree) is out of range "
          + "(\(short(limit.lowerBound)) to \(short(limit.upperBound)))"
      }
      if limits[key] != nil, !fractions.contains(key), number.rounded() != number {
        return "\(path.joined(separator: ".")): \(tree) is no whole number"
      }
    }
    return nil
  }

  private static func short(_ number: Double) -> String { String(format: "%.6g", number) }

  /// What stands at `path` in `tree`, in a few words for a message; nil if nothing does.
  static func text(at path: [String], in tree: Any) -> String? {
    var place: Any = tree
    for key in path {
      if let map = place as? [String: Any], let next = map[key] {
        place = next
      } else if let list = place as? [Any], let index = Int(key), list.indices.contains(index) {
        place = list[index]
      } else {
        return nil
      }
    }
    switch place {
    case is [String: Any]: return "a mapping"
    case is [Any]: return "a list"
    default: return String("\(place)".prefix(40))
    }
  }
}
