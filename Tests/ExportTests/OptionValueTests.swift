// The grammar of an option's value: keys and values, dots, lists, commas, JSON.

import Testing

@testable import ExportUnderTest

@Suite struct OptionValueTests {
  private func parse(_ words: ByteText, implied: ByteText? = "driver") throws -> [ByteText: OptionValue] {
    try OptionValue.parse(words, implied: implied)
  }

  private func failure(_ words: ByteText, implied: ByteText? = "driver") -> String? {
    do {
      _ = try OptionValue.parse(words, implied: implied)
      return nil
    } catch { return error.description }
  }

  @Test func keysAndValues() throws {
    #expect(try parse("a=1,b=two,c=") == ["a": .text("1"), "b": .text("two"), "c": .text("")])
    #expect(try parse("a=x=y") == ["a": .text("x=y")])
    #expect(try parse(" a =1") == ["a": .text("1")])
    #expect(try parse("a=1,") == ["a": .text("1")])
    #expect(try parse("a=1,a=2") == ["a": .text("2")])
  }

  @Test func theLeadingKeyMayBeImplied() throws {
    #expect(try parse("file,node-name=n") == ["driver": .text("file"), "node-name": .text("n")])
    #expect(try parse("driver=file,node-name=n") == parse("file,node-name=n"))
    #expect(failure("node-name=n,file") == "Expected '=' after parameter 'file'")
    #expect(failure("file", implied: nil) == "Expected '=' after parameter 'file'")
  }

  @Test func twoCommasAreOne() throws {
    #expect(try parse("a=x,,y,b=,,") == ["a": .text("x,y"), "b": .text(",")])
    #expect(try parse("a=x,,,b=1") == ["a": .text("x,"), "b": .text("1")])
  }

