// Keeps a page as the database is: asks for #live again and again, and for the report when its shape has changed. Both
// answer "not modified" for as long as nothing has.
const every = 2000, tags = new Map();
let late = 0; // of the server's clock behind ours, in ms

// get returns an element's successor, null where there is none yet.
async function get(url, selector) {
  const tag = tags.get(url);
  const answer = await fetch(url, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
  late = Date.now() - (Date.parse(answer.headers.get("Date")) || Date.now());
  if (answer.status === 304) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (!answer.ok) throw new Error(page.body.querySelector("[role=alert]")?.textContent ?? "HTTP status " + answer.status);
  const next = page.querySelector(selector);
  if (!next) return null;
  if (answer.headers.has("Report")) next.dataset.shape = answer.headers.get("Report");
  return { next, keep: () => tags.set(url, answer.headers.get("ETag")) };
}

// busy says whether the reader is at something in an element that its successor would take away.
function busy(element) {
  const at = document.activeElement, chosen = getSelection();
  return element.contains(at) && at.matches("input, select, textarea") || element.querySelector("details.menu[open]") !== null ||
    !chosen.isCollapsed && element.contains(chosen.anchorNode);
}

// swap puts next in the place of old: what was open stays open, what was scrolled stays there, and so does the keyboard.
function swap(old, next) {
  const all = (root, selector) => [...root.querySelectorAll(selector)];
  const name = (d) => d.dataset.key ?? d.querySelector("summary")?.textContent;
  const opened = new Set(all(old, "details[open]").map(name));
  const boxes = new Map(all(old, ".scroll, pre").map((b, i) => [i, [b.scrollLeft, b.scrollTop]]));
  const focusable = "a, button, summary, .scroll, pre";
  const focus = all(old, focusable).indexOf(document.activeElement);
  const top = scrollY, inside = old.getBoundingClientRect().bottom < 0 ? old.offsetHeight : null;
  old.replaceWith(next);
  if (next.id === "report") init(next);
  all(next, "details").forEach((d) => opened.has(name(d)) && (d.open = true));
  all(next, ".scroll, pre").forEach((b, i) => ([b.scrollLeft, b.scrollTop] = boxes.get(i) ?? [0, 0]));
  if (focus >= 0) all(next, focusable)[focus]?.focus({ preventScroll: true });
  scrollTo({ top: inside === null ? top : top + next.offsetHeight - inside, behavior: "instant" });
}

async function refresh() {
  const live = document.getElementById("live");
  if (!busy(live)) {
    const fresh = await get(live.dataset.src, "#live");
    if (fresh) swap(live, fresh.next), fresh.keep();
  }
  const { report, shape } = document.getElementById("live").dataset, main = document.getElementById("report");
  if (main && main.dataset.shape !== shape && !busy(main)) {
    const fresh = await get(report, "#report");
    if (fresh) swap(main, fresh.next), fresh.keep();
  }
}

// tell shows what is wrong, above all.
function tell(text) {
  let line = document.querySelector(".trouble");
  if (!text) return line?.remove();
  if (!line) {
    line = document.createElement("p");
    line.className = "trouble";
    line.setAttribute("role", "alert");
    document.getElementById("live").before(line);
  }
  if (line.textContent !== text) line.textContent = text;
}

// tick writes how long ago heartbeats were.
function tick() {
  for (const t of document.querySelectorAll("#live time")) {
    const s = Math.max(0, Math.round((Date.now() - late - Date.parse(t.dateTime)) / 1000));
    t.textContent = s < 100 ? s + " s ago" : s < 6000 ? Math.round(s / 60) + " min ago" : Math.round(s / 3600) + " h ago";
  }
}

async function turn() {
  try {
    if (!document.hidden) await refresh(), tell("");
  } catch (error) {
    tell(error instanceof TypeError ? "ctrlab serve does not answer; this is what it said last." : error.message);
  }
  tick();
  setTimeout(turn, every);
}
setInterval(tick, 1000);
document.addEventListener("visibilitychange", tick);
turn();
