// `last`: the newest of what is kept that can be read. What cannot is passed over, and that is said.

/// Finds the newest.
package enum NewestRun {
  /// The last of `places` that `read` can read; nil if there is none at all.
  /// - Parameter tell: is given one line for each that is passed over.
  /// - Throws: what `read` threw for the newest, if none can be read.
  static func value<Value>(
    of places: [String], tell: (String) -> Void, read: (String) throws -> Value
  ) throws -> Value? {
    var passedOver: [any Error] = []
    for place in places.reversed() {
      do {
        let value = try read(place)
        for error in passedOver { tell("left out: \(TextFormat.visible("\(error)"))") }
        return value
      } catch {
        passedOver.append(error)
      }
    }
    if let newest = passedOver.first { throw newest }
    return nil
  }

  /// Says a line as the program says all that is beside its output.
  package static func tell(_ line: String) { StandardError.write("fusebench: \(line)\n") }
}
