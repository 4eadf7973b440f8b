// Waiting in tests for what other processes do in their own time.

/// Whether `condition` comes to hold: looks every 100 ms, 600 times, which is a minute, and on a busy machine
/// longer. For what ends a moment later elsewhere: init reaps, a mount goes, another run cleans up.
/// - Throws: `CancellationError` if the test is cancelled meanwhile.
package func eventually(_ condition: () -> Bool) async throws -> Bool {
  for _ in 0..<600 {
    if condition() { return true }
    try await Task.sleep(for: .milliseconds(100))
  }
  return condition()
}
