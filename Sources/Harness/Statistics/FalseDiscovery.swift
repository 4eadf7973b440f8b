// Many comparisons judged together: how many of those that are believed may be chance.

/// The procedure of Benjamini & Hochberg ("Controlling the False Discovery Rate", Journal of the Royal Statistical
/// Society B 57, 1995). It holds for comparisons that share a baseline, too (Benjamini & Yekutieli, Annals of
/// Statistics 29, 2001: positive dependence).
package enum FalseDiscovery {
  /// Each of `values` as it stands among all of them: if those below a limit are believed, the share of wrong ones
  /// among the believed is expected to stay below that limit.
  package static func adjusted(_ values: [Double]) -> [Double] {
    var adjusted = values
    var least = 1.0
    for (rank, place) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated().reversed() {
      least = min(least, values[place] * Double(values.count) / Double(rank + 1))
      adjusted[place] = least
    }
    return adjusted
  }
}
