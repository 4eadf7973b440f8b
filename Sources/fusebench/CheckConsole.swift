// Shows a check at work: a line per cell as soon as it is judged, then the summary.

import Foundation
import Glibc
import Harness

/// Runs a check and prints its report.
struct CheckConsole {
  /// Cells at a time; the machine's CPUs unless told otherwise.
  var jobs = Self.defaultJobs
  /// What is printed.
  var format = CheckFormat.pretty

  /// As many cells at a time as there are CPUs.
  static var defaultJobs: Int { max(1, Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))) }

  /// Runs all cells of `plan` and prints: in the pretty format a line for each as soon as it is judged, in others
  /// the document at the end.
  /// - Throws: what `Check.run` throws.
  func run(_ check: Check, _ plan: CheckPlan) async throws -> CheckResult {
    let progress = Progress(total: plan.entries.count)
    let report = CheckReport(colours: Progress.wantsColours, rounds: plan.rounds)
    let width = plan.entries.map(\.cell.scenario.name.count).max() ?? 0
    var started = 0
    var groups: [String: [JudgedCell]] = [:]
    let sizes = Dictionary(grouping: plan.entries, by: { "\($0.round) \($0.cell.scenario.name)" })
      .mapValues(\.count)
    let result = try await check.run(plan, jobs: jobs) { place in
      started += 1
      progress.show(started, plan.entries[place].cell.label)
    } end: { judged in
      guard format == .pretty else { return }
      progress.clear()
      print(report.line(judged, width: width))
      let name = judged.cell.scenario.name
      let group = "\(judged.round) \(name)"
      groups[group, default: []].append(judged)
      // The last mode of a scenario has come in: do they agree?
      if groups[group]?.count == sizes[group], let cells = groups.removeValue(forKey: group),
        let comparison = ModeComparison(cells)
      {
        print(report.disagreement(name, comparison))
      }
      fflush(nil)
    }
    progress.clear()
    print(format == .pretty ? report.summary(result) + "\n" : format.text(of: result), terminator: "")
    writeMissing(of: result, check)
    return result
  }

  /// Golden files are what our own export must show; another program, or another build of ours, writes none.
  private func writeMissing(of result: CheckResult, _ check: Check) {
    guard check.subject.program == "self" else { return }
    do {
      for path in try Recorder.writeMissing(of: result, in: check.library) {
        note("\(path) was missing and is written now: read it before you commit it")
      }
    } catch {
      // The cells have failed already for want of the file; that it cannot be written changes nothing.
      note("\(error)")
    }
  }

  private func note(_ line: String) {
    let handle = format == .pretty ? FileHandle.standardOutput : FileHandle.standardError
    fflush(nil)
    handle.write(Data("\(line)\n".utf8))
  }
}
