// The rank invariant from the chosen place, as a heatmap that fills up while the page stays free.
import { axesGroup, frameOf, nearest, paint, pictureOf, showSteps, stepsOf, svg, words } from "./drawing.js";
import { counted } from "./complex.js";
import { rankFrom } from "./rank.js";

const MARGIN = { left: 58, right: 12, top: 26, bottom: 44 };
const MOST = 50; // values of the grid on each axis
const SLICE = 8; // milliseconds of work between two frames
const WAIT = 60; // milliseconds that a place must stay before the work begins

export function ranksPanel(root, data, store) {
  const box = root.querySelector(".ranks .canvas-box");
  const canvas = box.querySelector("canvas");
  const over = box.querySelector("svg");
  const said = root.querySelector(".ranks .value");
  const axes = svg("g");
  const start = svg("circle", { class: "ring", r: 5 });
  over.append(axes, start);
  const [radii, levels] = [thinned(data.across.values), thinned(data.along.values)];
  const grid = [gridAxis(radii, data.across), gridAxis(levels, data.along)];
  let table = null;
  let hover = null;
  let timer = 0;

  over.addEventListener("pointermove", (event) => {
    const bounds = over.getBoundingClientRect();
    const frame = frameNow();
    hover = [nearest(grid[0], frame.across(event.clientX - bounds.left)), nearest(grid[1], frame.along(event.clientY - bounds.top))];
    say(store.state);
  });
  over.addEventListener("pointerleave", () => { hover = null; say(store.state); });

  function begin(state) {
    clearTimeout(timer);
    const degree = data.homologyOf(state);
    const from = [data.across.values[state.place[0]], data.along.values[state.place[1]]];
    const work = rankFrom(data.complex, from, radii, levels, degree);
    const fresh = { ranks: new Int32Array(radii.length * levels.length).fill(-1), from, degree, done: false };
    const go = () => {
      const until = performance.now() + SLICE;
      while (performance.now() < until) {
        const { value, done } = work.next();
        if (done) { fresh.done = true; break; }
        value.ranks.forEach((rank, i) => {
          const ordered = radii[i] >= from[0] && levels[value.column] >= from[1];
          fresh.ranks[i * levels.length + value.column] = ordered ? rank : -1;
        });
      }
      if (!fresh.done) { timer = setTimeout(go, 0); return; }
      table = fresh;
      root.dataset.ranks = `${from.join(" ")} ${degree}`;
      drawTable();
    };
    timer = setTimeout(go, WAIT);
  }

  function frameNow() {
    const width = box.clientWidth;
    return frameOf(data.across, data.along, width, Math.min(width, 380), MARGIN);
  }

  function drawTable() {
    const frame = frameNow();
    const steps = stepsOf(0, Math.max(0, ...table.ranks), data.ramps);
    paint(canvas, pictureOf(table.ranks, [radii.length, levels.length], steps), frame);
    showSteps(root.querySelector(".ranks .steps"), steps, "rank");
    start.setAttribute("cx", frame.x(table.from[0]));
    start.setAttribute("cy", frame.y(table.from[1]));
    const top = table.ranks[table.ranks.length - 1];
    canvas.setAttribute("aria-label", `Rank from ${table.from.map((value) => words(value)).join(", ")}: at most ${Math.max(...table.ranks)}, and ${top} up to the upper right corner.`);
    say(store.state);
  }

  function say(state) {
    if (!table) return;
    const nouns = data.nouns[table.degree];
    const at = table.from.map((value) => words(value)).join(", ");
    if (!hover) {
      said.textContent = `From (${at}): how many of the ${nouns[1]} there are still there at each later place.`;
      return;
    }
    const rank = table.ranks[hover[0] * levels.length + hover[1]];
    const to = `(${words(radii[hover[0]])}, ${words(levels[hover[1]])})`;
    said.textContent = rank < 0 ? `${to} is not above and to the right of (${at}).` : `From (${at}) to ${to}: ${counted(rank, nouns)}.`;
  }

  return {
    draw(state, changed) {
      if (changed.has("size")) {
        const frame = frameNow();
        box.style.height = `${frame.total.height}px`;
        over.setAttribute("viewBox", `0 0 ${frame.total.width} ${frame.total.height}`);
        axes.replaceChildren(axesGroup(frame, data.across, data.along, data.names));
        if (table) drawTable();
      }
      if (!table || changed.has("place") || changed.has("degree")) begin(state);
    },
  };
}

// At most so many of the values, both ends among them.
function thinned(values) {
  if (values.length <= MOST) return values;
  return Float64Array.from({ length: MOST }, (_, place) => values[Math.round((place * (values.length - 1)) / (MOST - 1))]);
}

function gridAxis(values, whole) {
  return { values, low: values[0], step: values.length > 1 ? whole.extent / (values.length - 1) : 1 };
}
