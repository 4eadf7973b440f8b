// The trimmed mean of a few numbers, and how sure it is: what a comparison of pairs rests on.

internal import Glibc

/// The mean without the outermost tenth of the numbers on either side, one of them at least, with Yuen's standard error
/// (K. Yuen, "The
/// Two-Sample Trimmed t for Unequal Population Variances", Biometrika 61, 1974; R. Wilcox, "Introduction to Robust
/// Estimation and Hypothesis Testing", chapter 4.3).
///
/// One sample of six that the machine has spoilt is left out and does not decide; a plain mean would let it widen the
/// interval until nothing can be told, and a test of ranks cannot tell anything from six numbers once many comparisons
/// are judged together.
package struct TrimmedMean {
  /// One in so many numbers is left out on either side, and always one. A fifth, as the book advises for large samples,
  /// costs ten numbers four of their nine degrees of freedom.
  package static let trimsOneIn = 10

  /// The mean of the numbers that are left.
  package let mean: Double
  /// Its standard error, from the winsorised numbers.
  package let error: Double
  /// Student's t with one degree of freedom less than numbers are left.
  package let distribution: StudentT

  /// The trimmed mean of `numbers`; nil of fewer than three.
  package init?(_ numbers: [Double]) {
    let count = numbers.count
    guard count >= 3 else { return nil }
    let out = count < 5 ? 0 : max(1, count / Self.trimsOneIn)
    let sorted = numbers.sorted()
    let left = sorted[out..<(count - out)]
    let winsorised = sorted.map { min(max($0, sorted[out]), sorted[count - out - 1]) }
    guard let mean = Statistics.mean(Array(left)), let deviation = Statistics.sampleDeviation(winsorised) else {
      return nil
    }
    self.mean = mean
    // Yuen's: the winsorised sum of squares, over the numbers that are left and their degrees of freedom.
    error = deviation * (Double(count - 1) / Double(left.count * (left.count - 1))).squareRoot()
    distribution = StudentT(degrees: Double(left.count - 1))
  }

  /// How far the true mean may lie from `mean` to either side, with `tail` of the chance beyond each end.
  package func reach(tail: Double) -> Double { error == 0 ? 0 : distribution.quantile(tail: tail) * error }

  /// The two-sided p value of the mean being `value`.
  package func p(of value: Double = 0) -> Double {
    if error == 0 { return mean == value ? 1 : 0 }
    return min(1, 2 * distribution.above(abs(mean - value) / error))
  }

  /// The p value of the mean lying outside ±`edge`: the larger of two one-sided tests (Schuirmann).
  package func pOutside(_ edge: Double) -> Double {
    if error == 0 { return abs(mean) < edge ? 0 : 1 }
    return distribution.above((edge - abs(mean)) / error)
  }
}
