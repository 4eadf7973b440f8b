// Shows a check at work: a line per cell as soon as it is judged, then the summary.

import Foundation
import Glibc
import Harness
import Synchronization

/// Runs a check and prints its report.
struct CheckConsole {
  /// Cells at a time; the machine's CPUs unless told otherwise.
  var jobs = Self.defaultJobs
  /// What is printed.
  var format = CheckFormat.pretty
  /// Where JUnit's XML is written too.
  var junit: String?
  /// Runs the cells on another kernel; nil for the machine's own.
  var guest: GuestCheck?

  /// Where results are kept; nil keeps none.
  var store: CheckStore?

  /// As many cells at a time as there are CPUs.
  static var defaultJobs: Int { max(1, Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))) }

  /// What is judged so far, for the account of a check that is broken off.
  private final class Judged: Sendable {
    let cells = Mutex<[JudgedCell]>([])
  }

  /// Runs all cells of `plan` and prints: in the pretty format a line for each as soon as it is judged, in others
  /// the document at the end. A check that is interrupted tells what was judged until then.
  /// - Throws: what `Check.run` throws.
  func run(_ check: Check, _ plan: CheckPlan) async throws -> CheckResult {
    let judged = Judged()
    let began = ContinuousClock.now
    // A check that comes to nothing leaves no empty folder.
    defer { store?.removeIfEmpty() }
    let result = try await Interrupts.accounting {
      let time = (ContinuousClock.now - began).components
      let partial = CheckResult(
        subject: check.subject.name, cells: judged.cells.withLock { $0 }, rounds: plan.rounds, seed: plan.seed,
        seconds: Double(time.seconds), planned: plan.entries.count, stopped: .interrupted)
      let kept = store.map { store in
        do {
          return ", kept in \(try store.keep(partial))"
        } catch {
          return ", not kept: \(error)"
        }
      }
      return account(of: partial) + (kept ?? "")
    } _: {
      try await watch(check, plan, judged)
    }
    print(
      format == .pretty ? Terminal.fitted(report(plan).summary(result) + "\n") : format.text(of: result),
      terminator: "")
    try writeJUnit(result)
    // A golden file says what must be shown on every kernel; it is recorded on the machine's own.
    if guest == nil { writeMissing(of: result, check) }
    if let store { note("Kept in \(try store.keep(result))") }
    return result
  }

  private func report(_ plan: CheckPlan) -> CheckReport {
    CheckReport(colours: Progress.wantsColours, rounds: plan.rounds)
  }

  private func watch(_ check: Check, _ plan: CheckPlan, _ soFar: Judged) async throws -> CheckResult {
    let progress = Progress(total: plan.entries.count)
    let report = report(plan)
    let width = plan.entries.map(\.cell.scenario.name.count).max() ?? 0
    var started = 0
    var groups: [String: [JudgedCell]] = [:]
    let sizes = Dictionary(grouping: plan.entries, by: { "\($0.round) \($0.cell.scenario.name)" })
      .mapValues(\.count)
    defer { progress.clear() }
    let begin: (Int) -> Void = { place in
      started += 1
      progress.show(started, plan.entries[place].cell.label)
    }
    let end: (JudgedCell) throws -> Void = { judged in
      soFar.cells.withLock { $0.append(judged) }
      guard format == .pretty else { return }
      progress.clear()
      // The head alone: what stands below it is shown as it is.
      let lines = report.line(judged, width: width).split(separator: "\n", maxSplits: 1).map(String.init)
      print(([Terminal.fitted(lines[0])] + lines.dropFirst()).joined(separator: "\n"))
      let name = judged.cell.scenario.name
      let group = "\(judged.round) \(name)"
      groups[group, default: []].append(judged)
      // The last mode of a scenario has come in: do they agree?
      if groups[group]?.count == sizes[group], let cells = groups.removeValue(forKey: group),
        let comparison = ModeComparison(cells)
      {
        print(report.disagreement(name, comparison))
      }
      // A reader that has gone wants no more of it.
      try StandardOutput.finish()
    }
    if let guest { return try await guest.run(plan, begin: begin, end: end) }
    return try await check.run(plan, jobs: jobs, begin: begin, end: end)
  }

  /// Keeps what an interrupted check has come to, and says so in a few words.
  private func account(of partial: CheckResult) -> String {
    if format != .pretty { print(format.text(of: partial), terminator: "") }
    guard let junit else { return partial.progress }
    do {
      try writeJUnit(partial)
      return "\(partial.progress), written to \(junit)"
    } catch {
      return "\(partial.progress) (\(error))"
    }
  }

  private func writeJUnit(_ result: CheckResult) throws {
    guard let junit else { return }
    try OutputFile.write(CheckFormat.junit.text(of: result), to: junit)
  }

  /// Golden files are what our own export must show in every mode; else none is written, and that is said.
  private func writeMissing(of result: CheckResult, _ check: Check) {
    do {
      for golden in try Recorder.writeMissing(of: result, subject: check.subject, in: check.library) {
        switch golden {
        case .written(let path): note("\(path) was missing and is written now: read it before you commit it")
        case .left(let scenario, let why): note("\(scenario) has no golden file, and none is written: \(why)")
        }
      }
    } catch {
      // The cells have failed already for want of the file; that it cannot be written changes nothing.
      note("\(error)")
    }
  }

  private func note(_ line: String) {
    if format == .pretty { print(line) } else { StandardError.write("\(line)\n") }
  }
}
