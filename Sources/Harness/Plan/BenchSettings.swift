// How the samples of a benchmark are taken: how many, how long, from which seed.

/// How the samples of a run are taken.
package struct BenchSettings: Codable, Equatable, Sendable {
  /// Quick or full.
  package var budget: Budget
  /// The seconds asked for, where the budget was a time; nil where it was not.
  package var budgetSeconds: Double?
  /// Samples per cell at least.
  package var samples: Int
  /// Samples per cell at most: more than `samples` are taken until every comparison is as precise as asked for.
  package var maxSamples: Int
  /// The relative width of a comparison's interval at which no more samples are taken; 0.05 is 5 %.
  package var precision: Double
  /// The smallest relative difference that matters; 0.05 is 5 %. What lies inside it is called the same.
  package var smallestEffect: Double
  /// Measured seconds per sample.
  package var runtime: Double
  /// Seconds before the measured time that are thrown away.
  package var ramp: Double
  /// What every sample's seed is derived from.
  package var seed: UInt64
  /// Bytes of the image and of the null node.
  package var size: Int64
  /// What the machine does with idle CPUs, for every column alike; nil in runs of which it is not known.
  package var cpuIdle: CPUIdle?

  /// The settings of `budget`, on `size` bytes, for a run with `seed`.
  package init(budget: Budget, size: Int64, seed: UInt64) {
    self.budget = budget
    // Six pairs are the fewest that a verdict can rest on; fourteen tell twice as much. Many short samples tell more
    // than a few long ones: what differs from start to start is more than what differs from second to second.
    self.samples = budget == .full ? 6 : 14
    self.maxSamples = budget == .full ? 12 : 14
    self.precision = budget == .full ? 0.05 : 0.1
    self.smallestEffect = 0.05
    self.runtime = budget == .full ? 5 : 0.25
    self.ramp = budget == .full ? 1 : 0.1
    self.seed = seed
    self.size = size
  }

  /// The seconds that a sample takes beside its measured time and ramp: the export's start and stop, and
  /// fio's own; and those of a check of data. Found on a small machine, good for an estimate only.
  static let overhead = (raw: 0.32, export: 0.4, integrity: 2.5, costs: 0.75)

  /// The samples of a reference under the quick budget. It stands beside a row as a measure and has no verdict to win:
  /// the time goes to what is compared.
  static let quickReferenceSamples = 4

  /// The samples at least that `column` gets in a row.
  package func samples(of column: Column) -> Int {
    column.isReference && budget == .quick ? min(samples, Self.quickReferenceSamples) : samples
  }

  /// Whether `column` has a sample of number `index`, from 0.
  func takes(_ index: Int, of column: Column) -> Bool {
    !column.isReference || budget != .quick || index < Self.quickReferenceSamples
  }

  /// Seconds of load in which the kernel's counts of a server are taken.
  var costSeconds: Double { min(1, max(0.3, runtime)) }

  /// Seconds of load before a signal that stops an export under load: enough for it to be in full swing.
  var loadBeforeStop: Double { ramp + 0.3 }

  /// The seed of sample `index`: the same in every column, so that all of them see the same offsets.
  package func seed(ofSample index: Int) -> UInt64 {
    // fio takes seeds as signed 64-bit numbers; 31 bits are plenty and survive every reader of JSON.
    (seed &+ UInt64(index) &* 7919) & 0x7fff_ffff
  }
}
