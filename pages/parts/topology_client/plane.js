// The plane of both parameters: the heatmap, the line with its bars, the Diracs, and the place that is looked at.
import { axesGroup, element, frameOf, nearest, paint, pictureOf, showSteps, stepsOf, svg, whole, words } from "./drawing.js";
import { parametrised, shifted, withHandle } from "./line.js";

const MARGIN = { left: 58, right: 10, top: 10, bottom: 44 };
const BARS_DRAWN = 12; // of a degree beside the line, the longest
const BAR_GAP = 5; // pixels
const STEP = 0.01; // of the plane, by which a key moves a handle

export function planePanel(root, data, store) {
  const box = root.querySelector(".plane .canvas-box");
  const canvas = box.querySelector("canvas");
  const over = box.querySelector("svg");
  const layers = Object.fromEntries(["axes", "outline", "diracs", "bars", "line", "place", "area"].map((name) => [name, svg("g", { class: name })]));
  const clip = svg("rect");
  const inside = svg("g", { "clip-path": "url(#inside-plane)" });
  inside.append(layers.outline, layers.diracs, layers.bars);
  over.append(svg("defs", {}, svg("clipPath", { id: "inside-plane" }, clip)), layers.axes, layers.area, inside, layers.place, layers.line);
  const area = svg("rect", { class: "hit", fill: "transparent" });
  layers.area.append(area);
  const handles = lineParts(layers.line);
  const spot = placeParts(layers.place);
  const pictures = new Map();
  let frame = null;

  const unitOf = (event) => {
    const bounds = over.getBoundingClientRect();
    const radius = frame.across(event.clientX - bounds.left);
    const level = frame.along(event.clientY - bounds.top);
    return [(radius - data.across.low) / data.across.extent, (level - data.along.low) / data.along.extent];
  };
  const gridOf = (event) => {
    const [x, y] = unitOf(event);
    return [nearest(data.across, data.across.low + x * data.across.extent), nearest(data.along, data.along.low + y * data.along.extent)];
  };
  listen();

  function listen() {
    area.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") store.set({ hover: gridOf(event) }); });
    area.addEventListener("pointerleave", () => store.set({ hover: null }));
    area.addEventListener("click", (event) => store.set({ place: gridOf(event), hover: null }));
    for (const [name, part] of [["start", handles.start], ["end", handles.end], ["middle", handles.grip]]) {
      part.addEventListener("pointerdown", (event) => drag(event, name, part));
    }
    for (const name of ["start", "end"]) handles[name].addEventListener("keydown", (event) => byKey(event, name));
    spot.mark.addEventListener("keydown", (event) => {
      const step = arrow(event);
      if (!step) return;
      const place = store.state.place.map((value, axis) =>
        Math.min(Math.max(value + step[axis], 0), [data.across, data.along][axis].values.length - 1));
      store.set({ place, hover: null });
    });
  }

  function drag(event, name, part) {
    if (event.button) return;
    event.preventDefault();
    part.focus?.();
    part.setPointerCapture(event.pointerId);
    const begun = unitOf(event);
    const line = store.state.line;
    const move = (moved) => {
      const [x, y] = unitOf(moved);
      store.set({ line: name === "middle" ? shifted(line, [x - begun[0], y - begun[1]]) : withHandle(line, name, [x, y]) });
    };
    const end = () => {
      part.removeEventListener("pointermove", move);
      part.removeEventListener("pointerup", end);
      part.removeEventListener("pointercancel", end);
    };
    part.addEventListener("pointermove", move);
    part.addEventListener("pointerup", end);
    part.addEventListener("pointercancel", end);
  }

  function byKey(event, name) {
    const step = arrow(event);
    if (!step) return;
    const far = event.shiftKey ? 5 * STEP : STEP;
    const place = store.state.line[name].map((value, axis) => value + far * step[axis]);
    store.set({ line: withHandle(store.state.line, name, place) });
  }

  function heatmap(degree) {
    if (!pictures.has(degree)) {
      const table = data.tables[degree];
      const values = table.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
      const steps = stepsOf(...values, data.ramps);
      pictures.set(degree, { steps, picture: pictureOf(table, data.shape, steps) });
    }
    return pictures.get(degree);
  }

  function drawMap(state) {
    const width = box.clientWidth;
    const height = Math.min(width * 0.86, 560);
    box.style.height = `${height}px`;
    frame = frameOf(data.across, data.along, width, height, MARGIN);
    over.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const inner = { x: frame.left, y: frame.top, width: frame.width, height: frame.height };
    for (const rect of [clip, area]) for (const [key, value] of Object.entries(inner)) rect.setAttribute(key, value);
    const { steps, picture } = heatmap(state.degree);
    paint(canvas, picture, frame);
    canvas.setAttribute("aria-label", data.alternatives[state.degree]);
    showSteps(root.querySelector(".plane .steps"), steps, data.symbols[state.degree]);
    layers.axes.replaceChildren(axesGroup(frame, data.across, data.along, data.names));
  }

  function drawDiracs(state) {
    layers.diracs.replaceChildren();
    const measure = data.measures[state.degree];
    if (!state.measure || !measure) return;
    for (let dirac = 0; dirac < measure.weights.length; dirac++) {
      const weight = measure.weights[dirac];
      const [x, y] = [frame.x(measure.positions[2 * dirac]), frame.y(measure.positions[2 * dirac + 1])];
      const size = 2 + 2 * Math.sqrt(Math.min(Math.abs(weight), 25));
      const mark = weight > 0
        ? svg("circle", { class: "positive", cx: x, cy: y, r: size })
        : svg("path", { class: "negative", d: `M${x - size} ${y}L${x} ${y - size}L${x + size} ${y}L${x} ${y + size}Z` });
      mark.append(svg("title", {}, `${weight > 0 ? "+" : "−"}${Math.abs(weight)} at ${words(measure.positions[2 * dirac])}, ${words(measure.positions[2 * dirac + 1])}`));
      layers.diracs.append(mark);
    }
  }

  function drawLine(state) {
    const { start, end } = state.line;
    const on = parametrised(state.line, data.across, data.along);
    const pixel = (t) => { const [radius, level] = on.at(t); return [frame.x(radius), frame.y(level)]; };
    const [from, to] = [pixel(on.enters), pixel(on.leaves)];
    for (const part of [handles.casing, handles.stroke, handles.grip]) {
      part.setAttribute("x1", from[0]); part.setAttribute("y1", from[1]); part.setAttribute("x2", to[0]); part.setAttribute("y2", to[1]);
    }
    for (const [name, place, called] of [["start", start, "Lower"], ["end", end, "Upper"]]) {
      const radius = data.across.low + place[0] * data.across.extent;
      const level = data.along.low + place[1] * data.along.extent;
      handles[name].setAttribute("transform", `translate(${frame.x(radius)} ${frame.y(level)})`);
      handles[name].setAttribute("aria-label", `${called} end of the line, ${data.names[0]} ${words(radius, 3)}, ${data.names[1]} ${words(level, 3)}; arrow keys move it`);
    }
    drawBars(state, on, pixel, from, to);
  }

  // On both sides of the line, as RIVET draws them: the lowest degree on its upper left, the others on its lower right.
  function drawBars(state, on, pixel, from, to) {
    layers.bars.replaceChildren();
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    const across = [(to[1] - from[1]) / length, -(to[0] - from[0]) / length]; // to the upper left
    const used = [0, 0];
    for (const bars of state.bars) {
      const side = bars.degree === data.lowest ? 0 : 1;
      for (const bar of bars.list.slice(0, BARS_DRAWN)) {
        if (bar.birth > on.leaves) continue;
        used[side] += 1;
        const shift = (4 + BAR_GAP * used[side]) * (side ? -1 : 1);
        const ends = [pixel(Math.max(bar.birth, on.enters)), pixel(Math.min(bar.death, on.leaves + 0.05))];
        const [[x1, y1], [x2, y2]] = ends.map(([x, y]) => [x + shift * across[0], y + shift * across[1]]);
        const lit = isLit(state, bars.degree, bar);
        layers.bars.append(
          svg("line", { class: "casing", x1, y1, x2, y2 }),
          svg("line", { class: `bar${lit ? " lit" : ""}`, x1, y1, x2, y2, stroke: data.colours[bars.degree], "data-bar": `${bars.degree}:${bar.number}` }),
        );
      }
    }
  }

  function drawPlace(state) {
    const [i, j] = state.place;
    const [x, y] = [frame.x(data.across.values[i]), frame.y(data.along.values[j])];
    spot.mark.setAttribute("transform", `translate(${x} ${y})`);
    spot.mark.setAttribute("aria-label", `Chosen place, ${data.names[0]} ${words(data.across.values[i])}, ${data.names[1]} ${words(data.along.values[j])}; arrow keys move it`);
    const shown = state.hover ?? state.place;
    const [hx, hy] = [frame.x(data.across.values[shown[0]]), frame.y(data.along.values[shown[1]])];
    spot.region.setAttribute("d", `M${frame.left} ${hy}H${hx}V${frame.top + frame.height}`);
    root.querySelector(".plane .value").replaceChildren(valueWords(state, shown));
  }

  function valueWords(state, [i, j]) {
    const value = data.tables[state.degree][i * data.shape[1] + j];
    return element("span", {}, element("strong", {}, `${data.symbols[state.degree]} = ${whole(value)}`),
      ` at ${data.names[0]} ${words(data.across.values[i], 6)}, ${data.names[1]} ${words(data.along.values[j], 6)}`);
  }

  function drawOutline(state) {
    layers.outline.replaceChildren();
    const summand = state.summand === null ? null : data.summandsOf(state)[state.summand];
    if (!summand) return;
    const d = staircase(summand, frame, data);
    layers.outline.append(svg("path", { class: "outline-casing", d }), svg("path", { class: "outline", d }));
  }

  return {
    draw(state, changed) {
      if (changed.has("size") || changed.has("degree")) drawMap(state);
      const all = changed.has("size");
      if (all || changed.has("degree") || changed.has("measure")) drawDiracs(state);
      if (all || changed.has("line") || changed.has("bar")) drawLine(state);
      if (all || changed.has("place") || changed.has("hover") || changed.has("degree")) drawPlace(state);
      if (all || changed.has("summand") || changed.has("degree")) drawOutline(state);
    },
  };
}

