// Whole numbers from numbers that may be anything: what a file or a division brings must not end the process.

extension Int {
  /// `number` without what stands behind its point, or the nearest that an Int can hold; 0 for what is no number.
  /// `Int(number)` traps on what does not fit, on infinity and on NaN.
  package init(clamping number: Double) {
    self = number.isNaN ? 0 : Int(exactly: number.rounded(.towardZero)) ?? (number < 0 ? .min : .max)
  }
}
