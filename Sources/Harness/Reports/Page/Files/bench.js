"use strict";
// Sorts a table by the column whose head is clicked, and opens what is folded before the page is printed.
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
