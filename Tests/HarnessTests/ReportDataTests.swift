// Reports for programs: what they hold, and that real readers of their formats take them.

import Foundation
import Testing

@testable import Harness

@Suite struct ReportDataTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Whether Debian's Python has a JSON-schema validator.
  static let hasValidator = FileManager.default.fileExists(
    atPath: "/usr/lib/python3/dist-packages/jsonschema/__init__.py")

  /// Validates a document twice: as the schema says, and with every name that it does not know forbidden, so that
  /// nothing is written that is not described.
  private static let validator = """
    import json, sys, jsonschema
    schema, document = (json.load(open(path)) for path in sys.argv[1:])
    def close(part):
        if isinstance(part, dict):
            if "properties" in part: part["additionalProperties"] = False
            for value in part.values(): close(value)
        elif isinstance(part, list):
            for value in part: close(value)
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    faults = list(kind(schema).iter_errors(document))
    close(schema)
    faults += list(kind(schema).iter_errors(document))
    for fault in faults[:10]: print("/".join(map(str, fault.absolute_path)), fault.message[:200])
    sys.exit(1 if faults else 0)
    """

  private func validate(_ json: String) async throws -> Finished {
    let file = NSTemporaryDirectory() + "fusebench-schema-\(UUID().uuidString).json"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try json.write(toFile: file, atomically: true, encoding: .utf8)
    let schema = Self.root.appendingPathComponent("docs/schema/run-3.json").path
    return try await Command("/usr/bin/python3", ["-c", Self.validator, schema, file]).run(within: .seconds(60))
  }

  @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"), arguments: [0, 1])
  func theSchemaDescribesWhatIsWritten(_ which: Int) async throws {
    var run = which == 0 ? StoredRunFixture.run : WideRunFixture.run
    run.shard = Shard(number: 1, of: 2)
    run.columns[1].prefix = ["chroot", "/srv"]
    let done = try await validate(ReportFormat.json.text(of: [run]))
    #expect(done.status.isSuccess, "\(done.output)")
  }

  @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
  func theSchemaDescribesStoredRunsToo() async throws {
    let results = NSTemporaryDirectory() + "fusebench-stored-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: results) }
    let folder = try RunFolder.create(in: results, suite: "wide", at: RunTime(secondsSince1970: 0))
    try folder.write(WideRunFixture.run)
    let done = try await validate(try String(contentsOfFile: folder.runFile, encoding: .utf8))
    #expect(done.status.isSuccess, "\(done.output)")
  }

  @Test(.enabled(if: hasValidator, "python3-jsonschema is not installed"))
  func theSchemaRefusesWhatIsWrong() async throws {
    let json = ReportFormat.json.text(of: [StoredRunFixture.run])
    #expect(try await !validate(json.replacing("\"schema\" : 3", with: "\"schema\" : 4")).status.isSuccess)
    #expect(try await !validate(json.replacing("\"role\" : ", with: "\"rolle\" : ")).status.isSuccess)
  }

  @Test func whatIsComputedStandsBesideWhatIsStored() throws {
    let json = ReportFormat.json.text(of: [StoredRunFixture.run])
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    #expect(document["schema"] as? Int == 3)
    let computed = try #require(document["computed"] as? [String: Any])
    #expect(computed["baseline"] as? String == "legacy")
    let comparisons = try #require(computed["comparisons"] as? [[String: Any]])
    let first = try #require(comparisons.first { $0["column"] as? String == "multithread" })
    #expect(abs((first["ratio"] as? Double ?? 0) - 1.5) < 1e-12)
  }

  @Test func everyLineOfCSVHasAllItsFields() {
    var run = WideRunFixture.run
    run.cells[0].failure = "no, \"really\" not"
    let lines = ReportFormat.csv.text(of: [run]).split(separator: "\n")
    #expect(lines[0] == "run,suite,node,workload,column,role,sample,figure,unit,value,note")
    #expect(lines[1].hasSuffix("failure,,,\"no, \"\"really\"\" not\""))
    #expect(lines.dropFirst(2).allSatisfy { $0.count { $0 == "," } == 10 })
    #expect(lines.contains { $0.hasSuffix(",dropped,,,steal 7 %") })
    #expect(lines.contains { $0.contains(",null,idle,legacy,compared,0,memory,bytes,") })
  }

  @Test func benchstatLinesAreGoBenchmarks() {
    let lines = ReportFormat.benchstat.text(of: [WideRunFixture.run]).split(separator: "\n")
    let results = lines.filter { $0.hasPrefix("Benchmark") }
    #expect(results.count == WideRunFixture.run.cells.reduce(0) { $0 + $1.samples.count })
    for line in results {
      let words = line.split(separator: " ")
      #expect(Int(words[1]) ?? 0 > 0)
      // A number and its unit in turn.
      #expect(words.count.isMultiple(of: 2))
      #expect(words.dropFirst(2).enumerated().allSatisfy { $0.offset % 2 == 1 || Double($0.element) != nil })
    }
    #expect(lines.contains { $0.hasPrefix("BenchmarkExport/node=file/load=read_depth_16/column=legacy_again ") })
  }

  @Test func junitIsWellFormedWhateverTheNames() throws {
    for run in [StoredRunFixture.run, WideRunFixture.run, WideRunFixture.hostileRun] {
      let text = ReportFormat.junit.text(of: [run])
      #expect(text.contains("<testsuites"))
      // What is hostile must be inside of quotes or text, escaped.
      #expect(!text.contains("<b onclick"))
      #expect(text.components(separatedBy: "<testcase ").count - 1 > 4)
    }
  }
}
