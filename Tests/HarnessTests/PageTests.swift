// The HTML page: everything inside it, text from files harmless, and a real browser that agrees.

import Foundation
import Testing

@testable import Harness

/// One after the other: drawings and browsers take all that the machine has, and others run beside them.
@Suite(.serialized) struct PageTests {
  private func page(_ run: StoredRun) async -> String {
    let options = ReportOptions(drawings: await Gnuplot.draw(RunPlots.all(of: [run])))
    return ReportFormat.html.text(of: [run], options: options)
  }

  @Test func nothingIsLoadedFromAnywhere() async {
    let page = await page(WideRunFixture.run)
    for word in ["src=", "@import", "url(", "<link", "xmlns:xlink=\"http://cdn"] {
      #expect(!page.contains(word), "\(word)")
    }
  }

  @Test func textFromFilesCannotBecomeMarkup() async {
    let page = await page(WideRunFixture.hostileRun)
    #expect(!page.contains("<b onclick"))
    #expect(page.components(separatedBy: "</script>").count == 2)
    // The hostile name is there, as text, in table, drawing and command line.
    #expect(page.contains("&lt;/script&gt;&lt;b onclick="))
  }

  @Test func withoutDrawingsTheTablesStandAlone() {
    let page = ReportFormat.html.text(of: [WideRunFixture.run])
    #expect(!page.contains("<figure"))
    #expect(page.contains("read depth 16"))
    #expect(page.contains("<table class=\"sortable\">"))
  }

