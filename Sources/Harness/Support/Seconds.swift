// Durations as the seconds that results and reports are written in.

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension ContinuousClock.Instant {
  /// Seconds from here to now.
  var secondsAgo: Double { (ContinuousClock.now - self).seconds }
}
