// Interval summands: regions with a staircase on both sides, listed by their size.
import { axesGroup, element, frameOf, svg, words } from "./drawing.js";
import { staircase } from "./plane.js";

const MARGIN = { left: 58, right: 12, top: 26, bottom: 44 };
const LISTED = 8;

export function summandsPanel(root, data, store) {
  const box = root.querySelector(".summands .canvas-box");
  const over = box.querySelector("svg");
  const list = root.querySelector(".summands .sizes");
  const clip = svg("rect");
  const regions = svg("g", { "clip-path": "url(#inside-summands)" });
  const axes = svg("g");
  over.append(svg("defs", {}, svg("clipPath", { id: "inside-summands" }, clip)), axes, regions);
  over.addEventListener("pointermove", (event) => {
    const number = event.target.dataset?.summand;
    light(number === undefined ? null : Number(number));
  });
  over.addEventListener("pointerleave", () => light(null));

  function light(summand) {
    if (store.state.summand !== summand) store.set({ summand });
  }

  function draw(state) {
    const width = box.clientWidth;
    const height = Math.min(width, 380);
    box.style.height = `${height}px`;
    over.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const frame = frameOf(data.across, data.along, width, height, MARGIN);
    for (const [key, value] of [["x", frame.left], ["y", frame.top], ["width", frame.width], ["height", frame.height]]) clip.setAttribute(key, value);
    axes.replaceChildren(axesGroup(frame, data.across, data.along, data.names));
    const summands = data.summandsOf(state);
    const colour = data.colours[data.homologyOf(state)];
    regions.replaceChildren(...summands.map((summand, number) =>
      svg("path", { class: "summand", d: staircase(summand, frame, data), fill: colour, stroke: colour, "data-summand": number })));
    over.setAttribute("aria-label", `${summands.length} approximate interval summands of H${data.homologyOf(state)}, the largest with side ${summands.length ? words(summands[0].size, 3) : 0} of the plane.`);
    list.replaceChildren(...summands.slice(0, LISTED).map(sizeButton));
  }

  function sizeButton(summand, number) {
    const button = element("button", { type: "button", "data-summand": number, "aria-pressed": "false" },
      element("span", { class: "rank" }, String(number + 1)), element("span", { class: "size" }, words(summand.size, 3)));
    button.addEventListener("pointerenter", () => light(number));
    button.addEventListener("pointerleave", () => light(null));
    button.addEventListener("focus", () => light(number));
    button.addEventListener("blur", () => light(null));
    return element("li", {}, button);
  }

  function show(state) {
    for (const region of regions.children) region.classList.toggle("lit", Number(region.dataset.summand) === state.summand);
    for (const button of list.querySelectorAll("button")) button.setAttribute("aria-pressed", String(Number(button.dataset.summand) === state.summand));
    regions.classList.toggle("chosen", state.summand !== null);
  }

  return {
    draw(state, changed) {
      if (changed.has("size") || changed.has("degree")) draw(state);
      if (["size", "degree", "summand"].some((name) => changed.has(name))) show(state);
    },
  };
}
