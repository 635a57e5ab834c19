"use strict";
(async () => {
  const packed = document.getElementById("result");
  const bytes = Uint8Array.from(atob(packed.textContent.trim().replaceAll("-", "+").replaceAll("_", "/")), c => c.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  const result = JSON.parse(text), line = result.timeline;
  const save = (name, type, content) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([content], {type}));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  document.body.classList.add("on");
  document.getElementById("save").addEventListener("click", () => save("result.json", "application/json", text));
  const open = () => {
    const found = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (found && found.tagName === "DETAILS") found.open = true;
  };
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach(d => { d.open = true; }));
  if (!line) return;

  const charts = [...document.querySelectorAll("figure[data-panel]")].map(figure => ({
    figure, svg: figure.querySelector("svg"), plot: figure.querySelector("svg svg"),
    out: figure.querySelector(".readout"), panel: line.panels.find(p => p.id === figure.dataset.panel),
  }));
  const first = line.first - line.step, span = line.slices * line.step;
  let from = 0, to = 1000, at = -1;
  const digits = v => v === null || v === undefined ? "–" : Math.abs(v) >= 100 ? v.toFixed(0) : String(+v.toPrecision(3));
  const show = (v, unit) => {
    if (v === null || v === undefined) return "–";
    if (unit === "s") return Math.abs(v) >= 1 ? digits(v) + " s" : Math.abs(v) >= 1e-3 ? digits(v * 1e3) + " ms" : digits(v * 1e6) + " µs";
    if (unit === "B") return digits(v / 1048576) + " MiB";
    return digits(v) + (unit === "per second" ? "/s" : "");
  };
  const move = i => {
    at = Math.max(0, Math.min(line.slices - 1, i));
    const x = (at + 1) * 1000 / line.slices;
    for (const c of charts) {
      c.plot.querySelector(".cursor").setAttribute("transform", "translate(" + x + ")");
      c.plot.querySelector(".cursor").removeAttribute("visibility");
      c.out.textContent = (line.first + at * line.step).toFixed(2) + " s: " +
        c.panel.lines.map(l => l.name + " " + show(l.values[at], c.panel.unit)).join(", ");
    }
  };
  const label = c => {
    const low = first + from / 1000 * span, wide = (to - from) / 1000 * span, power = 10 ** Math.floor(Math.log10(wide));
    const step = ([0.2, 0.5, 1, 2].find(s => wide / (s * power) <= 6) || 5) * power;
    const shape = c.svg.querySelector(".x");
    const labels = [];
    for (let n = Math.ceil(low / step); n * step <= low + wide; n++) {
      const text = shape.cloneNode(), share = (n * step - low) / wide;
      text.setAttribute("x", c.plot.x.baseVal.value + share * c.plot.width.baseVal.value);
      text.setAttribute("text-anchor", share > 0.97 ? "end" : share < 0.03 ? "start" : "middle");
      text.textContent = (n * step).toFixed(Math.max(0, Math.ceil(-Math.log10(step)))) + " s";
      labels.push(text);
    }
    if (!labels.length) return;
    c.svg.querySelectorAll(".x").forEach(l => l.remove());
    c.svg.append(...labels);
  };
  const zoom = (a, b) => {
    [from, to] = b - a < 1000 / line.slices ? [0, 1000] : [Math.max(0, a), Math.min(1000, b)];
    for (const c of charts) {
      const box = c.plot.getAttribute("viewBox").split(" ");
      c.plot.setAttribute("viewBox", [from, box[1], to - from, box[3]].join(" "));
      label(c);
    }
  };
  const place = (c, event) => {
    const edge = c.svg.getBoundingClientRect(), scale = edge.width / c.svg.viewBox.baseVal.width;
    const left = edge.left + c.plot.x.baseVal.value * scale, width = c.plot.width.baseVal.value * scale;
    return width && from + (event.clientX - left) / width * (to - from);
  };
  for (const c of charts) {
    let start = null;
    c.svg.addEventListener("pointermove", e => move(Math.ceil(place(c, e) * line.slices / 1000) - 1));
    c.svg.addEventListener("pointerdown", e => { start = place(c, e); });
    c.svg.addEventListener("pointerup", e => {
      const end = place(c, e);
      if (start !== null && Math.abs(end - start) > 15) zoom(Math.min(start, end), Math.max(start, end));
      start = null;
    });
    c.svg.addEventListener("dblclick", () => zoom(0, 1000));
    c.figure.addEventListener("keydown", e => {
      const step = {ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10}[e.key];
      if (step) move(at + step);
      else if (e.key === "Home") move(0);
      else if (e.key === "End") move(line.slices - 1);
      else if (e.key === "Escape") zoom(0, 1000);
      else if (e.key === "+") zoom(from + (to - from) / 4, to - (to - from) / 4);
      else if (e.key === "-") zoom(from - (to - from) / 2, to + (to - from) / 2);
      else return;
      e.preventDefault();
    });
    c.figure.querySelector("button").addEventListener("click", () => {
      const cell = s => /[",\n]/.test(s) || /^[=+\-@]/.test(s) && isNaN(s) ? '"' + (isNaN(s) && /^[=+\-@]/.test(s) ? "'" : "") + s.replaceAll('"', '""') + '"' : s;
      const rows = [["seconds", ...c.panel.lines.map(l => l.name)]];
      for (let i = 0; i < line.slices; i++)
        rows.push([(line.first + i * line.step).toFixed(3), ...c.panel.lines.map(l => l.values[i] ?? "")]);
      save(c.panel.id + ".csv", "text/csv", rows.map(r => r.map(v => cell(String(v))).join(",")).join("\n") + "\n");
    });
  }
})();
