// Idle CPUs while the samples of a row are taken: held awake for all columns alike, and what becomes of it.

/// Holds idle CPUs awake through the samples of a row, where a run asks for that.
struct CPUHold {
  /// Whether they are to be held.
  private(set) var isWanted: Bool
  private var request: CPULatencyRequest?
  private let make: () throws(CPULatencyRequest.RequestError) -> CPULatencyRequest

  /// Nothing is held before `take`. `make` stands in for the machine in tests.
  init(
    _ setting: CPUIdle?,
    make: @escaping () throws(CPULatencyRequest.RequestError) -> CPULatencyRequest = {
      () throws(CPULatencyRequest.RequestError) in try CPULatencyRequest()
    }
  ) {
    isWanted = setting == .held
    self.make = make
  }

  /// Holds them from now on, anew if what held them is gone. Why that cannot be, once; from then on it is not tried
  /// again. Samples of one number are a pair, and have one condition whatever becomes of the run's.
  mutating func take() -> String? {
    guard isWanted, request == nil || request?.fault != nil else { return nil }
    do throws(CPULatencyRequest.RequestError) {
      request = try make()
      return nil
    } catch {
      isWanted = false
      request = nil
      return error.description
    }
  }

  /// Why the samples since `take` were not all taken with CPUs awake, or nil.
  var fault: String? { isWanted ? request?.fault : nil }

  /// Lets them sleep again.
  mutating func release() { request = nil }
}