  /// One colour stands for one column, and for the same one wherever it is shown.
  @Test func aColumnHasItsColourOnEveryPage() {
    let wide = ColumnInks([WideRunFixture.run])
    let both = ColumnInks([StoredRunFixture.run, WideRunFixture.run])
    for column in WideRunFixture.run.columns { #expect(wide.number(of: column.name) == both.number(of: column.name)) }
    #expect(both.number(of: "raw") == 1 && both.number(of: "io_uring") == 4)
    var many = StoredRunFixture.run
    many.columns = (0..<16).map { Column(name: "program\($0) legacy", kind: .export, mode: .legacy, subject: "s") }
    #expect(Set(many.columns.map { ColumnInks([many]).number(of: $0.name) }).count == 16)
    // The styles know every number, in the light, in the dark and on paper.
    let style = PageTemplate.text(PackageResources.page_css)
    for number in 1...Plot.Ink.columns { #expect(style.ranges(of: "--p\(number): #").count == 3, "\(number)") }
  }

  @Test func aLegendHasEveryNameWhole() async {
    var run = WideRunFixture.run
    let long = "a program of a very long name indeed"
    for place in run.columns.indices where run.columns[place].name == "io_uring" { run.columns[place].name = long }
    for place in run.cells.indices where run.cells[place].column == "io_uring" { run.cells[place].column = long }
    let page = await page(run)
    #expect(page.contains("</svg>\(long)</li>"))
  }

  /// Whatever is put into a template is escaped by its engine, but for style, script and drawings: this program's own.
  @Test func onlyWhatIsOursIsNotEscaped() {
    let files = [
      PackageResources.bench_html, PackageResources.matrix_html, PackageResources.table_html,
      PackageResources.legend_html,
    ]
    for file in files.map(PageTemplate.text) {
      let names = file.matches(of: #/\{\{\{([^}]*)\}\}\}/#).map { String($0.output.1) }
      #expect(Set(names).isSubset(of: ["style", "script", "drawing", "."]), "\(names)")
      #expect(!file.contains("{{&") && !file.contains("CONTENT_TYPE"))
    }
    // The dot is the innermost value: of drawings only.
    let bench = PageTemplate.text(PackageResources.bench_html)
    #expect(bench.ranges(of: "{{{.}}}").count == bench.ranges(of: "{{#drawings}}{{{.}}}{{/drawings}}").count)
  }

  @Test func severalRunsAreOnePage() {
    let page = ReportFormat.html.text(of: [StoredRunFixture.run, WideRunFixture.run])
    #expect(page.components(separatedBy: "<h1>").count == 3)
    #expect(page.components(separatedBy: "<script>").count == 2)
  }

  // MARK: Plots

  @Test func everyRowHasItsPlots() {
    let names = RunPlots.all(of: [WideRunFixture.run]).map(\.name)
    #expect(Set(names).count == names.count)
    #expect(names.count { $0.hasSuffix("/ratio") } == 4)
    #expect(names.count { $0.hasSuffix("/bars") } == 7)
    // fio's bins are there for the loads only.
    #expect(names.count { $0.hasSuffix("/curves") } == 5)
    #expect(names.count { $0.contains("/scaling/") } == 1)
  }

  @Test func aCurveNeedsThreePointsThatDifferInOneNumber() {
    let groups = Scaling.groups(of: RunFigures(WideRunFixture.run))
    #expect(groups.map(\.axis) == [.depth])
    #expect(groups.first?.points.map(\.value) == [1, 4, 16, 64])
    #expect(Scaling.groups(of: RunFigures(StoredRunFixture.run)).isEmpty)
  }

  @Test func curvesEndAtAllOfTheRequests() {
    let points = RunPlots.curve([
      LatencyBin(nanoseconds: 1000, count: 1), LatencyBin(nanoseconds: 2000, count: 998),
      LatencyBin(nanoseconds: 9_000_000, count: 1),
    ])
    #expect(points.first == "1 0.1")
    #expect(points.last == "9000 100")
    #expect(RunPlots.curve([]).isEmpty)
  }

  @Test func textForGnuplotStaysText() {
    #expect(Plot.label("a name of many letters", most: 20) == "'a name of many lett…'")
    // A mark before a combining mark is one Character, and still ends gnuplot's string.
    let (marked, wanted) = ("a'\u{301}", "'a''\u{301}'")
    #expect(Plot.quoted(marked).unicodeScalars.elementsEqual(wanted.unicodeScalars))
    #expect(Plot.quoted("a'b`c`\n$d") == "'a''b`c` $d'")
    let hostile = RunPlots.all(of: [WideRunFixture.hostileRun]).flatMap(\.commands)
    // Outside of single quotes nothing of the hostile text is left: neither backticks nor its words.
    for line in hostile {
      let outside = line.replacing(/'(''|[^'])*'/, with: "")
      #expect(!outside.contains("`") && !outside.contains("onclick"), "\(line)")
    }
  }

  @Test(.enabled(if: Gnuplot.isInstalled, "gnuplot is not installed"))
  func gnuplotDrawsThemAll() async {
    for run in [StoredRunFixture.run, WideRunFixture.run, WideRunFixture.hostileRun] {
      let plots = RunPlots.all(of: [run])
      let drawings = await Gnuplot.draw(plots)
      #expect(plots.map(\.name).filter { drawings[$0] == nil } == [])
      for drawing in drawings.values {
        #expect(drawing.hasPrefix("<svg ") && drawing.hasSuffix("</svg>"))
        // Colours come from the page, so that they fit light and dark.
        #expect(!drawing.contains("rgb(") && !drawing.contains("<title"))
        #expect(drawing.contains("var(--p255)"))
      }
    }
  }

  // MARK: A browser

  @Test(.enabled(if: PageBrowser.isInstalled, "chromium is not installed"), arguments: [false, true])
  func aBrowserShowsItWithoutComplaint(_ isHostile: Bool) async throws {
    try await PageBrowser.inFolder { folder in
      let page = await page(isHostile ? WideRunFixture.hostileRun : WideRunFixture.run)
      let done = try await PageBrowser.browse(page, in: folder, ["--dump-dom"])
      #expect(done.status.isSuccess)
      #expect(done.output.contains("<table class=\"sortable\">"))
      #expect(try PageBrowser.complaints(in: folder) == [])
    }
  }

  @Test(.enabled(if: PageBrowser.isInstalled, "chromium is not installed"))
  func aClickOnAHeadSorts() async throws {
    try await PageBrowser.inFolder { folder in
      // The same page with one script more, which clicks and writes down what it sees.
      let clicks = """
        <script>
          const table = document.querySelectorAll("table.sortable")[0], heads = table.tHead.rows[0].cells;
          const order = () => Array.from(table.tBodies[0].rows).map(row => row.cells[0].textContent).join("|");
          const seen = [];
          for (const column of [3, 3, 0]) {
            heads[column].firstElementChild.click();
            seen.push(heads[column].getAttribute("aria-sort") + ": " + order());
          }
          document.body.dataset.seen = seen.join("; ");
          document.body.dataset.wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
        </script>
        </body>
        """
      let page = await page(WideRunFixture.run).replacing("</body>", with: clicks)
      let done = try await PageBrowser.browse(page, in: folder, ["--dump-dom", "--window-size=500,900"])
      let names = ["read depth 1", "read depth 4", "read depth 16", "read depth 64"]
      let byNumber = names.joined(separator: "|")
      let expected = [
        "descending: " + names.reversed().joined(separator: "|"), "ascending: " + byNumber,
        "ascending: " + names.sorted().joined(separator: "|"),
      ]
      #expect(done.output.contains("data-seen=\"\(expected.joined(separator: "; "))\""))
      // Tables scroll in their boxes; the page itself is never wider than the window.
      #expect(done.output.contains("data-wide=\"false\""))
    }
  }

  @Test(.enabled(if: PageBrowser.isInstalled, "chromium is not installed"))
  func aBrowserPaintsAndPrintsIt() async throws {
    try await PageBrowser.inFolder { folder in
      let page = await page(WideRunFixture.run)
      let painted = try await PageBrowser.browse(
        page, in: folder, ["--window-size=1200,900", "--screenshot=\(folder)/page.png"])
      #expect(painted.status.isSuccess)
      let printed = try await PageBrowser.browse(page, in: folder, ["--print-to-pdf=\(folder)/page.pdf"])
      #expect(printed.status.isSuccess)
      for name in ["page.png", "page.pdf"] {
        let size = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)")[.size] as? Int
        #expect(size ?? 0 > 10_000, "\(name)")
      }
    }
  }
}
