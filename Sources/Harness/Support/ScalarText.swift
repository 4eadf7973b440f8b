// Escaping scalar by scalar: a quotation mark before a combining mark is one Character, and no quotation mark.

extension String {
  /// The text with some of its scalars written otherwise: `change` tells how, or nil for one that stays.
  ///
  /// Whatever reads the text afterwards (a shell, a browser, gnuplot) knows nothing of Swift's Characters.
  func escapingScalars(_ change: (Unicode.Scalar) -> String?) -> String {
    var text = ""
    for scalar in unicodeScalars {
      if let other = change(scalar) {
        text += other
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
