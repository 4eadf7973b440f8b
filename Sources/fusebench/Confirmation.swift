// What comes out slower is measured once more before it is believed: the same for gates, comparisons and replays.

import Foundation
import Harness

extension BenchGate {
  /// What `result` comes to once its regressions, where it has any, are told and measured afresh, as `request`
  /// measured them before; and the fresh runs.
  /// - Parameter rows: a fresh run laid beside what `result` compares with.
  /// - Throws: what `Bench.init` and `Bench.run` throw.
  static func confirmed(
    _ result: GateResult, of request: BenchRequest, comparing rows: (StoredRun) -> [ComparedRow]
  ) async throws -> (result: GateResult, fresh: [StoredRun]) {
    guard let again = confirmation(of: result, request) else { return (result, []) }
    let names = result.regressions.map(\.name).joined(separator: ", ")
    StandardError.write("slower, so measured once more: \(names)\n")
    let fresh = try await BenchConsole.run(try Bench(again)).map(\.run)
    return (confirmed(result, by: fresh.flatMap(rows)), fresh)
  }
}
