// How a page looks, and the little that it does: style and script, both inside the page.

/// Style and script of the HTML report. Nothing is loaded from anywhere.
enum PageStyle {
  static let style = """
    :root {
      color-scheme: light dark;
      --paper: #ffffff; --text: #1b1f24; --dim: #59636e; --line: #d1d9e0; --box: #f6f8fa; --zone: #eceff3;
      --good: #116329; --bad: #b42318; --unsure: #7d4e00; --link: #0550ae;
      --p1: #6e7781; --p2: #56b4e9; --p3: #0072b2; --p4: #d55e00; --p5: #009e73; --p6: #cc79a7; --p7: #b8860b;
        --p8: #7b4fc9;
      --p255: var(--text); --p254: var(--line); --p253: var(--zone);
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --paper: #0d1117; --text: #e6edf3; --dim: #9198a1; --line: #3d444d; --box: #151b23; --zone: #232b36;
        --good: #4ac26b; --bad: #ff7b72; --unsure: #e3b341; --link: #79c0ff;
        --p1: #9aa4af; --p2: #87cdf5; --p3: #3d9be0; --p4: #f08c4a; --p5: #2fc79a; --p6: #e29bc4; --p7: #e0b640;
          --p8: #a98bf0;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1.25rem; max-width: 76rem; background: var(--paper); color: var(--text);
      font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
    h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .25rem; }
    h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; border-bottom: 1px solid var(--line); padding-bottom: .25rem; }
    h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
    p { margin: .5rem 0; max-width: 48rem; }
    a { color: var(--link); }
    .dim { color: var(--dim); }
    .note { border-left: 4px solid var(--unsure); background: var(--box); padding: .5rem .75rem; margin: 1rem 0; }
    .note ul, .said { margin: 0; padding-left: 1.2rem; }
    .scroll { overflow-x: auto; margin: .75rem 0 1.25rem; border: 1px solid var(--line); border-radius: 6px; }
    table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; }
    caption { text-align: left; padding: .5rem .6rem; color: var(--dim); }
    th, td { padding: .3rem .6rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
    th { font-weight: 600; }
    th.name, td.name { text-align: left; }
    tbody th { font-weight: 500; position: sticky; left: 0; background: var(--paper); }
    tbody tr:hover > * { background: var(--box); }
    thead button { all: unset; cursor: pointer; font: inherit; }
    thead button:hover, thead button:focus-visible { text-decoration: underline; }
    thead button:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
    th[aria-sort="ascending"] button::after { content: " ▲"; }
    th[aria-sort="descending"] button::after { content: " ▼"; }
    .good { color: var(--good); font-weight: 600; } .bad { color: var(--bad); font-weight: 600; }
    .unsure { color: var(--unsure); }
    table.facts { width: auto; max-width: 100%; }
    table.facts th, table.facts td { text-align: left; white-space: normal; overflow-wrap: anywhere;
      vertical-align: top; }
    .plots { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
    figure { margin: 0; padding: .75rem; border: 1px solid var(--line); border-radius: 6px; break-inside: avoid; }
    /* As wide as is drawn, so that letters keep their size on a phone: the plot scrolls there. */
    figure.wide { max-width: 46rem; overflow-x: auto; } figure.wide svg { min-width: 480px; }
    figcaption { font-size: .875rem; font-weight: 600; margin-bottom: .25rem; }
    svg { display: block; width: 100%; height: auto; color: var(--text); font-family: inherit; }
    .key { display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .75rem 0; padding: 0; list-style: none;
      font-size: .875rem; }
    .key svg { display: inline-block; width: .8rem; height: .8rem; margin-right: .35rem; vertical-align: -.05rem; }
    pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--box); padding: .6rem .75rem;
      border-radius: 6px;
      font-size: .8rem; margin: .25rem 0 .75rem; }
    summary { cursor: pointer; margin: .5rem 0; }
    @media (max-width: 40rem) { body { padding: .75rem; } h1 { font-size: 1.3rem; } th, td { padding: .3rem .45rem; } }
    @media print {
      :root { color-scheme: light; --paper: #fff; --text: #000; --dim: #444; --line: #bbb; --box: #f4f4f4; --zone: #eee;
        --good: #116329; --bad: #b42318; --unsure: #7d4e00;
        --p1: #6e7781; --p2: #56b4e9; --p3: #0072b2; --p4: #d55e00; --p5: #009e73; --p6: #cc79a7; --p7: #b8860b;
          --p8: #7b4fc9; }
      body { max-width: none; padding: 0; font-size: 10pt; }
      .scroll, figure.wide { overflow: visible; } .scroll { border: 0; } figure.wide svg { min-width: 0; }
      table { font-size: 7pt; } th, td { padding: 1pt 3pt; }
      tr, figure, pre { break-inside: avoid; } h2, h3, summary, details .dim { break-after: avoid; }
      details { font-size: 7pt; } pre { font-size: 6pt; line-height: 1.25; padding: 2pt 4pt; margin: 1pt 0 4pt; }
      .plots { grid-template-columns: repeat(2, 1fr); } thead button { cursor: auto; }
    }
    """

  /// Sorts a table by the column whose head is clicked, and opens what is folded before the page is printed.
  static let script = """
    "use strict";
    for (const table of document.querySelectorAll("table.sortable")) {
      const heads = Array.from(table.tHead.rows[0].cells), body = table.tBodies[0];
      heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") === "descending"
          || (!head.hasAttribute("aria-sort") && head.classList.contains("name"));
        heads.forEach(other => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const rows = Array.from(body.rows);
        const isNumber = rows.some(row => row.cells[column].hasAttribute("data-key"));
        const key = row => isNumber ? parseFloat(row.cells[column].dataset.key) : row.cells[column].textContent;
        rows.sort((one, other) => {
          const a = key(one), b = key(other);
          if (!isNumber) return up ? a.localeCompare(b) : b.localeCompare(a);
          if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
          return up ? a - b : b - a;
        });
        body.append(...rows);
      }));
    }
    addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(part => { part.open = true; }));
    """
}
