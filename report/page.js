// A click on a heading sorts its table by that column; a second one turns the order. Rows without a value stay last.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  table.tHead.querySelectorAll("button").forEach((button) => button.addEventListener("click", () => {
    const head = button.closest("th"), column = head.cellIndex;
    const value = (row) => row.cells[column].dataset.v ?? "";
    const numeric = [...body.rows].every((r) => value(r) === "" || value(r) === "–" || !isNaN(value(r)));
    const first = numeric && column > 0 ? "descending" : "ascending";
    const order = head.ariaSort === first ? (first === "ascending" ? "descending" : "ascending") : first;
    table.tHead.querySelectorAll("th").forEach((th) => th.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    const missing = (v) => v === "" || v === "–";
    const compare = (a, b) => numeric ? a - b : a.localeCompare(b, "en", { numeric: true });
    const sorted = [...body.rows].sort((r, s) => {
      const a = value(r), b = value(s);
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      return order === "ascending" ? compare(a, b) : compare(b, a);
    });
    body.append(...sorted);
  }));
}
