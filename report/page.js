// A report's choices (order, filter and columns of its tables) stand in the address behind the section: #figures?board.find=fm
const choices = () => new URLSearchParams(location.hash.split("?")[1] ?? "");
function choose(key, value) {
  const all = choices();
  value ? all.set(key, value) : all.delete(key);
  address(location.hash.split("?")[0], all);
}
function address(section, all) {
  history.replaceState(history.state, "", (section || "#") + (all.size ? "?" + all : ""));
}

// init brings a report's main part to life. Called again, for a part that took its place, it makes the same choices there.
function init(root) {
  if (!root || root.dataset.live) return;
  root.dataset.live = "yes";
  root.querySelectorAll("table.sortable").forEach(liven);
  root.querySelectorAll("figure").forEach(savable);
  root.querySelectorAll("[data-save]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => save(button.dataset.save, root.querySelector("#" + button.dataset.of).textContent, "text/plain"));
  });
  follow(root);
}

// element makes one, with attributes and what is in it.
function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) key in e ? (e[key] = value) : e.setAttribute(key, value);
  e.append(...children);
  return e;
}

// liven makes a table sort by a heading, and one that has tools filter its rows and choose its columns.
function liven(table) {
  sortable(table);
  const wanted = table.dataset.tools ?? "", tools = element("div", { className: "tools" });
  if (wanted.includes("filter") && table.tBodies[0].rows.length > 5) tools.append(filter(table));
  if (wanted.includes("columns") && table.tHead.rows[0].cells.length > 5) tools.append(columns(table));
  table.closest(".scroll").before(tools);
}

// sortable: a click on a heading sorts by that column, a second one turns the order. Rows without a value stay last.
function sortable(table) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells], key = table.id + ".sort";
  const missing = (v) => v === "" || v === "–";
  function sort(head, order) {
    const value = (row) => row.cells[head.cellIndex].dataset.v ?? "";
    const numeric = isNumeric(body, value);
    const compare = (a, b) => (numeric ? a - b : a.localeCompare(b, "en", { numeric: true }));
    const sorted = [...body.rows].sort((r, s) => {
      const a = value(r), b = value(s);
      if (missing(a) || missing(b)) return missing(a) - missing(b);
      return order === "ascending" ? compare(a, b) : compare(b, a);
    });
    heads.forEach((h) => h.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    body.append(...sorted);
  }
  const isNumeric = (body, value) => [...body.rows].every((r) => missing(value(r)) || !isNaN(value(r)));
  for (const head of heads) {
    head.querySelector("button")?.addEventListener("click", () => {
      const value = (row) => row.cells[head.cellIndex].dataset.v ?? "";
      const [first, second] = isNumeric(body, value) && head.cellIndex > 0 ? ["descending", "ascending"] : ["ascending", "descending"];
      const order = head.ariaSort === first ? second : first;
      sort(head, order);
      if (table.id) choose(key, head.dataset.key + " " + order);
    });
  }
  const [column, order] = (choices().get(key) ?? "").split(" ");
  const head = heads.find((h) => h.dataset.key === column);
  if (table.id && head && ["ascending", "descending"].includes(order)) sort(head, order);
}

// filter is a field that leaves the rows which have all its words.
function filter(table) {
  const key = table.id + ".find", rows = [...table.tBodies[0].rows];
  const field = element("input", { type: "search", placeholder: "Filter", ariaLabel: "Filter rows", value: choices().get(key) ?? "" });
  const count = element("span", { role: "status", className: "quiet" });
  const apply = () => {
    const words = field.value.toLowerCase().split(/\s+/);
    rows.forEach((r) => (r.hidden = !words.every((w) => r.textContent.toLowerCase().includes(w))));
    count.textContent = field.value ? rows.filter((r) => !r.hidden).length + " of " + rows.length : "";
  };
  field.addEventListener("input", () => (apply(), choose(key, field.value.trim())));
  apply();
  return element("span", {}, field, count);
}

// columns is a list of the table's columns to choose from. Those marked as minor are not shown at first.
function columns(table) {
  const key = table.id + ".columns", heads = [...table.tHead.rows[0].cells].slice(1);
  const usual = heads.filter((h) => !("minor" in h.dataset)).map((h) => h.dataset.key);
  const chosen = new Set(choices().get(key)?.split(",") ?? usual);
  const apply = () => {
    const show = [true, ...heads.map((h) => chosen.has(h.dataset.key))];
    for (const row of table.rows) [...row.cells].forEach((cell, i) => (cell.hidden = !show[i]));
    table.closest(".scroll").dispatchEvent(new Event("scroll"));
  };
  const list = element("fieldset", {}, element("legend", {}, "Columns"));
  for (const head of heads) {
    const box = element("input", { type: "checkbox", checked: chosen.has(head.dataset.key) });
    box.addEventListener("change", () => {
      box.checked ? chosen.add(head.dataset.key) : chosen.delete(head.dataset.key);
      const now = heads.map((h) => h.dataset.key).filter((k) => chosen.has(k));
      choose(key, now.join() === usual.join() ? "" : now.join() || "none");
      apply();
    });
    list.append(element("label", {}, box, head.textContent));
  }
  apply();
  const menu = element("details", { className: "menu" }, element("summary", {}, "Columns"), list);
  menu.addEventListener("keydown", (e) => {
    if (e.key === "Escape") (menu.open = false), menu.firstChild.focus();
  });
  menu.addEventListener("focusout", (e) => {
    if (e.relatedTarget && !menu.contains(e.relatedTarget)) menu.open = false;
  });
  return menu;
}