export function isLit(state, degree, bar) {
  return state.bar !== null && state.bar.degree === degree && state.bar.number === bar.number;
}

// The outline of a summand: all places with a birth corner at or below them and a death corner at or above them.
export function staircase(summand, frame, data) {
  const births = summand.births.map(([radius, level]) => [Math.max(radius, data.across.from), Math.max(level, data.along.from)]);
  const deaths = summand.deaths.map(([radius, level]) => [Math.min(radius ?? Infinity, data.across.to), Math.min(level ?? Infinity, data.along.to)]);
  const edges = [...new Set([...births, ...deaths].map(([radius]) => radius))].sort((a, b) => a - b);
  const runs = []; // of neighbouring strips between two edges, each [left, right, bottom, top]
  for (let k = 0; k + 1 < edges.length; k++) {
    const [left, right] = [edges[k], edges[k + 1]];
    const bottom = Math.min(...births.filter(([radius]) => radius <= left).map(([, level]) => level));
    const top = Math.max(...deaths.filter(([radius]) => radius >= right).map(([, level]) => level));
    if (!(bottom < top)) continue;
    const last = runs.at(-1);
    if (last && last.at(-1)[1] === left) last.push([left, right, bottom, top]);
    else runs.push([[left, right, bottom, top]]);
  }
  return runs.map((strips) => {
    const over = strips.map(([, right, , top]) => `V${frame.y(top)}H${frame.x(right)}`).join("");
    const under = strips.toReversed().map(([left, , bottom]) => `V${frame.y(bottom)}H${frame.x(left)}`).join("");
    return `M${frame.x(strips[0][0])} ${frame.y(strips[0][2])}${over}${under}Z`;
  }).join("");
}

function lineParts(group) {
  const parts = { casing: svg("line", { class: "casing" }), stroke: svg("line", { class: "stroke" }), grip: svg("line", { class: "grip" }) };
  const handle = () => svg("g", { class: "handle", tabindex: "0", role: "button", "aria-roledescription": "handle" },
    svg("circle", { class: "reach", r: 18 }), svg("circle", { class: "knob", r: 7 }));
  Object.assign(parts, { start: handle(), end: handle() });
  group.append(parts.casing, parts.stroke, parts.grip, parts.start, parts.end);
  return parts;
}

function placeParts(group) {
  const mark = svg("g", { class: "mark", tabindex: "0", role: "button", "aria-roledescription": "place" },
    svg("circle", { class: "ring", r: 7 }), svg("circle", { class: "dot", r: 2.5 }));
  const region = svg("path", { class: "region" });
  group.append(region, mark);
  return { mark, region };
}

function arrow(event) {
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
  if (step) event.preventDefault();
  return step;
}
