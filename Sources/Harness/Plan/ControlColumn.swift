// The A/A control: the baseline measured twice, so that a run shows what its own noise can look like.

extension BenchPlan {
  /// This plan with the control beside its other columns: what it compares with, once more, under another name.
  /// Whatever difference comes out between the two is none. Without a baseline, or with a control, the plan as it is.
  package func withControl() -> BenchPlan {
    guard var control = columns.first(where: { $0.role == .compared }),
      !columns.contains(where: { $0.role == .control })
    else { return self }
    control.name += " again"
    control.role = .control
    var plan = self
    plan.columns.append(control)
    return plan
  }
}
