// The page of stored checks: what counts, what is escaped, and that a real browser shows and filters it.

import Foundation
import Testing

@testable import Harness

/// One after the other: browsers take all that the machine has, and others run beside them.
@Suite(.serialized) struct MatrixPageTests {
  private let fixture: JudgedCellFixture
  init() throws { fixture = try JudgedCellFixture() }

  private func check(_ version: String, kernel: String = "6.18", digest: String = "00", id: String = "one") throws
    -> StoredCheck
  {
    var check = StoredCheck(try fixture.everyVerdict(), id: id)
    check.kernel = kernel
    check.program.version = version
    check.program.digest = digest
    check.catalogue = ["legacy": 10, "multithread": 10, "io_uring": 12]
    return check
  }

  // MARK: What counts

  @Test func ofSeveralResultsTheWorstCounts() throws {
    let first = try check("1.0")
    var again = try check("1.0", id: "two")
    again.cells[1].verdict = .pass
    again.cells[0].verdict = .fail
    let table = MatrixTable([first, again])
    #expect(table.columns.count == 3)
    let legacy = try #require(table.columns.first { $0.mode == .legacy })
    #expect(legacy.cells["passes"]?.cell.verdict == .fail && legacy.cells["passes"]?.check == "two")
    #expect(legacy.cells["passes"]?.tally == "Of 2 results the worst is shown: 1 × pass, 1 × fail")
    // A pass in another round does not undo a failure.
    #expect(table.columns.first { $0.mode == .multithread }?.cells["fails"]?.cell.verdict == .fail)
    // A skip says nothing of what was judged.
    again.cells[0].verdict = .skip
    #expect(MatrixTable([first, again]).columns[0].cells["passes"]?.cell.verdict == .pass)
  }