// savable puts under a figure what saves it, and the data behind it.
function savable(figure) {
  const svg = figure.querySelector("svg"), data = figure.querySelector("script"), name = figure.dataset.file;
  const bar = element("span", { className: "save" });
  const offer = (label, what, action) => bar.append(element("button", { type: "button", title: "Save " + what, onclick: action }, label));
  if (data) offer("CSV", "the data behind the figure", () => save(name + ".csv", csv(JSON.parse(data.textContent)), "text/csv"));
  offer("SVG", "the figure as SVG", () => save(name + ".svg", standalone(svg), "image/svg+xml"));
  offer("PNG", "the figure as PNG", async () => save(name + ".png", await raster(svg), "image/png"));
  figure.querySelector("figcaption").append(bar);
}

// save hands a file to the browser.
function save(name, content, type) {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = element("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

const csv = (rows) => rows.map((row) => row.map((x) => (/[",\r\n]/.test(x) ? '"' + x.replaceAll('"', '""') + '"' : x)).join(",") + "\r\n").join("");

// standalone is an SVG that needs no page: size, font, background, and colours in place of the page's variables.
function standalone(svg, scale = 1) {
  const style = getComputedStyle(svg), { width, height } = svg.viewBox.baseVal, copy = svg.cloneNode(true);
  const own = { width: width * scale, height: height * scale, "font-family": style.fontFamily };
  for (const [key, value] of Object.entries(own)) copy.setAttribute(key, value);
  const paper = document.createElementNS(svg.namespaceURI, "rect");
  for (const [key, value] of Object.entries({ width, height, fill: "var(--paper)" })) paper.setAttribute(key, value);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy).replace(/var\((--\w+)\)/g, (_, name) => style.getPropertyValue(name).trim());
}

// raster draws an SVG at three times its size.
async function raster(svg) {
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(standalone(svg, 3));
  await image.decode();
  const canvas = element("canvas", { width: image.width, height: image.height });
  canvas.getContext("2d").drawImage(image, 0, 0);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// follow marks in the contents where the reader is, and at the edge of what scrolls sideways that there is more.
function follow(root) {
  const links = new Map([...root.querySelectorAll("nav a")].map((a) => [a.hash.slice(1), a]));
  const watch = new IntersectionObserver((seen) => {
    for (const x of seen) {
      if (!x.isIntersecting) continue;
      links.forEach((a, id) => (id === x.target.id ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current")));
    }
  }, { rootMargin: "0px 0px -75% 0px" });
  links.forEach((_, id) => watch.observe(root.querySelector("#" + CSS.escape(id))));
  for (const box of root.querySelectorAll(".scroll")) {
    const mark = () => {
      box.classList.toggle("more", box.scrollLeft + box.clientWidth < box.scrollWidth - 2);
      box.scrollWidth > box.clientWidth + 2 ? (box.tabIndex = 0) : box.removeAttribute("tabindex"); // where there is nothing to scroll no key stops
    };
    box.addEventListener("scroll", mark, { passive: true });
    new ResizeObserver(mark).observe(box);
  }
}

// A link of the contents leads to its section and leaves the choices.
let last = choices();
addEventListener("hashchange", () => {
  if (location.hash.includes("?")) return;
  address(location.hash, last);
});
addEventListener("click", () => (last = choices()), { capture: true });

// Paper has no sideways scrolling: tables shrink to its width. What tells how to repeat the experiment is opened.
addEventListener("beforeprint", () => {
  for (const table of document.querySelectorAll("table")) {
    table.style.width = "0"; // as narrow as its words let it be
    const width = table.offsetWidth;
    table.style.width = "";
    if (width > 680) table.style.zoom = 680 / width;
  }
  document.querySelectorAll("details.printed:not([open])").forEach((d) => (d.open = d.dataset.opened = "yes"));
});
addEventListener("afterprint", () => {
  document.querySelectorAll("table").forEach((t) => (t.style.zoom = ""));
  document.querySelectorAll("details[data-opened]").forEach((d) => ((d.open = false), delete d.dataset.opened));
});

init(document.getElementById("report"));
document.getElementById(location.hash.slice(1).split("?")[0])?.scrollIntoView();
