// How long a benchmark may go on sampling: what is asked for in place of its budget's own settings.

extension BenchRequest {
  /// Samples per cell at most where a budget is a time: the time ends it first.
  static let maxAtOnce = 20

  /// `plan` with the control, the rows and the settings that this request asks for.
  func adjusted(_ plan: BenchPlan) -> BenchPlan {
    var plan = control ? plan.withControl() : plan
    if !only.isEmpty { plan.rows = plan.rows.filter { only.contains($0.title) } }
    plan.settings.precision = precision ?? plan.settings.precision
    plan.settings.smallestEffect = smallestEffect ?? plan.settings.smallestEffect
    plan.settings.cpuIdle = cpuIdle ?? plan.settings.cpuIdle ?? .possible
    if let samples { plan.settings.maxSamples = samples }
    plan.settings.maxSamples = max(plan.settings.samples, maxSamples ?? plan.settings.maxSamples)
    return plan
  }
}

extension BenchPlan {
  /// The seconds that its samples may take altogether, being a share of `matrix` or all of it; nil unless the budget
  /// was a time. A share has its part of that time, so that a row is sampled no longer for being measured elsewhere.
  func timeLimit(asPartOf matrix: BenchPlan) -> Double? {
    settings.budgetSeconds.map { matrix.estimate > 0 ? $0 * estimate / matrix.estimate : $0 }
  }
}
