// Text as bytes: comparing, showing and cutting it; JSON to and from it.

import Testing

@testable import ExportUnderTest

@Suite struct ByteTextTests {
  @Test func onlyEqualBytesAreEqual() {
    let (composed, decomposed): (ByteText, ByteText) = ("caf\u{00e9}", "cafe\u{0301}")
    #expect(composed != decomposed && Set([composed, decomposed]).count == 2)
    #expect(ByteText([0xe9]) != ByteText([0xe8]))
    #expect([ByteText([0xff]), "a", ""].sorted() == ["", "a", ByteText([0xff])])
    #expect(!ByteText("-\u{0301}").hasPrefix("-\u{0300}") && ByteText("-\u{0301}").hasPrefix("-"))
  }

  @Test(
    arguments: [
      (Array("plain".utf8), "plain"), (Array("caf\u{e9} \u{1F600}".utf8), "caf\u{e9} \u{1F600}"),
      ([0x63, 0xe9], "c\\xe9"), ([0x1b, 0x5b, 0x32, 0x4a], "\\x1b[2J"), ([0x0d, 0x0a], "\\x0d\\x0a"),
      ([0xc2, 0x9b], "\\xc2\\x9b"), ([0xe2, 0x80, 0xae], "\\xe2\\x80\\xae"),
      // Too short, too long a form, a surrogate half, beyond Unicode.
      ([0xe2, 0x82], "\\xe2\\x82"), ([0xc0, 0xaf], "\\xc0\\xaf"), ([0xed, 0xa0, 0x80], "\\xed\\xa0\\x80"),
      ([0xf4, 0x90, 0x80, 0x80], "\\xf4\\x90\\x80\\x80"),
    ] as [([UInt8], String)])
  func itIsShownInOneLine(_ bytes: [UInt8], _ shown: String) { #expect(ByteText(bytes).description == shown) }

  @Test func decimals() {
    #expect(ByteText("18446744073709551615").decimal == .max && ByteText("007").decimal == 7)
    for text: ByteText in ["", "18446744073709551616", "99999999999999999999999", "-1", "+1", "1 ", "0x1", "\u{0661}"] {
      #expect(text.decimal == nil)
    }
  }

  // MARK: JSON

  private func value(_ text: String) -> OptionValue? { try? JSONReader.value(Array(text.utf8)) }

  @Test func jsonNumbersStayWhatTheyAre() {
    #expect(value("-9223372036854775808") == .integer(.min) && value("9223372036854775807") == .integer(.max))
    #expect(value("9223372036854775808") == .unsigned(1 << 63) && value("18446744073709551615") == .unsigned(.max))
    #expect(value("18446744073709551616") == .number(0x1p64) && value("-9223372036854775809") == .number(-0x1p63))
    #expect(value("1e300") == .number(1e300) && value("-0") == .integer(0) && value("5.0") == .number(5))
    for text in ["1e400", "-1e999999999", "01", "1.", ".5", "+1", "1e", "0x1", "NaN", "--1", "-"] {
      #expect(value(text) == nil)
    }
  }

  @Test func jsonStringsAreBytes() {
    #expect(value(#""a\u00e9\ud83d\ude00\n\/""#) == .string("a\u{e9}\u{1F600}\n/"))
    #expect(value(#""\u0000""#) == .string(ByteText([0])))
    // As Python writes a name that is no UTF-8.
    #expect(value(#""caf\udce9""#) == .string(ByteText(Array("caf".utf8) + [0xe9])))
    for text in [#""\ud83d""#, #""\ud83dx""#, #""\ud83d\u0041""#, #""\ude00""#, #""\udc7f""#, #""\u12g4""#, #""\x""#] {
      #expect(value(text) == nil)
    }
    #expect(value("\"a\nb\"") == nil && value("\"open") == nil)
    let raw: [UInt8] = [0x22, 0xe9, 0x22]
    #expect((try? JSONReader.value(raw)) == nil)
    #expect((try? JSONReader.value(raw, takesAnyBytes: true)) == .string(ByteText([0xe9])))
  }

  @Test func whatIsNoJSON() {
    for text in [
      "", " ", "{", "[1,]", "[1 2]", "{\"a\" 1}", "{\"a\":1,}", "{a:1}", "tru", "nul", "{\"a\":1,\"a\":2}", "1 2",
    ] {
      #expect(value(text) == nil)
    }
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(value(nested(JSONReader.maxDepth)) != nil && value(nested(JSONReader.maxDepth + 1)) == nil)
  }

  @Test func whatIsWrittenIsReadBack() {
    let value = OptionValue.object([
      "\u{00e9}": .list([.integer(-1), .unsigned(.max), .number(0.5), .bool(false), .null, .list([]), .object([:])]),
      "e\u{0301}": .string(ByteText((0...255).map { UInt8($0) })),
    ])
    for pretty in [false, true] {
      let text = value.json(pretty: pretty)
      #expect(String(validating: text, as: UTF8.self) != nil && (try? JSONReader.value(text)) == value)
    }
    #expect(
      String(decoding: OptionValue.object(["b": .null, "a": .list([.integer(1)])]).json(pretty: true), as: UTF8.self)
        == "{\n    \"a\": [\n        1\n    ],\n    \"b\": null\n}")
  }
}
