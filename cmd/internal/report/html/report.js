"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const byID = id => document.getElementById(id);

  // Charts. They are drawn in the colours of the moment, and again when these change.

  const data = byID("chart-data") && JSON.parse(byID("chart-data").textContent);
  let charts = [];

  const colour = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const twoDigits = n => String(n).padStart(2, "0");

  // when writes a time of the capture: its distance from the beginning where that is short, else the time of day in UTC.
  const brief = data && data.length < 120;
  const origin = brief ? data.start : 0;
  const when = seconds => {
    if (brief) return "+" + (Math.round(seconds * 1e3) / 1e3) + " s";
    const t = new Date(seconds * 1000);
    return twoDigits(t.getUTCHours()) + ":" + twoDigits(t.getUTCMinutes()) + ":" + twoDigits(t.getUTCSeconds());
  };

  // marks draws findings as bands over a plot, with their numbers above.
  const marks = numbered => ({
    hooks: {
      drawClear: u => {
        const c = u.ctx, { top, height, left, width } = u.bbox, ratio = devicePixelRatio;
        const taken = [];
        c.save();
        for (const m of data.marks) {
          const x0 = Math.max(u.valToPos(m.from - origin, "x", true), left);
          const x1 = Math.min(Math.max(u.valToPos(m.to - origin, "x", true), x0 + 2 * ratio), left + width);
          if (x1 < left || x0 > left + width) continue;
          c.fillStyle = c.strokeStyle = colour(m.severity);
          c.globalAlpha = Number(colour("band"));
          if (m.severity !== "info") c.fillRect(x0, top, x1 - x0, height);
          c.globalAlpha = 0.7;
          c.fillRect(x0, top, ratio, height);
          if (!numbered) continue;
          // A number that would lie over another goes beside it, or is left out where that were far from its band.
          const size = (7 * String(m.n).length + 6) * ratio;
          let x = x0;
          for (const [from, to] of taken) if (x < to && x + size > from) x = to;
          if (x > x0 + 40 * ratio) continue;
          taken.push([x, x + size]);
          c.globalAlpha = 1;
          c.font = 11 * ratio + "px system-ui, sans-serif";
          c.textBaseline = "bottom";
          c.fillText(String(m.n), Math.min(x, left + width - size), top - 2 * ratio);
        }
        c.restore();
      },
    },
  });

  // wholes are the distances that lines of an axis of counts may have: there is no half a packet.
  const wholes = Array.from({ length: 15 }, (_, i) => [1, 2, 5].map(n => n * 10 ** i)).flat();

  const round = n => n == null ? "" : n >= 100 ? Math.round(n).toLocaleString("en") : String(Math.round(n * 100) / 100);

  // Without a pointer over the chart its legend says how much it is in all, or at most.
  const inAll = list => round(list.reduce((a, b) => a + b, 0)) + " in all";
  const atMost = list => list.some(n => n != null) ? "at most " + round(Math.max(...list.filter(n => n != null))) : "none";

  // series of each chart: name, values, colour, and how they are drawn.
  const kinds = {
    frames: () => ({
      numbered: true,
      series: [["frames within " + data.each, data.frames, "dim", { fill: true, sum: atMost }]],
    }),
    trouble: () => ({
      series: [
        ["sent again", data.resends, "warning", { bars: true, sum: inAll }],
        ["connections begun that failed", data.failed, "critical", { points: true, sum: inAll }],
      ],
    }),
    dns: () => ({
      log: true, bucket: data.dnsWidth,
      series: [
        ["median answer, ms", data.median, "lane0", { points: true, sum: atMost }],
        ["slowest answer, ms", data.worst, "lane1", { points: true, sum: atMost }],
        ["unanswered", data.unanswered, "critical", { bars: true, scale: "n", sum: inAll }],
      ],
    }),
  };

  // powers leaves of the lines of a logarithmic axis those of powers of ten.
  const powers = (u, list) => list.map(v => Math.abs(Math.log10(v) - Math.round(Math.log10(v))) < 1e-9 ? v : null);

  const sync = data && uPlot.sync("time");

  function draw(figure, width) {
    const kind = kinds[figure.dataset.chart]();
    const axis = { stroke: colour("dim"), grid: { stroke: colour("rule"), width: 1, filter: kind.log ? powers : (u, list) => list }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const bucket = kind.bucket || data.width;
    const xs = kind.series[0][1].map((_, i) => data.start - origin + (i + 0.5) * bucket);
    const many = xs.length > 1;
    const series = kind.series.map(([label, list, tint, how]) => ({
      label, stroke: colour(tint), width: 1.5, scale: how.scale || "y",
      value: (u, v, i, at) => at == null ? how.sum(list) : v == null ? how.sum === inAll ? "0" : "none" : round(v),
      fill: how.fill ? colour("rule") : how.bars ? colour(tint) : undefined,
      paths: how.bars ? uPlot.paths.bars({ size: [0.8, 6, 2] }) : how.points ? () => null : uPlot.paths.stepped({ align: 0 }),
      points: { show: !!how.points || !many && !how.bars, size: 5, fill: colour(tint), stroke: colour(tint) },
    }));
    const values = kind.series.map(([, list, , how]) => how.points || how.bars ? list.map(n => n === 0 ? null : n) : list);
    const scales = {
      x: { time: !brief, range: [data.start - origin, data.start - origin + data.length] },
      y: { distr: kind.log ? 3 : 1, range: kind.log ? undefined : (u, min, max) => [0, Math.max(max || 0, 1) * 1.1] },
    };
    const axes = [
      { ...axis, size: 28, grid: { show: false }, values: (u, list) => list.map(when), space: 90 },
      { ...axis, size: 56, values: (u, list) => list.map(round), incrs: kind.log ? undefined : wholes },
    ];
    if (kind.series.some(s => s[3].scale === "n")) scales.n = { range: (u, min, max) => [0, Math.max(max || 0, 1) * 3] };
    const chart = new uPlot({
      width: width || figure.clientWidth, height: 150, padding: [kind.numbered ? 16 : 8, 28, 0, 0], scales, axes,
      series: [{ label: "time", value: (u, v) => v == null ? when(data.start - origin) + " to " + when(data.start - origin + data.length) : when(v) }, ...series],
      cursor: { sync: { key: sync.key }, y: false, drag: { x: false, y: false } },
      legend: { live: true, markers: { width: 2 } },
      tzDate: t => uPlot.tzDate(new Date(t * 1000), "Etc/UTC"),
      plugins: [marks(kind.numbered)],
    }, [xs, ...values], figure);
    chart.root.setAttribute("role", "img");
    chart.root.setAttribute("aria-label", figure.querySelector("figcaption").textContent);
    charts.push([chart, figure]);
  }

  function drawCharts(width) {
    for (const [chart] of charts) chart.destroy();
    charts = [];
    if (data) all("[data-chart]").forEach(figure => draw(figure, width));
  }

  // Theme: as the system has it, or as chosen.

  const themes = ["system", "light", "dark"];
  const button = byID("theme");
  let theme = 0;
  function setTheme(i, width) {
    theme = i;
    if (i === 0) delete root.dataset.theme;
    else root.dataset.theme = themes[i];
    button.textContent = "Theme: " + themes[i];
    drawCharts(width);
  }
  button.hidden = false;
  button.addEventListener("click", () => setTheme((theme + 1) % themes.length));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawCharts());

  // The filter.

  const form = byID("filter");
  if (form) {
    const findings = all(".finding").map(e => ({ e, text: e.textContent.toLowerCase(), nodes: e.dataset.nodes.split("\n") }));
    const checked = name => new Set(all(`input[name="${name}"]:checked`, form).map(i => i.value));
    const apply = () => {
      const words = byID("filter-text").value.toLowerCase().split(/\s+/).filter(Boolean);
      const severities = checked("severity"), layers = checked("layer"), node = byID("filter-node") ? byID("filter-node").value : "";
      let shown = 0;
      for (const f of findings) {
        const fits = severities.has(f.e.dataset.severity) && layers.has(f.e.dataset.layer) && (!node || f.nodes.includes(node)) &&
          words.every(w => f.text.includes(w));
        f.e.hidden = !fits;
        if (fits) shown++;
      }
      byID("shown").textContent = shown === findings.length ? `${shown} finding${shown === 1 ? "" : "s"}` : `${shown} of ${findings.length} findings shown`;
    };
    form.addEventListener("input", apply);
    byID("filter-reset").addEventListener("click", () => { form.reset(); apply(); });
    form.addEventListener("submit", event => event.preventDefault());
    form.hidden = false;
  }

  // Copying. The clipboard is not there for every page; selecting the text is the next best.

  for (const block of all(".command")) {
    const code = block.querySelector("code");
    const copy = document.createElement("button");
    copy.type = "button";
    copy.textContent = "Copy";
    copy.setAttribute("aria-label", "Copy " + code.textContent);
    copy.addEventListener("click", async () => {
      let done = true;
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        getSelection().selectAllChildren(code);
        done = document.execCommand("copy");
      }
      copy.textContent = done ? "Copied" : "Selected";
      setTimeout(() => { copy.textContent = "Copy"; }, 1500);
    });
    block.append(copy);
  }

  // Paper has no dark side, and nothing to open but frames, which are for those who look closer. It is narrower than most windows: A4 between its margins has 718 pixels.

  const paper = 690;
  let before;
  addEventListener("beforeprint", () => {
    before = { theme, closed: all("details:not([open]):not(.frame)") };
    before.closed.forEach(d => { d.open = true; });
    setTheme(1, paper);
  });
  addEventListener("afterprint", () => {
    before.closed.forEach(d => { d.open = false; });
    setTheme(before.theme);
  });

  let resizing;
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => charts.forEach(([chart, figure]) => chart.setSize({ width: figure.clientWidth, height: 150 })), 100);
  });

  drawCharts();
})();
