// The built-in image client, held against what qemu-img prints; a scenario of the same kind asks the real qemu-img.

import Foundation
import Testing

@testable import Harness
@testable import ImageClient

@Suite struct ImageTests {
  /// A folder with images: `a` of 1,000,448 bytes, `b` that differs at 700,000, `long` that is `a` and zeroes.
  private final class Images {
    let workspace: Workspace
    let data: Data

    init() throws {
      workspace = try Workspace(label: "image-test")
      var bytes = [UInt8](repeating: 0, count: 1_000_448)
      Pattern.fill(&bytes, at: 0)
      data = Data(bytes)
      try write("a", data)
      bytes[700_000] ^= 1
      try write("b", Data(bytes))
      try write("long", data + Data(count: 5000))
      try write("longer", data + Data(count: 5000) + Data([1]))
    }

    deinit { workspace.remove() }

    func write(_ name: String, _ data: Data) throws {
      try data.write(to: URL(fileURLWithPath: workspace.file(name)))
    }

    func read(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: workspace.file(name)))
    }

    func compare(_ first: String, _ second: String, strict: Bool = false) throws -> ImageCompare.Outcome {
      var compare = ImageCompare()
      compare.strict = strict
      return try compare.run(workspace.file(first), workspace.file(second))
    }
  }

  @Test func compareSpeaksAsQemuImgDoes() throws {
    let images = try Images()
    #expect(try images.compare("a", "a") == .init(lines: ["Images are identical."], status: 0))
    #expect(try images.compare("a", "b") == .init(lines: ["Content mismatch at offset 699904!"], status: 1))
    let warning = "Warning: Image size mismatch!"
    #expect(try images.compare("a", "long") == .init(lines: [warning, "Images are identical."], status: 0))
    #expect(
      try images.compare("longer", "a")
        == .init(lines: [warning, "Content mismatch at offset 1005056!"], status: 1))
    #expect(
      try images.compare("a", "long", strict: true)
        == .init(lines: ["Strict mode: Image size mismatch!"], status: 1))
    #expect(throws: ImageError.self) { try images.compare("a", "not there") }
  }

  @Test(arguments: [false, true], [ImageCache.none, .writeback])
  func convertCopies(_ outOfOrder: Bool, _ cache: ImageCache) throws {
    let images = try Images()
    var convert = ImageConvert()
    convert.sourceCache = cache
    convert.targetCache = cache
    convert.outOfOrder = outOfOrder
    // A file system without O_DIRECT has nothing to show here.
    guard (try? RawImage(images.workspace.file("a"), cache: cache)) != nil else { return }
    try convert.run(from: images.workspace.file("longer"), to: images.workspace.file("new"))
    #expect(try images.read("new") == images.read("longer"))
    // Into what is there: its rest stays, its length too.
    convert.keepsTarget = true
    try convert.run(from: images.workspace.file("b"), to: images.workspace.file("new"))
    #expect(try images.read("new").prefix(1_000_448) == images.read("b"))
    #expect(try images.read("new").count == 1_005_449)
    #expect(throws: ImageError("output file is smaller than input file")) {
      try convert.run(from: images.workspace.file("long"), to: images.workspace.file("a"))
    }
  }

  @Test func zeroesOverwriteWhatWasThere() throws {
    let images = try Images()
    try images.write("zeroes", Data(count: 1_000_448))
    var convert = ImageConvert()
    convert.keepsTarget = true
    try convert.run(from: images.workspace.file("zeroes"), to: images.workspace.file("a"))
    #expect(try images.read("a") == Data(count: 1_000_448))
  }

  @Test func benchPrintsQemuImgsLines() throws {
    let images = try Images()
    var bench = ImageBench()
    bench.count = 40
    bench.depth = 4
    bench.size = 4096
    bench.step = 5000
    bench.offset = 17
    bench.writes = true
    bench.pattern = 0xab
    bench.flushInterval = 8
    var lines: [String] = []
    try bench.run(images.workspace.file("a")) { lines.append($0) }
    #expect(
      lines.dropLast() == [
        "Sending 40 write requests, 4096 bytes each, 4 in parallel (starting at offset 17, step size 5000)",
        "Sending flush every 8 requests",
      ])
    #expect(lines.last?.wholeMatch(of: /Run completed in \d+\.\d{3} seconds\./) != nil)
    var expected = images.data
    for number in 0..<40 {
      expected.replaceSubrange(17 + number * 5000..<17 + number * 5000 + 4096, with: Data(repeating: 0xab, count: 4096))
    }
    #expect(try images.read("a") == expected)
  }

  @Test func benchRefusesWhatQemuImgRefuses() throws {
    let images = try Images()
    func fault(_ change: (inout ImageBench) -> Void) -> String? {
      var bench = ImageBench()
      bench.count = 10
      change(&bench)
      do {
        try bench.run(images.workspace.file("a")) { _ in }
        return nil
      } catch {
        return error.description
      }
    }
    #expect(fault { $0.flushInterval = 100 } == "--flush-interval is only available in write tests")
    #expect(
      fault {
        $0.writes = true
        $0.flushInterval = 4
      } == "Flush interval can't be smaller than depth")
    #expect(fault { $0.size = 2 << 20 } == "Failed request: Input/output error")
    #expect(fault { $0.offset = 1_000_000 } == "Failed request: Input/output error")
    #expect(fault { $0.depth = 0 } == "Invalid queue depth specified")
    #expect(fault { _ in } == nil)
  }

  @Test func mapTellsTheExtents() throws {
    let images = try Images()
    let path = images.workspace.file("a")
    #expect(
      try ImageMap.human.text(path) == """
        Offset          Length          Mapped to       File
        0               0xf4400         0               \(path)

        """)
    #expect(
      try ImageMap.json.text(path) == """
        [{ "start": 0, "length": 1000448, "depth": 0, "present": true, "zero": false, "data": true, "offset": 0}]

        """)
  }
}
