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
  func hidesWhatItsNameSays(_ filter: TranscriptFilter, text: String, result: String) {
    #expect(filter.apply(ByteText(text)) == ByteText(result))
  }

  /// A digit with an accent is a digit to a filter, CR is no line end, and what is no UTF-8 stays.
  @Test func bytesAreNotCharacters() {
    #expect(TranscriptFilter.numbers.apply("5\u{301} 6") == "N\u{301} N")
    #expect(TranscriptFilter.blanks.apply("a \r\nb \n") == "a \r\nb\n")
    #expect(TranscriptFilter.sort.apply(ByteText([0xFF, 0x0A, 0xFE, 0x0A])) == ByteText([0xFE, 0x0A, 0xFF, 0x0A]))
    #expect(TranscriptFilter.pids.apply("ppid 5 pid   x") == "ppid PID pid   x")
    #expect(TranscriptFilter.times.apply("12026-11-21") == "1TIME")
  }

  /// The square of this length would be ten thousand million steps.
  @Test(arguments: TranscriptFilter.allCases) func itsTimeGrowsWithTheLength(_ filter: TranscriptFilter) {
    for piece in ["1", "1 bytes (", "12:", "pid ", " ", "2026-11-21 ", "1.1"] {
      let text = ByteText(String(repeating: piece, count: 100_000 / piece.utf8.count))
      #expect(filter.apply(text).bytes.count <= text.bytes.count * 4)
    }
  }
}
