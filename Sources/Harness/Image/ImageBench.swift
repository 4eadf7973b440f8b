// `img bench`: requests of one size at equal steps, several in flight, timed.

internal import Glibc

/// What `img bench` does, with qemu-img's defaults.
package struct ImageBench: Sendable {
  /// The number of requests.
  package var count = 75_000
  /// Requests in flight.
  package var depth = 64
  /// Bytes per request.
  package var size: Int64 = 4096
  /// Bytes from one request's start to the next one's; 0 stands for `size`.
  package var step: Int64 = 0
  /// Where the first request starts.
  package var offset: Int64 = 0
  /// Whether requests write.
  package var writes = false
  /// What is written.
  package var pattern: UInt8 = 0
  /// A flush after so many requests; 0 means none.
  package var flushInterval = 0
  /// How the image is opened.
  package var cache = ImageCache.writeback

  /// A bench with the defaults.
  package init() {}

  /// Runs on the image at `path`; `print` gets qemu-img's lines.
  /// - Throws: `ImageError`, also for settings that contradict each other.
  package func run(_ path: String, print: (String) -> Void) throws(ImageError) {
    try check()
    let image = try RawImage(path, writable: writes, cache: cache)
    print(
      "Sending \(count) \(writes ? "write" : "read") requests, \(size) bytes each, \(depth) in parallel "
        + "(starting at offset \(offset), step size \(stride))")
    if flushInterval > 0 { print("Sending flush every \(flushInterval) requests") }
    let clock = ContinuousClock.now
    var done = 0
    while done < count {
      let batch = flushInterval > 0 ? min(flushInterval, count - done) : count
      try send(batch, from: done, to: image)
      done += batch
      if flushInterval > 0, batch == flushInterval { try failed { () throws(ImageError) in try image.flush() } }
    }
    let (whole, attoseconds) = clock.duration(to: .now).components
    let milliseconds = whole * 1000 + attoseconds / 1_000_000_000_000_000
    let thousandths = String(1000 + milliseconds % 1000).dropFirst()
    print("Run completed in \(milliseconds / 1000).\(thousandths) seconds.")
  }

  private var stride: Int64 { step == 0 ? size : step }

  private func check() throws(ImageError) {
    guard count >= 0 else { throw ImageError("Invalid request count specified") }
    guard depth > 0, depth <= 4096 else { throw ImageError("Invalid queue depth specified") }
    guard size > 0, size <= Int64(Int32.max) else { throw ImageError("Invalid buffer size specified") }
    guard stride >= 0 else { throw ImageError("Invalid step size specified") }
    guard offset >= 0 else { throw ImageError("Invalid offset specified") }
    guard flushInterval == 0 || writes else {
      throw ImageError("--flush-interval is only available in write tests")
    }
    guard flushInterval == 0 || flushInterval >= depth else {
      throw ImageError("Flush interval can't be smaller than depth")
    }
  }

  private func send(_ batch: Int, from first: Int, to image: RawImage) throws(ImageError) {
    let bench = self
    try Workers.run(count: batch, depth: depth, buffer: Int(size), filledWith: pattern) {
      (number, buffer) throws(ImageError) in
      let at = bench.place(first + number, in: image.length)
      // As a block layer does: no request may reach over the end.
      guard at <= image.length, bench.size <= image.length - at else {
        throw ImageError("Failed request: \(ImageError.text(EIO))")
      }
      try bench.failed { () throws(ImageError) in
        if bench.writes {
          try image.write(buffer.prefix(Int(bench.size)), at: at)
        } else {
          try image.read(into: buffer.prefix(Int(bench.size)), at: at)
        }
      }
    }
  }

  /// Where request `number` starts: the walk begins again at the image's end.
  private func place(_ number: Int, in length: Int64) -> Int64 {
    guard number > 0, length > 0 else { return number == 0 ? offset : 0 }
    // The product of two numbers below `length` may need 128 bits.
    let steps = (Int64(number) % length).multipliedFullWidth(by: stride % length)
    let walked = length.dividingFullWidth(steps).remainder
    let start = offset % length
    return walked >= length - start ? walked - (length - start) : start + walked
  }

  private func failed(_ body: () throws(ImageError) -> Void) throws(ImageError) {
    do throws(ImageError) { try body() } catch { throw ImageError("Failed request: \(error)") }
  }
}
