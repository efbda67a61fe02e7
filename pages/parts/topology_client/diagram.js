// The persistence diagram of the line, and its bars as a table.
import { element, frameOf, svg, ticks, words } from "./drawing.js";
import { isLit } from "./plane.js";
import { parametrised } from "./line.js";

const MARGIN = { left: 58, right: 12, top: 26, bottom: 44 };
const ROWS = 100; // of the table

export function diagramPanel(root, data, store) {
  const box = root.querySelector(".diagram .canvas-box");
  const over = box.querySelector("svg");
  const legend = root.querySelector(".diagram .steps");
  for (const degree of data.degrees.toReversed()) {
    const mark = svg("svg", { viewBox: "-6 -6 12 12", class: "mark-of" }, symbolAt(degree === data.lowest, 5, 0, 0, { fill: data.colours[degree] }));
    legend.append(element("li", {}, mark, `H${degree}, ${degree === data.lowest ? "drawn above the line" : "below it"}`));
  }
  const details = root.querySelector(".bars-table");
  const said = root.querySelector(".diagram .value");
  const marks = svg("g", { class: "marks" });
  const axes = svg("g");
  over.append(axes, marks);
  const heads = ["Degree", "Birth", "Death", "Length", ...["Birth", "Death"].flatMap((end) => data.names.map((name) => `${end}: ${name}`))];
  details.querySelector("thead tr").append(...heads.map((head) => element("th", { scope: "col" }, head)));
  details.addEventListener("toggle", () => fillTable(store.state));

  function draw(state) {
    const width = box.clientWidth;
    const height = Math.min(width, 380);
    box.style.height = `${height}px`;
    over.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const on = parametrised(state.line, data.across, data.along);
    const slack = 0.04 * (on.leaves - on.enters);
    const span = { from: on.enters - slack, to: on.leaves + slack };
    const frame = frameOf(span, span, width, height, MARGIN);
    axes.replaceChildren(diagramAxes(frame, span));
    marks.replaceChildren();
    let beyond = 0;
    for (const { degree, list } of state.bars) {
      for (const bar of [...list].reverse()) {
        if (bar.birth > span.to) { beyond++; continue; }
        const [x, y] = [frame.x(bar.birth), bar.death > span.to ? frame.top : frame.y(bar.death)];
        marks.append(symbol(state, degree, bar, x, y));
      }
    }
    const counts = state.bars.map(({ degree, list }) => `${list.length} of H${degree}`).join(", ");
    over.setAttribute("aria-label", `Persistence diagram of the line: ${counts}. The table of bars below lists them.`);
    said.replaceChildren(...litWords(state, data, on, beyond));
  }

  function symbol(state, degree, bar, x, y) {
    const lit = isLit(state, degree, bar);
    const size = lit ? 7 : 4.5;
    const shared = { class: `point${lit ? " lit" : ""}`, fill: data.colours[degree], "data-bar": `${degree}:${bar.number}` };
    return symbolAt(degree === data.lowest, size, x, y, shared);
  }

  function fillTable(state) {
    const body = details.querySelector("tbody");
    if (!details.open) { body.replaceChildren(); return; }
    const on = parametrised(state.line, data.across, data.along);
    const rows = state.bars.flatMap(({ degree, list }) => list.map((bar) => ({ degree, ...bar })));
    body.replaceChildren(...rows.slice(0, ROWS).map((bar) => {
      const cells = [`H${bar.degree}`, words(bar.birth), words(bar.death), words(bar.death - bar.birth), ...pairWords(on.at(bar.birth)), ...pairWords(on.at(bar.death))];
      return element("tr", {}, ...cells.map((cell) => element("td", {}, cell)));
    }));
    details.querySelector(".rows").textContent = rows.length > ROWS ? `The first ${ROWS} of ${rows.length} bars.` : "";
  }

  return {
    draw(state, changed) {
      if (["size", "line", "bar"].some((name) => changed.has(name))) draw(state);
      if (changed.has("line")) fillTable(state);
    },
  };
}

// Classes of the lowest degree are round, others square, so that colour is not all that tells them apart.
function symbolAt(round, size, x, y, attributes) {
  if (round) return svg("circle", { ...attributes, cx: x, cy: y, r: size });
  return svg("path", { ...attributes, d: `M${x - size} ${y}L${x} ${y - size}L${x + size} ${y}L${x} ${y + size}Z` });
}

function pairWords([radius, level]) {
  return Number.isFinite(radius) ? [words(radius), words(level)] : ["never", ""];
}

function litWords(state, data, on, beyond) {
  const found = state.bars.find(({ degree }) => degree === state.bar?.degree);
  const bar = found?.list.find(({ number }) => number === state.bar.number);
  if (!bar) {
    const hidden = beyond ? ` ${beyond} begin beyond the plane.` : "";
    return [`Point at a bar or a point: both light up.${hidden}`];
  }
  const place = (t) => `${data.names[0]} ${words(on.at(t)[0])}, ${data.names[1]} ${words(on.at(t)[1])}`;
  const ends = bar.death === Infinity ? "never ends" : `ends at ${place(bar.death)}; length ${words(bar.death - bar.birth)}`;
  return [element("strong", {}, `H${found.degree}`), ` begins at ${place(bar.birth)}, ${ends}`];
}

function diagramAxes(frame, span) {
  const group = svg("g", { class: "axes", "aria-hidden": "true" });
  const bottom = frame.top + frame.height;
  for (const tick of ticks(span.from, span.to, Math.max(3, frame.width / 80))) {
    const [x, y] = [frame.x(tick), frame.y(tick)];
    group.append(
      svg("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4 }),
      svg("text", { x, y: bottom + 17, "text-anchor": "middle" }, words(tick)),
      svg("line", { x1: frame.left - 4, x2: frame.left, y1: y, y2: y }),
      svg("text", { x: frame.left - 8, y: y + 4, "text-anchor": "end" }, words(tick)),
    );
  }
  const middle = frame.top + frame.height / 2;
  group.append(
    svg("path", { class: "border", d: `M${frame.left} ${frame.top}V${bottom}H${frame.left + frame.width}` }),
    svg("line", { class: "diagonal", x1: frame.left, y1: bottom, x2: frame.left + frame.width, y2: frame.top }),
    svg("line", { class: "never", x1: frame.left, y1: frame.top, x2: frame.left + frame.width, y2: frame.top }),
    svg("text", { x: frame.left + frame.width, y: frame.top - 8, "text-anchor": "end" }, "never ends"),
    svg("text", { class: "title", x: frame.left + frame.width / 2, y: bottom + 35, "text-anchor": "middle" }, "birth"),
    svg("text", { class: "title", x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, "death"),
  );
  return group;
}
