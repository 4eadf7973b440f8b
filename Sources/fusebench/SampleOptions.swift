// Options that say how samples are taken, and when there are enough of them.

import ArgumentParser
import Harness

/// A share of something, given as `5%` or `0.05`.
struct Share: ExpressibleByArgument {
  let value: Double

  init?(argument: String) {
    let isPercent = argument.hasSuffix("%")
    guard let number = Double(isPercent ? argument.dropLast() : argument[...]) else { return nil }
    value = isPercent ? number / 100 : number
    guard value > 0, value < 10 else { return nil }
  }
}

extension CPUIdle: ExpressibleByArgument {}

/// What `--cpu-idle` does.
let cpuIdleHelp =
  "Idle CPUs while samples are taken, for every column alike: held awake, or free to sleep (default: held where "
  + "/dev/cpu_dma_latency can be opened, as root)."

/// How samples are taken.
struct SampleOptions: ParsableArguments {
  @Option(help: "Samples per cell, in place of the budget's.")
  var samples: Int?

  @Option(help: "Samples per cell at most, while comparisons are less precise than --precision.")
  var maxSamples: Int?

  @Option(help: "Take more samples until every interval is narrower than this (default 5%).")
  var precision: Share?

  @Option(help: "The smallest difference that matters; what lies within it is the same (default 5%).")
  var effect: Share?

  @Option(help: "Measured seconds per sample, in place of the budget's.")
  var runtime: Double?

  @Option(help: ArgumentHelp(cpuIdleHelp))
  var cpuIdle: CPUIdle?

  @Flag(inversion: .prefixedNo, help: "Measure the baseline once more, to see what noise alone makes of it.")
  var control = true

  @Flag(
    inversion: .prefixedNo,
    help: """
      Have the kernel count system calls, wake-ups and requests per I/O, outside the samples, as root (default: not \
      with --budget quick).
      """)
  var costs: Bool?

  func validate() throws {
    // What a stored run may hold (docs/schema).
    if let samples, !(1...1000).contains(samples) { throw ValidationError("--samples must be between 1 and 1000") }
    if let maxSamples, !(1...1000).contains(maxSamples) {
      throw ValidationError("--max-samples must be between 1 and 1000")
    }
    if let runtime, !(runtime >= 0.1 && runtime <= 3600) {
      throw ValidationError("--runtime must be between 0.1 and 3600 seconds")
    }
  }

  /// Puts what is asked for into `overrides`.
  func apply(to overrides: inout BenchRequest.SamplingOverrides) {
    overrides.samples = samples
    overrides.maxSamples = maxSamples
    overrides.precision = precision?.value
    overrides.smallestEffect = effect?.value
    overrides.runtime = runtime
    overrides.control = control
    if let costs { overrides.costs = costs }
    overrides.cpuIdle = cpuIdle
  }
}