  @Test func dotsBuildObjects() throws {
    #expect(
      try parse("file.driver=file,file.cache.direct=on,x=1") == [
        "file": .object(["driver": .text("file"), "cache": .object(["direct": .text("on")])]),
        "x": .text("1"),
      ])
  }

  @Test func numbersBuildLists() throws {
    #expect(try parse("t.0=a,t.1=b") == ["t": .list([.text("a"), .text("b")])])
    #expect(try parse("t.1=b,t.0=a") == ["t": .list([.text("a"), .text("b")])])
    #expect(try parse("t.0=a") == ["t": .list([.text("a")])])
    #expect(
      try parse("t.0.k=a,t.1.k=b") == ["t": .list([.object(["k": .text("a")]), .object(["k": .text("b")])])])
    // A gap makes it an object, which no reader of lists takes.
    #expect(try parse("t.0=a,t.2=b") == ["t": .object(["0": .text("a"), "2": .text("b")])])
  }

  @Test func contradictionsAreNamed() {
    #expect(failure("t=a,t.0=b") == "Parameters 't.0' and a shorter form of it exclude each other")
    #expect(failure("t.0=b,t=a") == "Parameters 't' and 't.*' exclude each other")
    #expect(failure("a.b.c=1,a.b=2") == "Parameters 'a.b' and 'a.b.*' exclude each other")
    #expect(failure("a..b=1") == "Invalid parameter 'a..b'")
    #expect(failure(".a=1") == "Invalid parameter '.a'")
    #expect(failure("a.=1") == "Invalid parameter 'a.'")
    #expect(failure("=1") == "Expected parameter before '=1'")
    #expect(failure("0=a,1=b") == "Parameters must have names, not only numbers")
  }

  @Test func jsonSaysTheTypes() throws {
    #expect(
      try parse(#"{"driver": "file", "size": 5, "on": true, "off": false, "l": ["a", 1], "o": {"k": "v"}}"#)
        == [
          "driver": .string("file"), "size": .integer(5), "on": .bool(true), "off": .bool(false),
          "l": .list([.string("a"), .integer(1)]), "o": .object(["k": .string("v")]),
        ])
    #expect(try parse(#"{"n": 1, "z": 0, "text": "true"}"#)["n"] == .integer(1))
    #expect(try parse(#"{"a": "x,,y"}"#) == ["a": .string("x,,y")])
    #expect(failure("{") == "Invalid JSON: a member must begin with its name (at byte 2)")
    #expect(try parse(#"{"a": null, "b": 1.5}"#) == ["a": .null, "b": .number(1.5)])
    #expect(failure("{} x") == "Invalid JSON: something stands behind the value (at byte 4)")
  }

  // MARK: Reading

  private func read<T>(_ words: ByteText, _ body: (inout OptionReader) throws -> T) throws -> T {
    var reader = OptionReader(try parse(words, implied: nil))
    return try body(&reader)
  }

  private func fault(_ words: ByteText, _ body: (inout OptionReader) throws -> Void) -> String? {
    do {
      try read(words, body)
      return nil
    } catch { return "\(error)" }
  }

  private static let goodSizes: [(String, UInt64)] = [
    ("0", 0), ("512", 512), ("1k", 1 << 10), ("1K", 1 << 10), ("64M", 64 << 20), ("64m", 64 << 20), ("2G", 2 << 30),
    ("3T", 3 << 40), ("9223372036854775807", UInt64(Int64.max)), ("8388607T", 8_388_607 << 40),
  ]

  @Test(arguments: goodSizes) func sizes(_ text: String, _ bytes: UInt64) throws {
    #expect(parseSize(ByteText(text)) == bytes)
    #expect(try read("size=\(text)") { try $0.size("size") } == bytes)
  }

  @Test(arguments: ["", "k", "-1", "1kk", "1.5G", "0x10", "1P", "18446744073709551616", "16777216T", "1 k"])
  func whatIsNoSize(_ text: String) {
    #expect(parseSize(ByteText(text)) == nil)
    #expect(
      fault("size=\(text)") { _ = try $0.size("size") }
        == "Parameter 'size' expects a size in bytes (k, M, G, T allowed), not '\(text)'")
  }

  @Test(arguments: ["9223372036854775808", "18446744073709551615", "8388608T"])
  func sizesThatNoFileHas(_ text: String) throws {
    let bytes = try #require(parseSize(ByteText(text)))
    let why = "Parameter 'size' expects at most 9223372036854775807 bytes, not \(bytes)"
    #expect(fault("size=\(text)") { _ = try $0.size("size") } == why)
    guard let number = UInt64(text) else { return }
    #expect(fault(#"{"size": \#(number)}"#) { _ = try $0.size("size") } == why)
  }

  @Test(arguments: ["1e300", "-1e300", "1.5", "36893488147419103232", "-1", "-9223372036854775808"])
  func numbersOfJSONThatAreNoSize(_ text: String) {
    let why = "Invalid parameter type for 'size', expected: size in bytes"
    #expect(fault(#"{"size": \#(text)}"#) { _ = try $0.size("size") } == why)
    #expect(
      fault(#"{"a": \#(text)}"#) { _ = try $0.number("a", in: 0...5) } == "Parameter 'a' expects a number from 0 to 5")
  }

  /// A combining mark behind `=` or `,`, CR LF, and bytes that are no UTF-8.
  @Test func wordsAreBytes() throws {
    #expect(
      try parse("file,a=\u{0301}x,b=1\r\n,,2") == [
        "driver": .text("file"), "a": .text("\u{0301}x"), "b": .text("1\r\n,2"),
      ])
    #expect(try parse("a=1,\u{0301}=2")["\u{0301}"] == .text("2"))
    let latin = ByteText(Array("file,filename=caf".utf8) + [0xe9, 0x2c, 0x62, 0x3d, 0xff])
    #expect(try parse(latin)["filename"] == .text(ByteText(Array("caf".utf8) + [0xe9])))
    #expect(try parse(latin)["b"] == .text(ByteText([0xff])))
    // Composed and decomposed: two keys.
    #expect(try parse("\u{00e9}=1,e\u{0301}=2", implied: nil).count == 2)
    #expect(fault("a=o\u{0301}n") { _ = try $0.bool("a", default: true) } != nil)
  }

  @Test func aKeyOfManyPartsIsRefused() {
    let long = ByteText([UInt8](repeating: UInt8(ascii: "a"), count: 100_000).map { [$0, UInt8(ascii: ".")] }.joined())
    #expect(failure(ByteText(long.bytes + Array("a=1".utf8)))?.hasSuffix("has more than 64 parts") == true)
  }

  @Test func aNULIsRefused() {
    #expect(
      fault(#"{"a": "x\u0000y"}"#) { _ = try $0.text("a") } == "Parameter 'a' must not hold a NUL byte")
  }

  @Test func booleans() throws {
    for (word, value) in [
      ("on", true), ("yes", true), ("true", true), ("off", false), ("no", false), ("n", false),
    ] {
      #expect(try read("a=\(word)") { try $0.bool("a", default: !value) } == value)
    }
    #expect(try read("b=on") { try $0.bool("a", default: true) })
    #expect(
      fault("a=maybe") { _ = try $0.bool("a", default: true) }
        == "Parameter 'a' expects 'on' or 'off', not 'maybe'")
    #expect(
      fault(#"{"a": 1}"#) { _ = try $0.bool("a", default: true) }
        == "Invalid parameter type for 'a', expected: boolean")
  }

  @Test func textsNumbersAndObjects() throws {
    #expect(fault("a=1") { _ = try $0.requiredText("b") } == "Parameter 'b' is missing")
    #expect(
      fault("a.b=1") { _ = try $0.requiredText("a") } == "Invalid parameter type for 'a', expected: string")
    #expect(fault("a=1") { _ = try $0.object("a") } == "Invalid parameter type for 'a', expected: object")
    #expect(try read("a=5") { try $0.number("a", in: 1...5) } == 5)
    #expect(try read(#"{"a": 5}"#) { try $0.number("a", in: 1...5) } == 5)
    for word in ["6", "0", "-1", "x", "1k"] {
      #expect(
        fault("a=\(word)") { _ = try $0.number("a", in: 1...5) }
          == "Parameter 'a' expects a number from 1 to 5")
    }
    #expect(
      fault(#"{"a": -1}"#) { _ = try $0.size("a") }
        == "Invalid parameter type for 'a', expected: size in bytes")
  }

  @Test func whatNobodyAskedForIsUnexpected() throws {
    func end(_ prefix: String) -> String? {
      do {
        var reader = OptionReader(["b": .text("1"), "a": .text("2"), "known": .text("3")], prefix: prefix)
        _ = reader.value("known")
        try reader.end()
        return nil
      } catch { return "\(error)" }
    }
    #expect(end("") == "Parameter 'a' is unexpected")
    #expect(end("cache.") == "Parameter 'cache.a' is unexpected")
  }
}
