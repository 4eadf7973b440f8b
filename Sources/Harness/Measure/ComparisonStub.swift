// stand-in
public enum SpeedVerdict: String, Codable, CaseIterable, Sendable { case faster, slower, same, unsure }
public struct Comparison: Equatable, Sendable {
  public let base: String, other: String
  public let pairs: Int
  public let ratio: Double
  public let interval: ClosedRange<Double>?
  public let p: Double?
  public let verdict: SpeedVerdict
  public let reason: String?
}
public struct RunComparisons: Equatable, Sendable {
  let run: StoredRun
  public init(_ run: StoredRun) { self.run = run }
  public let controlDiffers: [String] = []
  public func of(node: NodeKind, workload: String, column: String) -> Comparison? {
    guard let base = run.baseline, base.name != column, let b = run.cell(node: node, workload: workload, column: base.name), let o = run.cell(node: node, workload: workload, column: column), b.failure == nil, o.failure == nil, run.columns.contains(where: { $0.name == column && $0.role != .reference }) else { return nil }
    let ratios = zip(o.samples, b.samples).map { $0.value / $1.value }
    guard let m = Statistics.median(ratios) else { return nil }
    return Comparison(base: base.name, other: column, pairs: ratios.count, ratio: m, interval: ratios.count > 1 ? ratios.min()!...ratios.max()! : nil, p: 0.25, verdict: ratios.min()! > 1.05 ? .faster : ratios.max()! < 0.95 ? .slower : .unsure, reason: nil)
  }
}
