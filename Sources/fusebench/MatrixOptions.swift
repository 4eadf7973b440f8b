// Options that say what a benchmark measures: suites, axes, rows, nodes, references, and how long.

import ArgumentParser
import Harness

extension BudgetRequest: ExpressibleByArgument {
  /// `quick`, `full`, `60s`, `5m`.
  init?(argument: String) { self.init(argument) }
}

/// What is measured, and for how long.
struct MatrixOptions: ParsableArguments {
  @Option(
    name: .customLong("suite"), help: "A suite of scenarios/suites (repeatable; default: transport, mixed).")
  var suites: [String] = []

  @Option(
    name: .customLong("axis"),
    help:
      "An axis in place of the suite's own or beside it, as in depth=1,4,16, block=4k..1M or node=null (repeatable).")
  var axes: [String] = []

  @Option(
    name: .customLong("filter"),
    help: "Only rows whose name, or words of it, this name or glob means, as in 'read rand*' (repeatable).")
  var filters: [String] = []

  @Option(
    help: """
      quick: a few rows, in minutes; full: every row, with samples long enough to compare; a time such as 60s or 5m: \
      what fits into it, and what it leaves out is said (default: quick; with --baseline that of the baseline).
      """)
  var budget: BudgetRequest?

  @Option(name: .customLong("node"), help: "Of the suite's nodes, only this one (may be repeated): file, null.")
  var nodes: [NodeKind] = []

  @Flag(inversion: .prefixedNo, help: "Measure the image without FUSE beside the file node.")
  var raw = true

  @Flag(
    name: .customLong("null"), inversion: .prefixedNo,
    help: "Measure this program's export of a null node beside the file node (default: with --budget full).")
  var nullReference: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Measure the image as a loop device beside the file node (default: with --budget full).")
  var loop: Bool?

  @Flag(
    inversion: .prefixedNo,
    help: "Measure the image over NBD (nbdkit) beside the file node (default: with --budget full).")
  var nbd: Bool?

  @Flag(inversion: .prefixedNo, help: "Measure the floor, the least a server can do, beside the null node.")
  var floor = true

  @Option(
    name: .customLong("epoll"),
    help: """
      Measure this mode by the event loop that does without io_uring too, in a column such as 'legacy (epoll)' \
      (repeatable: legacy, multithread; default: legacy with --budget full, in quick none).
      """)
  var epoll: [Mode] = []

  func validate() throws {
    guard !epoll.contains(.ioUring) else {
      throw ValidationError("--epoll io_uring cannot be: FUSE over io_uring needs the loop with io_uring")
    }
  }

  /// What these options and `subjects` ask for, the first of which has the baseline.
  func request(_ options: HarnessOptions, subjects: [Subject], results: String, command: [String]) throws
    -> BenchRequest
  {
    let names = suites.isEmpty ? BenchRequest.defaultSuites : suites
    var request = BenchRequest(
      .suites(try names.map { try Suite.named($0, in: options.folder() + "/suites") }, budget ?? .quick),
      compared: subjects, results: results, command: command)
    request.selection.axes = try axes.map { try AxisOverride($0, cpus: Suite.ownCPUs) }
    request.selection.filters = filters.map { RowFilter($0) }
    if !nodes.isEmpty { request.selection.nodes = nodes }
    request.sampling.costs = (budget ?? .quick) != .quick
    request.selection.epoll = epoll.isEmpty && budget == .full ? [.legacy] : epoll
    request.references.raw = raw
    request.references.loop = loop ?? (budget == .full)
    request.references.nbd = nbd ?? (budget == .full)
    request.references.null = nullReference ?? (budget == .full) ? try options.ownSubject() : nil
    request.references.floor = floor ? try options.floorSubject() : nil
    return request
  }
}
