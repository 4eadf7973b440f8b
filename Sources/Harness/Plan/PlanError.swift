// What keeps a benchmark from being planned.

/// A benchmark cannot be planned; one line with the way out.
package struct PlanError: Error, Equatable, CustomStringConvertible {
  /// What is missing, and what to do.
  package let description: String

  /// The error that `description` tells of.
  package init(_ description: String) { self.description = description }
}
