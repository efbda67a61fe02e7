// The viewer of one item: a plane of radius and level, and what there is at a place, along a line and between places.
import { axisOf } from "./drawing.js";
import { angleAndOffset, diagonal, lineOf, parametrised } from "./line.js";
import { barsOf, lineTimes } from "./persistence.js";
import { complexOf, unpack } from "./unpack.js";
import { complexPanel } from "./complex.js";
import { diagramPanel } from "./diagram.js";
import { planePanel } from "./plane.js";
import { ranksPanel } from "./ranks.js";
import { summandsPanel } from "./summands.js";

const PARTS = ["degree", "measure", "line", "place", "hover", "bar", "summand", "turn", "size"];
const viewers = new WeakMap(); // by the element that Streamlit gives: a rerun of the page draws again, nothing starts anew

export default function (component) {
  const root = component.parentElement.querySelector(".viewer");
  const known = viewers.get(root);
  if (known) {
    known.store.set({ size: {} }); // the theme may be another one; another result comes with another element
    return known.leave;
  }
  const started = start(root, prepared(unpack(component.data)));
  viewers.set(root, started);
  return started.leave;
}

// What the panels share: tables, axes, the complex, and words for them.
function prepared(data) {
  const { arrays } = data;
  const tables = Object.fromEntries([...data.degrees, "euler"].map((name) => [name, arrays[`table_${name}`]]));
  const measures = Object.fromEntries(data.degrees.map((degree) => [degree, { positions: arrays[`positions_${degree}`], weights: arrays[`weights_${degree}`] }]));
  const homologyOf = (state) => (state.degree === "euler" ? data.degrees[0] : state.degree);
  return {
    ...data,
    tables,
    measures,
    homologyOf,
    across: axisOf(arrays.radii),
    along: axisOf(arrays.levels),
    complex: complexOf(arrays),
    lowest: Math.min(...data.degrees),
    summandsOf: (state) => data.summands[homologyOf(state)] ?? [],
  };
}

function start(root, data) {
  const memory = `assay.topology.${data.key}`;
  const state = { degree: data.degrees[0], measure: false, line: diagonal(), hover: null, bar: null, summand: null, turn: [0.6, 0.35], size: {}, bars: [] };
  state.bars = barsOn(data, state.line);
  state.place = firstPlace(data, state);
  Object.assign(state, remembered(memory, data));
  state.bars = barsOn(data, state.line);
  let changed = new Set(PARTS);
  let frame = 0;
  const store = {
    state,
    set(changes) {
      Object.assign(state, changes);
      for (const name of Object.keys(changes)) changed.add(name);
      if (!frame) frame = requestAnimationFrame(redraw);
    },
  };
  root.classList.toggle("without-complex", !data.complex);
  root.querySelector(".why").textContent = data.why;
  const panels = [planePanel(root, data, store), complexPanel(root, data, store)];
  if (data.complex) panels.push(diagramPanel(root, data, store), ranksPanel(root, data, store), summandsPanel(root, data, store));
  const controls = controlsOf(root, data, store);

  function redraw() {
    frame = 0;
    if (!root.clientWidth) return; // not laid out yet; the observer calls again
    const begun = performance.now();
    const these = changed;
    changed = new Set();
    if (these.has("line")) {
      state.bars = barsOn(data, state.line);
      state.bar = null;
    }
    for (const panel of [...panels, controls]) panel.draw(state, these);
    remember(memory, state);
    if (these.has("line")) {
      root.dataset.bars = state.bars.map(({ degree, list }) => `${degree}:${list.length}`).join(" ");
      performance.clearMeasures("assay-line");
      performance.measure("assay-line", { start: begun });
    }
  }

  const again = () => store.set({ size: {} });
  const observer = new ResizeObserver(again);
  observer.observe(root);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", again);
  linkBars(root, store);
  redraw();
  return {
    store,
    // Streamlit also ends a call that another one has overtaken, on the same element, which then stays on the page.
    leave: () => setTimeout(() => {
      if (root.isConnected) return;
      observer.disconnect();
      dark.removeEventListener("change", again);
      cancelAnimationFrame(frame);
      viewers.delete(root);
    }),
  };
}

