"use strict";
(async () => {
  const packed = document.getElementById("result");
  const bytes = Uint8Array.from(atob(packed.textContent.trim().replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  const result = JSON.parse(text), line = result.timeline, trial = result.overhead;
  const save = (name, type, content) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], {type}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  document.getElementById("save").addEventListener("click", () => save("result.json", "application/json", text));
  const open = () => {
    let found = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (; found; found = found.parentElement) if (found.tagName === "DETAILS") found.open = true;
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.open = true; }));

  const digits = v => Math.abs(v) >= 100 ? v.toFixed(0) : String(+v.toPrecision(3));
  const show = (v, unit) => {
    if (v === null || v === undefined) return "–";
    if (unit === "s") return Math.abs(v) >= 1 ? digits(v) + " s" : Math.abs(v) >= 1e-3 ? digits(v * 1e3) + " ms" : digits(v * 1e6) + " µs";
    if (unit === "B") return digits(v / 1048576) + " MiB";
    if (unit === "ratio") return digits(100 * v) + " %";
    return digits(v) + (unit === "per second" ? "/s" : "");
  };
  const seconds = t => t.toFixed(2) + " s";

  // What a chart shows: from and to are the ends of its axis, at the places on it that have values; say tells
  // what stands at one of them, rows are its table.
  const even = (n, from, step) => Array.from({length: n}, (_, i) => from + (i + 1) * step);
  const lines = (from, to, at, unit, all) => ({
    from, to, at, shared: true,
    say: i => seconds(at[i]) + ": " + all.map(l => l.name + " " + show(l.values[i], unit)).join(", "),
    rows: () => [["seconds", ...all.map(l => l.name)], ...at.map((t, i) => [t.toFixed(3), ...all.map(l => l.values[i])])],
  });
  const kinds = {
    panel(i) {
      const p = line.panels[i];
      return {name: p.id, ...lines(begin, finish, slices, p.unit, p.lines)};
    },
    residual(i) {
      const r = line.residuals[i], n = r.values.length, all = [{name: "client − service", values: r.values}];
      if (r.ambiguous) all.push({name: "counted or not", values: r.ambiguous});
      return {name: r.check + " " + (r.series || ""), ...lines(begin, finish, even(n, begin, (finish - begin) / n), "", all)};
    },
    trend(i) {
      const t = line.trends[i], n = t.values.length, check = result.checks.find(c => c.id === t.check);
      const worst = check && (check.findings || []).find(f => f.limit !== undefined) || {};
      const all = [{name: "measured", values: t.values}];
      if (worst.limit !== undefined) all.push({name: "limit", values: t.values.map(() => worst.limit)});
      return {name: t.check, ...lines(t.from, t.from + n * t.step, even(n, t.from, t.step), worst.unit, all)};
    },
    spectrum(most) {
      const place = share => Math.min(-Math.log10(Math.max(1 - share, 1e-9)), most) / most;
      const shares = [...new Set(line.spectra.filter(s => !s.bounds).flatMap(s => s.points.map(p => p[0])))].sort((a, b) => a - b);
      const value = (s, share) => {
        const found = s.points.findIndex(p => p[0] >= share);
        if (!s.bounds) return found < 0 ? "–" : show(s.points[found][1], "s");
        const low = found > 0 ? s.points[found - 1][1] : found < 0 ? s.points[s.points.length - 1][1] : 0;
        return found < 0 ? "above " + show(low, "s") : show(low, "s") + " to " + show(s.points[found][1], "s");
      };
      return {
        name: "distribution", from: 0, to: 1, at: shares.map(place),
        say: i => +(100 * shares[i]).toPrecision(6) + " %: " + line.spectra.map(s => s.name + " " + value(s, shares[i])).join(", "),
        rows: () => [["share", "seconds", "of"], ...line.spectra.flatMap(s => s.points.map(p => [p[0], p[1], s.name]))],
      };
    },
    heat() {
      const h = line.heat, at = slices.slice(0, line.slices);
      return {
        name: "latency over time", from: begin, to: finish, at, shared: true,
        say: i => {
          const column = h.counts.map(row => row[i] || 0), most = column.indexOf(Math.max(...column));
          return seconds(at[i]) + ": " + column.reduce((a, b) => a + b, 0) + " hits, most of them at " + show(h.bounds[most], "s");
        },
        rows: () => [["seconds", ...h.bounds.map(b => "up to " + show(b, "s"))], ...at.map((t, i) => [t.toFixed(3), ...h.counts.map(row => row[i])])],
      };
    },
    effects() {
      return {name: "effects", at: [], rows: () => [["metric", "unit", "baseline", "share", "low", "high", "control low", "control high"],
        ...trial.effects.map(e => {
          const twin = (trial.twin || []).find(t => t.metric === e.metric) || {}, of = e.share || {}, control = twin.share || {};
          return [e.metric, e.unit, e.base, of.value, of.low, of.high, control.low, control.high];
        })]};
    },
    capacity() {
      return {name: "capacity", at: [], rows: () => [["hits per second", "standing", "done per second", "errors", "p50", "p99", "budget", "measured", "limit"],
        ...result.capacity.probes.flatMap(p => (p.budgets.length ? p.budgets : [{}]).map(b =>
          [p.rate, p.standing, p.done, p.errors, p.latency.p50, p.latency.p99, b.id || "", b.measured, b.limit_of_budget]))]};
    },
    parts() {
      return {name: "parts", at: [], rows: () => [["part", "kind", "seconds", "low", "high"], ...trial.parts.map(p => [p.name, p.kind, p.value, p.low, p.high])]};
    },
    blocks() {
      const all = trial.points, last = 1.02 * Math.max(1, ...all.map(p => p.seconds)), share = v => digits(100 * v) + " %";
      return {
        name: "blocks", from: 0, to: last, at: all.map(p => p.seconds),
        say: i => seconds(all[i].seconds) + ": candidate " + share(all[i].candidate) + ", control " + share(all[i].twin) + (all[i].unfit ? ", not used: " + all[i].unfit : ""),
        rows: () => [["seconds", "start", "candidate", "control", "not used"], ...all.map(p => [p.seconds, p.session, p.candidate, p.twin, p.unfit || ""])],
      };
    },
  };
  const begin = line ? line.first - line.step : 0, finish = line ? begin + line.slices * line.step : 0;
  const slices = line ? even(line.slices, begin, line.step) : [];
  const charts = [...document.querySelectorAll("figure[data-chart]")].map(figure => {
    const [kind, number] = figure.dataset.chart.split(" ");
    const svg = figure.querySelector("svg"), plot = figure.querySelector("svg.plot");
    return {figure, svg, plot, cursor: plot && plot.querySelector(".cursor"), out: figure.querySelector(".readout"),
      ...kinds[kind](+number), chosen: -1, left: 0, right: 1000};
  });

  const place = (c, i) => (c.at[i] - c.from) / (c.to - c.from) * 1000;
  const set = (c, i) => {
    c.chosen = i;
    c.cursor.setAttribute("transform", "translate(" + place(c, i) + ")");
    c.cursor.classList.add("at");
    c.out.textContent = c.say(i);
  };
  // first returns the first place of a chart that is not before a value of its axis.
  const first = (c, v) => {
    const found = c.at.findIndex(t => t >= v - 1e-9);
    return found < 0 ? c.at.length - 1 : found;
  };
  const move = (c, i) => {
    if (!c.at.length) return;
    set(c, Math.max(0, Math.min(c.at.length - 1, i)));
    if (c.shared) for (const other of charts)
      if (other !== c && other.shared) set(other, first(other, c.at[c.chosen]));
  };
  const label = c => {
    const low = c.from + c.left / 1000 * (c.to - c.from), wide = (c.right - c.left) / 1000 * (c.to - c.from);
    const power = 10 ** Math.floor(Math.log10(wide)), step = ([0.2, 0.5, 1, 2].find(s => wide / (s * power) <= 6) || 5) * power;
    const shape = c.svg.querySelector(".x"), edge = c.plot.x.baseVal.value, room = c.plot.width.baseVal.value;
    const labels = [];
    for (let n = Math.ceil(low / step); n * step <= low + wide; n++) {
      const text = shape.cloneNode(), share = (n * step - low) / wide;
      text.setAttribute("x", edge + share * room);
      text.setAttribute("text-anchor", share > 0.97 ? "end" : share < 0.03 ? "start" : "middle");
      text.textContent = (n * step).toFixed(Math.max(0, Math.ceil(-Math.log10(step)))) + " s";
      labels.push(text);
    }
    if (labels.length) {
      c.svg.querySelectorAll(".x").forEach(l => l.remove());
      c.svg.append(...labels);
    }
    for (const text of c.svg.querySelectorAll(".top")) {
      const share = (text.dataset.at - c.left) / (c.right - c.left);
      text.setAttribute("x", edge + share * room);
      text.setAttribute("visibility", share < 0 || share > 1 ? "hidden" : "visible");
    }
  };
  const zoom = (from, a, b) => {
    if (!from.shared || from.from !== begin || from.to !== finish) return;
    const [left, right] = b - a < 1000 / line.slices ? [0, 1000] : [Math.max(0, a), Math.min(1000, b)];
    for (const c of charts) {
      if (!c.shared || c.from !== begin || c.to !== finish) continue;
      const box = c.plot.getAttribute("viewBox").split(" ");
      [c.left, c.right] = [left, right];
      c.plot.setAttribute("viewBox", [left, box[1], right - left, box[3]].join(" "));
      label(c);
    }
  };
  // under returns where on a plot a pointer is, in its units.
  const under = (c, event) => {
    const edge = c.svg.getBoundingClientRect(), scale = edge.width / c.svg.viewBox.baseVal.width;
    const left = edge.left + c.plot.x.baseVal.value * scale, width = c.plot.width.baseVal.value * scale;
    return width && c.left + (event.clientX - left) / width * (c.right - c.left);
  };
  const cell = v => {
    const s = String(v ?? "");
    const formula = /^[=+\-@\t\r]/.test(s) && isNaN(s);
    return /[",\n\r]/.test(s) || formula ? '"' + (formula ? "'" : "") + s.replaceAll('"', '""') + '"' : s;
  };
  for (const c of charts) {
    c.figure.querySelector("button").addEventListener("click", () =>
      save(c.name.trim().replace(/[^A-Za-z0-9_-]+/g, "-") + ".csv", "text/csv", c.rows().map(r => r.map(cell).join(",")).join("\n") + "\n"));
    if (!c.plot || !c.cursor) continue;
    let start = null;
    c.svg.addEventListener("pointermove", e => move(c, first(c, c.from + under(c, e) / 1000 * (c.to - c.from))));
    c.svg.addEventListener("pointerdown", e => { start = under(c, e); });
    c.svg.addEventListener("pointerup", e => {
      const end = under(c, e);
      if (start !== null && Math.abs(end - start) > 15) zoom(c, Math.min(start, end), Math.max(start, end));
      start = null;
    });
    c.svg.addEventListener("dblclick", () => zoom(c, 0, 1000));
    c.figure.addEventListener("keydown", e => {
      if (e.target !== c.figure) return;
      const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10}[e.key], wide = c.right - c.left;
      if (step) move(c, c.chosen + step);
      else if (e.key === "Home") move(c, 0);
      else if (e.key === "End") move(c, c.at.length - 1);
      else if (e.key === "Escape") zoom(c, 0, 1000);
      else if (e.key === "+") zoom(c, c.left + wide / 4, c.right - wide / 4);
      else if (e.key === "-") zoom(c, c.left - wide / 2, c.right + wide / 2);
      else return;
      e.preventDefault();
    });
  }
  document.body.classList.add("on");
})();
