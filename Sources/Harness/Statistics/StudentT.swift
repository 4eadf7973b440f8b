// Student's t distribution: how far a mean of few numbers may lie from the true one by chance.

internal import Glibc

/// Student's t with `degrees` of freedom (W. S. Gosset, "The Probable Error of a Mean", Biometrika 6, 1908).
package struct StudentT {
  /// The degrees of freedom, at least 1.
  package let degrees: Double

  /// The chance of a value above `t`.
  package func above(_ t: Double) -> Double {
    if t.isNaN { return 1 }
    if t.isInfinite { return t > 0 ? 0 : 1 }
    let tail = Self.incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
    return t >= 0 ? tail : 1 - tail
  }

  /// The value that is passed with the chance `tail`, between 0 and 0.5.
  package func quantile(tail: Double) -> Double {
    var (low, high) = (0.0, 1.0)
    while above(high) > tail, high < 1e12 { high *= 2 }
    for _ in 0..<100 {
      let middle = (low + high) / 2
      if above(middle) > tail { low = middle } else { high = middle }
    }
    return high
  }

  /// The regularised incomplete beta function I_x(a, b), by its continued fraction (Abramowitz & Stegun 26.5.8), which
  /// converges fast below the mean; above it the other tail is taken.
  package static func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    // Lentz's method: the fraction from its front, with denominators kept from zero.
    func kept(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
    var numerator = 1.0
    var denominator = 1 / kept(1 - (a + b) * x / (a + 1))
    var fraction = denominator
    for step in 1...300 {
      let m = Double(step)
      for term in [
        m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
        -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
      ] {
        denominator = 1 / kept(1 + term * denominator)
        numerator = kept(1 + term / numerator)
        fraction *= denominator * numerator
      }
      if abs(denominator * numerator - 1) < 1e-14 { break }
    }
    return front * fraction
  }
}
