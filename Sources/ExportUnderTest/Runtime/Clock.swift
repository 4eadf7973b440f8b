// Time, for polling before sleep and for attributes.

import Glibc

/// Nanoseconds of the monotonic clock.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
}

/// The wall clock.
func wallClock() -> timespec {
  var time = timespec()
  clock_gettime(CLOCK_REALTIME, &time)
  return time
}
