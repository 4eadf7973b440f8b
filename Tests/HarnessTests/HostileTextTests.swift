// Texts of others in every report: whatever a name holds, no format obeys it.

import Foundation
import Testing

@testable import Harness

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite struct HostileTextTests {
  /// What some reader of some format obeys. `zzz` marks what must stay text.
  static let texts = [
    "</script><zzz onclick=x>]]>--><!--", "\"\u{301}zzz=\" '\u{301}zzz='", "<\u{338}zzz>", "&lt;zzz&gt;&#60;zzz",
    "\u{1b}]0;zzz\u{7}\u{1b}[2J\u{9b}31m", "\u{202e}zzz\u{2066}\u{200f}", "=1+1", "\u{9}=cmd|'/c zzz'!A1", "+1",
    "@SUM(1)",
    "`zzz`", "``` zzz\n```\n<zzz>", "a|b|c", "[x](javascript:zzz)", "![x](http://zzz.example/)",
    "{{{style}}}{{> bench}}",
    "one\ntwo", "one\r\ntwo", "\n# zzz", "\nSigned-off-by: zzz", "\n...\nnot ok 1 - zzz", "zzz # SKIP x",
    "$(zzz)", "'; zzz; '", "'\u{301}`zzz`'", "\u{0}zzz", "\u{2028}zzz\u{2029}", "\\", "%s%n",
    String(repeating: "z", count: 5000),
  ]

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "\n" || scalar == "\t" || (TextFormat.visible(String(scalar)) == String(scalar))
  }

  /// Whether the bytes of `part` are in `text`: not by Characters, of which a browser knows nothing.
  private static func holds(_ text: String, _ part: String) -> Bool {
    !ByteText(text).replacing(ByteText(part), with: "").bytes.elementsEqual(text.utf8)
  }

  /// Every text of a run by turns, so that each name, title and version is hostile once.
  private func runs(_ text: String) throws -> [StoredRun] {
    var named = StoredRunFixture.run
    named.id = text
    named.title = text
    named.started = text
    named.command = ["fusebench", text]
    named.notes = [text]
    named.machine.cpu = text
    named.machine.kernel = text
    named.machine.fio = text
    named.machine.system = text
    named.machine.sysctls = [text: text]
    for place in named.columns.indices { named.columns[place].version = text }
    for place in named.cells.indices where named.cells[place].failure != nil { named.cells[place].failure = text }
    for place in named.cells.indices { named.cells[place].exportCommand = text }
    // The names by which cells are found.
    var columns = StoredRunFixture.run
    for place in columns.columns.indices {
      let old = columns.columns[place].name
      columns.columns[place].name += text
      for cell in columns.cells.indices where columns.cells[cell].column == old { columns.cells[cell].column += text }
    }
    var loads = StoredRunFixture.run
    for place in loads.rows.indices { loads.rows[place].workload.name += text }
    for place in loads.cells.indices { loads.cells[place].workload += text }
    return [named, columns, loads]
  }

  @Test(arguments: texts) func noReportOfARunObeysAText(_ text: String) throws {
    for run in try runs(text) {
      for format in ReportFormat.allCases where format != .json {
        let report = format.text(of: [run])
        #expect(report.unicodeScalars.allSatisfy(Self.isHarmless), "\(format)")
        #expect(!Self.holds(report, "\nSigned-off-by") && !Self.holds(report, "\n# zzz"), "\(format)")
      }
      let json = Data(ReportFormat.json.text(of: [run]).utf8)
      #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: json) }
      Self.checkPage(ReportFormat.html.text(of: [run]))
      #expect(Self.isXML(ReportFormat.junit.text(of: [run])))
      Self.checkMarkdown(ReportFormat.markdown.text(of: [run]))
      Self.checkCSV(ReportFormat.csv.text(of: [run]))
      let shown = [run.readable]
      for command in RunPlots.all(of: shown).flatMap(\.commands) { #expect(Self.isQuoted(command), "\(command)") }
    }
  }

  @Test(arguments: texts) func noReportOfACheckObeysAText(_ text: String) throws {
    var check = StoredCheck(try JudgedCellFixture().everyVerdict(), id: text)
    check.subject = text
    check.kernel = text
    check.program = .init(path: text, prefix: [text], version: text, digest: text)
    check.command = [text]
    check.tools = [text: text]
    for place in check.cells.indices {
      check.cells[place].scenario += text
      check.cells[place].title = text
      check.cells[place].tags = [text]
      check.cells[place].transport = [text]
      if check.cells[place].reason != nil { check.cells[place].reason = text }
      if check.cells[place].detail != nil { check.cells[place].detail = text }
      if check.cells[place].expected != nil { check.cells[place].expected = .init(why: text, link: text) }
      check.cells[place].kept = text
    }
    check.cells[1].difference = text
    check.cells[1].transcript = text
    check.cells[1].log = text
    for format in StoredCheckFormat.allCases where format != .json {
      let report = try format.text(of: check)
      #expect(report.unicodeScalars.allSatisfy(Self.isHarmless), "\(format)")
    }
    Self.checkPage(try StoredCheckFormat.html.text(of: check))
    #expect(Self.isXML(try StoredCheckFormat.junit.text(of: check)))
    Self.checkMarkdown(try StoredCheckFormat.markdown.text(of: check))
    let points = try StoredCheckFormat.tap.text(of: check).split(separator: "\n").filter {
      $0.hasPrefix("ok ") || $0.hasPrefix("not ok ")
    }
    #expect(points.count == check.cells.count)
    #expect(!StoredCheckReport.history([check, check]).unicodeScalars.contains { !Self.isHarmless($0) })
  }

  // MARK: Readers of the formats

  /// As a browser sees it: bytes. The page's own elements are known, and a text can begin none.
  private static func checkPage(_ page: String) {
    for part in ["<zzz", "<\u{338}", "\"\u{301}", "'\u{301}", "href=\"javascript"] {
      #expect(!holds(page, part), "\(part)")
    }
    #expect(page.utf8.split(separator: UInt8(ascii: "<")).count { $0.starts(with: "/script>".utf8) } == 1)
    #expect(page.utf8.split(separator: UInt8(ascii: "<")).count { $0.starts(with: "!--".utf8) } == 0)
  }

  private static func isXML(_ text: String) -> Bool {
    let parser = XMLParser(data: Data(text.utf8))
    return parser.parse()
  }

  /// No tag, and the rows of a table have the cells of its head; what stands in a fence is text.
  private static func checkMarkdown(_ text: String) {
    var fence: Substring?
    var cells: Int?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let ticks = line.prefix { $0 == "`" }
      if let open = fence {
        if ticks.utf8.count >= open.utf8.count, ticks.utf8.count == line.utf8.count { fence = nil }
        continue
      }
      if ticks.utf8.count >= 3 {
        fence = ticks
        continue
      }
      #expect(!holds(String(line), "<zzz"), "\(line)")
      guard line.utf8.first == UInt8(ascii: "|") else {
        cells = nil
        continue
      }
      var count = 0
      var before: UInt8 = 0
      for byte in line.utf8 {
        if byte == UInt8(ascii: "|"), before != UInt8(ascii: "\\") { count += 1 }
        before = byte == UInt8(ascii: "\\") && before == UInt8(ascii: "\\") ? 0 : byte
      }
      #expect(cells == nil || cells == count, "\(line)")
      cells = count
    }
    #expect(fence == nil)
  }

  /// RFC 4180 by bytes: eleven fields in each record, and none that a spreadsheet takes for a formula.
  private static func checkCSV(_ text: String) {
    var field: [UInt8] = []
    var record: [[UInt8]] = []
    var isQuoted = false
    func end() {
      #expect(Double(String(decoding: field, as: UTF8.self)) != nil || !"=+@|%".utf8.contains(field.first ?? 0))
      record.append(field)
      field = []
    }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: ",") where !isQuoted: end()
      case UInt8(ascii: "\n") where !isQuoted:
        end()
        #expect(record.count == 11)
        record = []
      default: field.append(byte)
      }
    }
    #expect(!isQuoted && record.isEmpty && field.isEmpty)
  }

  /// Whether gnuplot sees nothing hostile outside of its quoted strings.
  private static func isQuoted(_ command: String) -> Bool {
    var outside: [UInt8] = []
    var isInside = false
    for byte in command.utf8 {
      if byte == UInt8(ascii: "'") { isInside.toggle() } else if !isInside { outside.append(byte) }
    }
    let text = ByteText(outside)
    return !isInside && !holds(text.text, "zzz") && !outside.contains(UInt8(ascii: "`"))
  }
}