  @Test func filesKernelsAndVersionsAreColumnsOfTheirOwn() throws {
    let checks = [
      try check("1.0"), try check("1.0", kernel: "7.2"), try check("2.0"), try check("1.0", digest: "0123456789"),
    ]
    let table = MatrixTable(checks)
    #expect(table.columns.count == 12)
    #expect(
      Set(table.columns.map(\.program)) == ["fusebench: 1.0 (00)", "fusebench: 1.0 (01234567)", "fusebench: 2.0"])
    #expect(table.catalogue(.ioUring) == 12)
  }

  @Test func namesLeaveOutWhatIsNoPartOfThem() throws {
    let said = [
      "fusebench version 7.2.22 (Debian 1:7.2+dfsg-7)", "nbdfuse 1.14.2, nbdkit 1.32.5 (a, (b)), c", "(x)", ")(",
    ]
    let table = MatrixTable(try said.enumerated().map { try check($1, digest: "\($0)", id: "\($0)") })
    #expect(
      Set(table.columns.map(\.program)) == [
        "fusebench 7.2.22", "fusebench: nbdfuse 1.14.2, nbdkit 1.32.5, c", "fusebench: (x)", "fusebench: )",
      ])
  }

  @Test func aTransportInWhichNothingCouldRunIsInTheCountsOnly() throws {
    let page = MatrixPage.text(of: [try check("1.0")])
    #expect(page.contains("<tr data-program=\"fusebench: 1.0\" data-kernel=\"6.18\" data-mode=\"io_uring\">"))
    #expect(!page.contains("<th scope=\"col\" class=\"mode io_uring\""))
    #expect(page.contains("<th scope=\"col\" class=\"mode multithread\""))
  }

  @Test func whatWasNotRunIsCountedAsSuch() throws {
    let page = MatrixPage.text(of: [try check("1.0")])
    let row = try #require(page.split(separator: "\n").first { $0.contains("data-mode=\"legacy\"") })
    let numbers = row.matches(of: #/<td class="number">(\d+)</#).compactMap { Int($0.output.1) }
    // passed, failed (the unexpected pass too), known, skipped, not run, of
    #expect(numbers == [1, 1, 1, 0, 7, 10])
  }

  // MARK: Text of others

  @Test func textOfAFileIsTextOnThePage() throws {
    let evil = "</script><b onclick='x'>\"\u{301}onmouseover=y {{{style}}} \u{202e}\u{1b}[2J"
    var check = try check(evil)
    check.cells[1].difference = "- \(evil)\n+ \(evil)"
    check.cells[1].title = evil
    check.cells[1].scenario = evil
    check.cells[2].reason = evil
    check.cells[3].expected?.link = "javascript:alert(1)"
    check.command = [evil]
    check.tools = [evil: evil]
    let page = MatrixPage.text(of: [check])
    #expect(!page.contains("<b onclick") && !page.contains("\u{1b}") && !page.contains("\u{202e}"))
    #expect(page.utf8.split(separator: UInt8(ascii: "<")).count { $0.starts(with: "/script>".utf8) } == 1)
    #expect(!page.contains("href=\"javascript"))
    // A mark before a combining mark is one Character, and still a quotation mark to a browser.
    let mark = ByteText("\"\u{301}")
    #expect(ByteText(page).replacing(mark, with: "") == ByteText(page))
    let escaped = ByteText("&quot;\u{301}onmouseover=y")
    #expect(ByteText(page).replacing(escaped, with: "") != ByteText(page))
    #expect(page.contains("default-src 'none'"))
    for word in ["src=", "@import", "url(", "<link"] { #expect(!page.contains(word), "\(word)") }
  }

  // MARK: A browser

  @Test(.enabled(if: PageBrowser.isInstalled, "chromium is not installed"))
  func aClickShowsWhyAndFiltersHide() async throws {
    try await PageBrowser.inFolder { folder in
      let script = """
        <script>
          const seen = [], form = document.getElementById("filters");
          const buttons = Array.from(document.querySelectorAll(".matrix button"));
          const button = buttons.find(one => one.textContent === "FAIL");
          button.click();
          const open = document.querySelector(".detail:popover-open");
          seen.push(open.querySelector("h2").textContent, open.querySelector(".missing").textContent);
          const set = (name, value) => {
            form.elements[name].value = value; form.dispatchEvent(new Event("input"));
            const rows = Array.from(document.querySelectorAll(".matrix tbody tr")).filter(row => !row.hidden);
            const columns = Array.from(document.querySelectorAll("th.mode")).filter(head => !head.hidden);
            seen.push(`${name}=${value}: ${rows.length}×${columns.length}`);
          };
          set("verdict", "fail"); set("verdict", ""); set("mode", "legacy"); set("text", "KNOWN"); set("text", "");
          set("mode", ""); set("kernel", "7.2"); set("kernel", ""); set("group", "skipped"); set("group", "");
          set("verdict", "differs");
          seen.push(location.hash);
          document.body.dataset.seen = seen.join("; ");
          document.body.dataset.wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
        </script>
        </body>
        """
      let page = MatrixPage.text(of: [try check("1.0"), try check("1.0", kernel: "7.2")])
        .replacing("</body>", with: script)
      let done = try await PageBrowser.browse(page, in: folder, ["--dump-dom", "--window-size=390,844"])
      #expect(done.status.isSuccess)
      let expected = [
        "fails: FAIL", "- a &lt; b &amp; \"c\"", "verdict=fail: 1×4", "verdict=: 5×4", "mode=legacy: 5×2",
        "text=KNOWN: 1×2", "text=: 5×2", "mode=: 5×4", "kernel=7.2: 5×2", "kernel=: 5×4", "group=skipped: 1×4",
        "group=: 5×4", "verdict=differs: 0×4", "#verdict=differs",
      ]
      let seen = done.output.firstMatch(of: #/data-seen="([^"]*)"/#).map { String($0.output.1) } ?? "nothing"
      #expect(seen.replacing("&quot;", with: "\"") == expected.joined(separator: "; "))
      // Tables scroll in their boxes; the page itself is never wider than a phone.
      #expect(done.output.contains("data-wide=\"false\""))
      #expect(try PageBrowser.complaints(in: folder) == [])
    }
  }

  @Test(.enabled(if: PageBrowser.isInstalled, "chromium is not installed"))
  func withoutScriptsEverythingIsThere() async throws {
    try await PageBrowser.inFolder { folder in
      let page = MatrixPage.text(of: [try check("1.0")]).replacing(#/<script>[\s\S]*<\/script>/#, with: "")
      let done = try await PageBrowser.browse(page, in: folder, ["--dump-dom"])
      #expect(done.output.contains("popovertarget=\"d1\"") && done.output.contains(">FAIL</button>"))
      let printed = try await PageBrowser.browse(page, in: folder, ["--print-to-pdf=\(folder)/page.pdf"])
      #expect(printed.status.isSuccess)
      #expect(try FileManager.default.attributesOfItem(atPath: "\(folder)/page.pdf")[.size] as? Int ?? 0 > 10_000)
    }
  }
}