// The bars of a line by degree, the highest first, in each the longest first.
function barsOn(data, line) {
  if (!data.complex) return [];
  const { base, direction } = parametrised(line, data.across, data.along);
  const found = barsOf(data.complex, lineTimes(data.complex, base, direction), data.degrees);
  return data.degrees.map((degree) => {
    const { births, deaths } = found.get(degree);
    const list = births.map((birth, number) => ({ birth, death: deaths[number], number }));
    list.sort((a, b) => (b.death - b.birth) - (a.death - a.birth) || a.birth - b.birth || a.number - b.number);
    return { degree, list };
  });
}

// The middle of the longest bar of the highest degree that has one, of those that end if some do; else of the plane.
function firstPlace(data, state) {
  const on = parametrised(state.line, data.across, data.along);
  for (const { list } of state.bars) {
    const bar = list.find(({ death }) => death < Infinity) ?? list[0];
    if (bar) return placeOf(data, on.at((bar.birth + Math.min(bar.death, on.leaves)) / 2));
  }
  return data.shape.map((count) => Math.floor((count - 1) / 2));
}

function placeOf(data, [radius, level]) {
  return [[data.across, radius], [data.along, level]].map(([axis, value]) =>
    Math.min(Math.max(Math.floor((value - axis.low) / axis.step), 0), axis.values.length - 1));
}

function remember(memory, { degree, measure, line, place, turn }) {
  try {
    sessionStorage.setItem(memory, JSON.stringify({ degree, measure, line, place, turn }));
  } catch { /* a browser that keeps nothing: the choice lasts as long as the page */ }
}

// What the reader had chosen in this tab, so that another run of the page or a reload changes nothing.
function remembered(memory, data) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(memory));
    const fits = kept.place.every((value, axis) => value < data.shape[axis]) && [...data.degrees, "euler"].includes(kept.degree);
    return fits ? kept : {};
  } catch {
    return {};
  }
}

function controlsOf(root, data, store) {
  const degrees = root.querySelector(".degrees");
  for (const name of [...data.degrees, "euler"]) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "degree", value: name });
    input.addEventListener("change", () => store.set({ degree: name, summand: null }));
    label.append(input, Object.assign(document.createElement("span"), { textContent: name === "euler" ? "Euler" : `H${name}` }));
    degrees.append(label);
  }
  const [measure, angle, offset] = [".with-measure", ".angle", ".offset"].map((name) => root.querySelector(name));
  measure.addEventListener("change", () => store.set({ measure: measure.checked }));
  const typed = () => {
    const line = lineOf(angle.valueAsNumber, offset.valueAsNumber);
    if (line) store.set({ line });
  };
  angle.addEventListener("change", typed);
  offset.addEventListener("change", typed);
  root.querySelector(".to-diagonal").addEventListener("click", () => store.set({ line: diagonal() }));
  return {
    draw(state, changed) {
      for (const input of degrees.querySelectorAll("input")) input.checked = input.value === String(state.degree);
      measure.checked = state.measure;
      measure.disabled = state.degree === "euler";
      if (!changed.has("line")) return;
      const now = angleAndOffset(state.line);
      angle.value = now.angle.toFixed(1);
      offset.value = now.offset.toFixed(3).replace("-0.000", "0.000");
    },
  };
}

// A bar beside the line and its point in the diagram light up together.
function linkBars(root, store) {
  root.addEventListener("pointerover", (event) => {
    const named = event.target.dataset?.bar;
    if (!named && store.state.bar === null) return;
    const [degree, number] = (named ?? "").split(":").map(Number);
    store.set({ bar: named ? { degree, number } : null });
  });
}
