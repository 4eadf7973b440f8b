"use strict";
// Filters. All that is shown stands in the page; this hides what is not asked for, and keeps the choice in the address.
{
  document.documentElement.classList.add("scripted");
  const form = document.getElementById("filters"), table = document.querySelector(".matrix table");
  const columns = Array.from(table.querySelectorAll("th.mode")), heads = Array.from(table.querySelectorAll("th.program"));
  const rows = Array.from(table.tBodies[0].rows), scores = Array.from(document.querySelectorAll(".score tbody tr"));
  const names = ["text", "group", "verdict", "program", "kernel", "mode"];
  const verdictOf = cell => cell.className || "none";
  const texts = new Map(rows.map(row => [row, (row.cells[0].textContent + " " + row.dataset.tags).toLowerCase()]));

  function isWanted(part, wish) {
    return ["program", "kernel", "mode"].every(name => !wish[name] || part.dataset[name] === wish[name]);
  }
  function fits(row, cells, wish) {
    if (wish.group && row.dataset.group !== wish.group) return false;
    if (!texts.get(row).includes(wish.text.trim().toLowerCase())) return false;
    const verdicts = cells.map(verdictOf);
    if (!wish.verdict) return true;
    if (wish.verdict === "differs") return new Set(verdicts.filter(word => word !== "none")).size > 1;
    return verdicts.includes(wish.verdict);
  }
  function apply() {
    const wish = Object.fromEntries(names.map(name => [name, form.elements[name].value]));
    const shown = columns.map(column => isWanted(column, wish));
    columns.forEach((column, place) => { column.hidden = !shown[place]; });
    for (const head of heads) {
      const width = columns.filter((column, place) => shown[place] && column.dataset.group === head.dataset.group).length;
      head.hidden = width === 0;
      if (width) head.colSpan = width;
    }
    let count = 0;
    for (const row of rows) {
      const cells = Array.from(row.cells).slice(1);
      cells.forEach((cell, place) => { cell.hidden = !shown[place]; });
      row.hidden = !fits(row, cells.filter((cell, place) => shown[place]), wish);
      count += row.hidden ? 0 : 1;
    }
    for (const score of scores) score.hidden = !isWanted(score, wish);
    document.getElementById("shown").textContent =
      `${count} of ${rows.length} scenarios, ${shown.filter(Boolean).length} of ${columns.length} columns`;
    const words = new URLSearchParams(names.filter(name => wish[name]).map(name => [name, wish[name]])).toString();
    // Where a page may have no address of its own, the choice is not kept.
    try { history.replaceState(null, "", words ? "#" + words : location.pathname + location.search); } catch {}
  }
  function restore() {
    const words = new URLSearchParams(location.hash.slice(1));
    for (const name of names) form.elements[name].value = words.get(name) ?? "";
    for (const select of form.querySelectorAll("select")) if (select.selectedIndex < 0) select.value = "";
    apply();
  }
  form.addEventListener("input", apply);
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  addEventListener("hashchange", restore);
  restore();
}
