// Each filter hides what its name says, and nothing else.

import Harness
import Testing

@Suite struct FilterTests {
  @Test(arguments: [
    (TranscriptFilter.dd, "65536 bytes (66 kB, 64 KiB) copied, 0.000273751 s, 239 MB/s", "65536 bytes copied"),
    (.dd, "0 bytes copied, 0.000273751 s, 0.0 kB/s", "0 bytes copied"),
    (.dd, "1+0 records in", "1+0 records in"),
    (.times, "2026-11-21 09:12:25.402 +0000 x", "TIME x"),
    (.times, "at 09:12:25 x", "at TIME x"),
    (.times, "12:30", "12:30"),
    (.durations, "Run completed in 0.512 seconds.", "Run completed in DURATION."),
    (.durations, "12 msec, 3s", "DURATION, DURATION"),
    (.durations, "12 size", "12 size"),
    (.rates, "12.5 MB/s, 80 MiB/sec, 1000 ops/s", "RATE, RATE, RATE"),
    (.sizes, "64 KiB, 4K and 5 apples", "SIZE, SIZE and 5 apples"),
    (.numbers, "a1b22", "aNbN"),
    (.pids, "process 1234, pid=77, 88", "process PID, pid=PID, 88"),
    (.blanks, "a   b \nc\t\td", "a b\nc d"),
    (.sort, "b\na\nc\n", "a\nb\nc\n"),
  ])
  func filter(_ filter: TranscriptFilter, text: String, result: String) {
    #expect(filter.apply(text) == result)
  }
}
