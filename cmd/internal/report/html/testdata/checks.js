// What a page can be asked in a browser. Each function returns a list of complaints.
({
  // Headings go down one level at a time.
  headings() {
    const complaints = [];
    let level = 0;
    for (const h of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
      const l = Number(h.tagName[1]);
      if (l > level + 1) complaints.push(`${h.tagName} after H${level}: ${h.textContent}`);
      level = l;
    }
    if (document.querySelectorAll("h1").length !== 1) complaints.push("there must be one h1");
    return complaints;
  },

  // What can be used has a name, and what is referred to is there, once.
  names() {
    const complaints = [];
    const seen = new Set();
    for (const e of document.querySelectorAll("[id]")) {
      if (seen.has(e.id)) complaints.push("two elements are #" + e.id);
      seen.add(e.id);
    }
    for (const a of ["aria-labelledby", "aria-describedby", "for"])
      for (const e of document.querySelectorAll(`[${a}]`))
        for (const id of e.getAttribute(a).split(" ")) if (!seen.has(id)) complaints.push(`${a} names #${id}, which is not there`);
    for (const e of document.querySelectorAll('a[href^="#"]'))
      if (!seen.has(decodeURIComponent(e.getAttribute("href").slice(1)))) complaints.push("a link leads nowhere: " + e.getAttribute("href"));
    for (const e of document.querySelectorAll("input,select,textarea"))
      if (!e.labels.length && !e.getAttribute("aria-label")) complaints.push("no label: " + e.outerHTML);
    for (const e of document.querySelectorAll("button,a[href],summary"))
      if (!(e.getAttribute("aria-label") || e.textContent).trim()) complaints.push("no name: " + e.outerHTML);
    for (const e of document.querySelectorAll('[role="img"],[role="region"]'))
      if (!e.getAttribute("aria-label") && !e.getAttribute("aria-labelledby")) complaints.push("no name: " + e.outerHTML.slice(0, 200));
    for (const t of document.querySelectorAll("main table:not(.u-legend)")) {
      if (!t.caption) complaints.push("a table without a caption: " + t.textContent.slice(0, 80));
      for (const h of t.querySelectorAll("th")) if (!h.scope) complaints.push("a table's heading without scope: " + h.textContent);
    }
    return complaints;
  },

  // Text stands out from what is behind it: 4.5 to 1 (WCAG 2.2, 1.4.3, level AA).
  contrast() {
    const parse = c => (c.match(/[\d.]+/g) || []).map(Number);
    const luminance = ([r, g, b]) => {
      const f = v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
    };
    const behind = e => {
      for (let x = e; x; x = x.parentElement) {
        if (x instanceof SVGElement && x.tagName === "svg") {
          const box = x.querySelector(".box");
          if (box && e.classList.contains("end") === false && e.classList.contains("lane-head") === false) return parse(getComputedStyle(box).fill);
        }
        const c = parse(getComputedStyle(x).backgroundColor);
        if (c.length && (c.length < 4 || c[3] === 1)) return c;
      }
      return [255, 255, 255];
    };
    const complaints = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n = walker.nextNode(); n; n = walker.nextNode()) {
      const e = n.parentElement;
      if (!n.data.trim() || e.closest("script,style,noscript,title,desc,.skip,.hide") || !e.getClientRects().length) continue;
      const style = getComputedStyle(e);
      const ink = parse(e instanceof SVGElement ? style.fill : style.color);
      const [a, b] = [luminance(ink), luminance(behind(e))].sort((x, y) => y - x);
      const ratio = (a + 0.05) / (b + 0.05);
      if (ratio < 4.5) complaints.add(`${e.tagName}.${e.getAttribute("class")}: ${ratio.toFixed(2)}: ${n.data.trim().slice(0, 40)}`);
    }
    return [...complaints];
  },

  // Charts hold something, in more colours than that of the background.
  charts() {
    const complaints = [];
    const figures = document.querySelectorAll("[data-chart]");
    for (const f of figures) {
      const canvas = f.querySelector("canvas");
      if (!canvas) {
        complaints.push(f.dataset.chart + " is not drawn");
        continue;
      }
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      const colours = new Set();
      let n = 0;
      for (let i = 0; i < pixels.length; i += 4) if (pixels[i + 3] > 0) {
        n++;
        colours.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]);
      }
      if (n < 500 || colours.size < 3) complaints.push(`${f.dataset.chart} is blank: ${n} pixels in ${colours.size} colours`);
    }
    return complaints;
  },

  // Drawings have a size, and nothing in them lies outside or over something else's text.
  drawings() {
    const complaints = [];
    for (const svg of document.querySelectorAll(".walk svg")) {
      const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
      const texts = [...svg.querySelectorAll("text")];
      if (!texts.length || !svg.querySelector("circle")) complaints.push("an empty drawing: " + svg.querySelector("title").textContent);
      const boxes = texts.map(t => t.getBBox());
      boxes.forEach((b, i) => {
        if (b.x < 0 || b.y < 0 || b.x + b.width > width || b.y + b.height > height) complaints.push("outside of the drawing: " + texts[i].textContent);
        for (let k = 0; k < i; k++) {
          const c = boxes[k];
          const over = Math.min(b.x + b.width, c.x + c.width) - Math.max(b.x, c.x), under = Math.min(b.y + b.height, c.y + c.height) - Math.max(b.y, c.y);
          if (over > 1 && under > 3) complaints.push(`${texts[i].textContent} lies over ${texts[k].textContent}`);
        }
      });
    }
    return complaints;
  },

  // Nothing is wider than the window; what has to be scrolls by itself.
  width() {
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide <= 0) return [];
    const out = [...document.querySelectorAll("body *")].filter(e => !e.closest(".scroll *, svg *") && e.getBoundingClientRect().right > innerWidth + 1);
    return [`${wide} pixels too wide`, ...out.slice(0, 5).map(e => e.outerHTML.slice(0, 120))];
  },
})
