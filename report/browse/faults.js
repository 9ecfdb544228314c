(() => {
  const faults = [];
  const say = (what, words) => faults.push(what + ": " + words.trim().replace(/\s+/g, " ").slice(0, 80));
  if (document.documentElement.scrollWidth > innerWidth) say("the page scrolls sideways", document.documentElement.scrollWidth + " of " + innerWidth);

  // A colour is red, green, blue and opacity, each from 0 to 1.
  const colour = (css) => {
    const x = (css.match(/-?[\d.]+(e-?\d+)?/g) ?? [0, 0, 0, 0]).map(Number), of = css.startsWith("color(") ? 1 : 255;
    return css === "none" || css === "transparent" ? [0, 0, 0, 0] : [x[0] / of, x[1] / of, x[2] / of, x[3] ?? 1];
  };
  const over = (top, under) => {
    const a = top[3] + under[3] * (1 - top[3]);
    return [0, 1, 2].map((i) => (a ? (top[i] * top[3] + under[i] * under[3] * (1 - top[3])) / a : 0)).concat(a);
  };
  const luminance = (c) => {
    const [r, g, b] = c.map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };
  const weigh = (letter, ground, size, words) => {
    const c = contrast(over(letter, ground), ground);
    if (c < (size >= 24 ? 3 : 4.5)) say("a contrast of " + c.toFixed(2), words);
  };

  // ground is what stands behind an element's text; a bar behind a number counts as a whole.
  const bar = (style) => (style.backgroundImage.match(/(color|rgba?)\([^()]*\)/) ?? [])[0];
  const ground = (e) => {
    const layers = [];
    for (; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (bar(style)) layers.push(colour(bar(style)));
      layers.push(colour(style.backgroundColor));
    }
    return layers.reverse().reduce((under, top) => over(top, under), [1, 1, 1, 1]);
  };
  const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const e = words.currentNode.parentElement;
    if (!words.currentNode.data.trim() || e.closest("svg, script, style") || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    weigh(colour(style.color), ground(e), parseFloat(style.fontSize), words.currentNode.data);
  }

  // In a figure: what is filled under a text, and where texts stand.
  for (const svg of document.querySelectorAll("figure svg")) {
    if (!svg.checkVisibility()) continue;
    const title = (svg.getAttribute("aria-label") || "") + " / ", scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    const frame = svg.getBoundingClientRect(), page = ground(svg), shapes = [], texts = [];
    for (const e of svg.querySelectorAll("path, rect, circle, text")) {
      if (e.closest(".hints")) continue;
      const style = getComputedStyle(e), fill = colour(style.fill);
      fill[3] *= Number(style.fillOpacity);
      if (e.tagName !== "text") {
        if (fill[3] > 0) shapes.push([e, fill]);
        continue;
      }
      if (!e.textContent.trim()) continue;
      const box = e.getBoundingClientRect(), middle = new DOMPoint(box.left + box.width / 2, box.top + box.height / 2);
      let under = page;
      for (const [shape, fill] of shapes) if (shape.isPointInFill(middle.matrixTransform(shape.getScreenCTM().inverse()))) under = over(fill, under);
      weigh(fill, under, parseFloat(style.fontSize) * scale, title + e.textContent);
      texts.push([e, box]);
      if (box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2) say("cut off", title + e.textContent);
    }
    // Letters fill the middle of their line's box, the most of its height.
    const room = ([e, b]) => (b.width > b.height || e.textContent.length < 3 ? [b.left, b.right, b.top + 0.22 * b.height, b.bottom - 0.22 * b.height] : [b.left + 0.22 * b.width, b.right - 0.22 * b.width, b.top, b.bottom]);
    texts.forEach((a, i) => {
      for (const b of texts.slice(0, i)) {
        const [l, r, t, u] = room(a), [m, s, v, w] = room(b);
        if (Math.min(r, s) - Math.max(l, m) > 0.5 && Math.min(u, w) - Math.max(t, v) > 0.5) say("text on text", title + b[0].textContent + " | " + a[0].textContent);
      }
    });
  }
  return faults;
})()
