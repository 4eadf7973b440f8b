// The benchmark as one call: plan, image, samples, and results on disk after every one of them.

internal import Foundation

/// A benchmark cannot begin; one line with the way out.
package struct BenchError: Error, Equatable, CustomStringConvertible {
  /// What is missing, and what to do.
  package let description: String
}

extension BenchError {
  /// The fault that `description` tells of.
  package init(_ description: String) { self.init(description: description) }
}

extension CPUIdle {
  /// Does nothing where this machine and user can do so.
  /// - Throws: `BenchError` if they cannot.
  func requirePossible() throws(BenchError) {
    guard self == .held, let reason = CPUIdle.whyNotHeld else { return }
    throw BenchError("idle CPUs cannot be held awake (\(reason)); be root, or give --cpu-idle free")
  }
}

/// A benchmark, checked and planned.
package struct Bench: Sendable {
  /// What happens while it runs.
  package enum Event: Sendable {
    /// The image is being written; its size in bytes.
    case preparing(Int64)
    /// The rows of file nodes are left out; why, in one line.
    case withoutImage(String)
    /// The data of a column are checked before it is measured.
    case checking(Column)
    /// A column does not keep its data and is not measured; why, in one line.
    case unfit(Column, String)
    /// A suite begins; its run is kept in `folder`.
    case began(BenchPlan, folder: RunFolder)
    /// A sample or a cell.
    case bench(BenchEvent)
  }

  /// A run, and where it is kept.
  package struct Outcome: Sendable {
    /// The run.
    package let run: StoredRun
    /// Its folder.
    package let folder: RunFolder
  }

  /// One plan per suite: what is measured here.
  package private(set) var plans: [BenchPlan]
  /// The same with the rows of all shares, for the record.
  private var matrices: [BenchPlan]
  private let request: BenchRequest

  /// The benchmark that `request` asks for.
  /// - Throws: `BenchError` if fio is missing, a subject lacks a mode, a row would not measure what it says, or nothing
  ///   is left to be measured.
  package init(_ request: BenchRequest) throws {
    guard Programs.find("fio") != nil else {
      throw BenchError(description: "fio is not installed; apt-get install fio")
    }
    try request.sampling.cpuIdle?.requirePossible()
    self.request = request
    matrices = try request.plan()
    plans = matrices.map { matrix in request.selection.shard.map { matrix.share($0) } ?? matrix }
  }

  /// The seconds it will take, about: samples, and the writing of the image.
  package var estimate: Double {
    // A slow disk writes some 500 MB/s; a faster one makes the estimate too long by seconds.
    plans.reduce(Double(imageSize) / 500e6) { $0 + $1.estimate }
  }

  /// The time it will take, as people say it: `3 min`, or `20 min, up to 40 min where figures scatter`.
  package var estimateWords: String {
    let words = TimeLeft.words(estimate)
    // A time that is asked for ends it.
    guard plans.allSatisfy({ $0.settings.budgetSeconds == nil }) else { return words }
    let longest = plans.reduce(estimate) { sum, plan in
      let more = Double(plan.settings.maxSamples) / Double(max(1, plan.settings.samples)) - 1
      return sum + max(0, more) * plan.rows.reduce(0) { $0 + plan.estimate(of: $1) }
    }
    return longest > estimate * 1.05 ? "\(words), up to \(TimeLeft.words(longest)) where figures scatter" : words
  }

  /// Bytes of the image that all suites share; 0 when no file node is measured.
  private var imageSize: Int64 {
    plans.filter { $0.rows.contains { $0.node == .file } }.map(\.settings.size).max() ?? 0
  }

  /// Runs it. `tell` hears what happens.
  /// - Throws: `FileError` or `StoreError` if image or results cannot be written, `BenchError` if the kernel lacks
  ///   a mode, `Interrupted`.
  package func run(tell: (Event) -> Void) async throws -> [Outcome] {
    if request.selection.modes.contains(.ioUring), EnableUring.state != true {
      throw BenchError(
        description: "the kernel's FUSE over io_uring is off; as root: echo Y > \(EnableUring.parameter), "
          + "or leave the mode out with --mode legacy --mode multithread")
    }
    if request.selection.modes.contains(.ioUring), let denial = CellRunner.ioUringDenial {
      throw BenchError("\(denial); leave the mode out with --mode legacy --mode multithread")
    }
    let workspace = try Workspace(label: "bench-image")
    defer { workspace.remove() }
    let image = workspace.file("disk.img")
    if imageSize > 0, let reason = DiskRoom.missing(forImage: imageSize, in: workspace.path) {
      tell(.withoutImage(reason))
      return try await withoutImage(reason).run(in: workspace, image: image, tell: tell)
    }
    return try await run(in: workspace, image: image, tell: tell)
  }

  /// This benchmark without the rows that need an image, since the disk has no room for it; each plan says so.
  /// - Throws: `BenchError` if nothing is left.
  private func withoutImage(_ reason: String) throws -> Bench {
    func cut(_ plan: BenchPlan) -> BenchPlan {
      var plan = plan
      plan.rows.removeAll { $0.node == .file }
      let rows = plan.rows
      plan.columns = plan.columns.filter { column in rows.contains { column.hasCell(in: $0) } }
      plan.notes.append("left out, since the image \(reason): the rows of file nodes")
      return plan
    }
    var bench = self
    let left = zip(plans, matrices).map { (cut($0), cut($1)) }.filter { !$0.0.rows.isEmpty }
    (bench.plans, bench.matrices) = (left.map(\.0), left.map(\.1))
    guard !left.isEmpty else {
      throw BenchError("nothing is left to be measured: the image \(reason); set TMPDIR to a roomier disk")
    }
    return bench
  }

  private func run(in workspace: Workspace, image: String, tell: (Event) -> Void) async throws -> [Outcome] {
    if imageSize > 0 {
      tell(.preparing(imageSize))
      try BenchImage.make(at: image, size: imageSize)
    }
    let machine = try await Self.machine(with: workspace)
    var outcomes: [Outcome] = []
    var checks: [StoredRun.IntegrityCheck] = []
    var unfit: [String: String] = [:]
    let cannotCount = request.sampling.costs ? KernelCounter.whyNot : nil
    for (whole, wholeMatrix) in zip(plans, matrices) {
      let began = ContinuousClock.now
      var (plan, matrix) = (whole, wholeMatrix)
      try await leaveOut(&unfit, of: &plan, tell: tell)
      matrix.columns = plan.columns
      if let cannotCount, plan.countsCosts {
        plan.countsCosts = false
        plan.notes.append("costs by the kernel's count are left out: \(cannotCount)")
      }
      try await check(plan, adding: &checks, tell: tell)
      // The check is part of the time that a budget gives.
      let limit = plan.timeLimit(asPartOf: matrix).map { $0 - began.secondsAgo }
      outcomes.append(
        try await run(plan, of: matrix, checks: checks, image: image, machine: machine, limit: limit, tell: tell))
    }
    return outcomes
  }

  /// Takes the references out of `plan` that cannot be started here, with a note. `unfit` knows what an earlier plan
  /// has found: reasons by column, empty for one that can.
  private func leaveOut(
    _ unfit: inout [String: String], of plan: inout BenchPlan, tell: (Event) -> Void
  ) async throws {
    for column in plan.columns where column.isReference {
      if unfit[column.name] == nil {
        let check = ReferenceCheck(column: column, subject: column.subject(among: request.programs))
        unfit[column.name] = try await check.fault() ?? ""
        if let reason = unfit[column.name], !reason.isEmpty { tell(.unfit(column, reason)) }
      }
      guard let reason = unfit[column.name], !reason.isEmpty else { continue }
      plan.columns.removeAll { $0.name == column.name }
      plan.notes.append("no column \(column.name): \(reason)")
    }
  }

  /// Checks the data of the columns of `plan` that no earlier plan had.
  private func check(
    _ plan: BenchPlan, adding checks: inout [StoredRun.IntegrityCheck], tell: (Event) -> Void
  ) async throws {
    for column in plan.checkedColumns where !checks.contains(where: { $0.column == column.name }) {
      guard let subject = column.subject(among: request.programs) else { continue }
      tell(.checking(column))
      let failure = try await IntegrityCheck(column: column, subject: subject).fault()
      checks.append(.init(column: column.name, failure: failure))
      if let failure { tell(.unfit(column, failure)) }
    }
  }

  private func run(
    _ plan: BenchPlan, of matrix: BenchPlan, checks: [StoredRun.IntegrityCheck], image: String,
    machine: MachineProfile, limit: Double?, tell: (Event) -> Void
  ) async throws -> Outcome {
    let began = RunTime.now()
    let folder = try RunFolder.create(
      in: request.results, suite: plan.suite, shard: request.selection.shard, at: began)
    var run = StoredRun(
      id: folder.id, plan: matrix, started: began.iso, command: request.command, machine: machine)
    run.shard = request.selection.shard
    run.notes = plan.notes
    run.integrity = checks.filter { check in plan.columns.contains { $0.name == check.column } }
    try folder.write(run)
    tell(.began(plan, folder: folder))
    var runner = BenchRunner(
      plan: plan, subjects: request.programs,
      integrity: Dictionary(
        run.integrity.compactMap { check in check.failure.map { (check.column, $0) } }, uniquingKeysWith: { $1 }),
      image: image, folder: folder.absolutePath)
    runner.timeLimit = limit
    try await runner.run(
      keep: { cell in
        run.put(cell)
        try folder.write(run)
      },
      tell: { event in
        if case .cpusFree(let row, let reason) = event {
          run.settings.cpuIdle = .free
          run.notes.append("cpu-idle: held until '\(row.title)', free from there on (\(reason))")
        }
        tell(.bench(event))
      })
    run.finished = RunTime.now().iso
    try folder.write(run)
    return Outcome(run: run, folder: folder)
  }

  /// This machine, as a run that began now would keep it.
  /// - Throws: what keeps fio from telling its version, `FileError` if no work folder can be made.
  package static func machine() async throws -> MachineProfile {
    let workspace = try Workspace(label: "bench-look")
    defer { workspace.remove() }
    return try await machine(with: workspace)
  }

  /// This machine, with images in `workspace`.
  private static func machine(with workspace: Workspace) async throws -> MachineProfile {
    let fio = try await Command("fio", ["--version"]).run(within: .seconds(10))
    return MachineProfile.collect(
      fio: fio.output.trimmingCharacters(in: .whitespacesAndNewlines), tools: await ToolVersions.known(),
      imageFileSystem: MountTable.type(of: workspace.path))
  }
}
