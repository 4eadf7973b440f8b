// What must hold between requests, checked where a build asks for it (FUSEBENCH_INVARIANTS=1, see Package.swift).

/// Ends the process when `condition` does not hold; nothing at all, not even its evaluation, in other builds.
///
/// The export is optimised in debug builds too, where `assert` would never run.
@inline(__always)
func invariant(
  _ condition: @autoclosure () -> Bool, _ rule: @autoclosure () -> StaticString, file: StaticString = #fileID,
  line: UInt = #line
) {
  #if INVARIANTS
    guard condition() else {
      report("broken invariant at \(file):\(line): \(rule())")
      fatalError("\(rule())")
    }
  #endif
}
