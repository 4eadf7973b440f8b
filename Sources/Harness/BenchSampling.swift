// How long a benchmark may go on sampling: what is asked for in place of its budget's own settings.

extension BenchRequest {
  /// Samples per cell at most where a budget is a time: the time ends it first.
  private static let mostInATime = 20

  /// `plan` with the control, the rows and the settings that this request asks for.
  func adjusted(_ plan: BenchPlan) -> BenchPlan {
    var plan = control ? plan.withControl() : plan
    if !only.isEmpty { plan.rows = plan.rows.filter { only.contains($0.title) } }
    plan.settings.precision = precision ?? plan.settings.precision
    plan.settings.smallestEffect = smallestEffect ?? plan.settings.smallestEffect
    if case .seconds = budget, samples == nil { plan.settings.mostSamples = Self.mostInATime }
    if let samples { plan.settings.mostSamples = samples }
    plan.settings.mostSamples = max(plan.settings.samples, mostSamples ?? plan.settings.mostSamples)
    return plan
  }

  /// The seconds that each of `count` plans may take altogether; nil unless the budget is a time.
  func timeLimit(plans count: Int) -> Double? {
    guard case .seconds(let seconds) = budget else { return nil }
    return seconds / Double(max(1, count))
  }
}
