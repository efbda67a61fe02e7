// What all panels draw with: elements, numbers as words, axes of a plane, heatmaps of whole numbers.

const SVG = "http://www.w3.org/2000/svg";

export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// A number in so many significant digits, without trailing zeros.
export function words(value, digits = 4) {
  if (value === Infinity) return "∞";
  return String(Number(value.toPrecision(digits))).replace("-", "−");
}

// A count, with commas between thousands.
export function whole(count) {
  return count.toLocaleString("en-US").replace("-", "−");
}

// Round numbers of a range, about so many.
export function ticks(low, high, count) {
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= raw);
  const found = [];
  for (let tick = Math.ceil(low / step); tick * step <= high; tick++) found.push(Number((tick * step).toPrecision(12)));
  return found;
}

// One axis of the grid: its values, and the edges of the cells around the first and the last of them.
export function axisOf(values) {
  const [low, high] = [values[0], values[values.length - 1]];
  const step = values.length > 1 ? (high - low) / (values.length - 1) : 1;
  return { values, low, extent: high > low ? high - low : 1, step, from: low - step / 2, to: high + step / 2 };
}

// The number of the value that is nearest.
export function nearest(axis, value) {
  return Math.min(Math.max(Math.round((value - axis.low) / axis.step), 0), axis.values.length - 1);
}

// A part of a plane on a part of the page: positions to pixels and back.
export function frameOf(across, along, width, height, margin) {
  const inner = { left: margin.left, top: margin.top, width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  return {
    ...inner,
    total: { width, height },
    x: (value) => inner.left + ((value - across.from) / (across.to - across.from)) * inner.width,
    y: (value) => inner.top + inner.height - ((value - along.from) / (along.to - along.from)) * inner.height,
    across: (x) => across.from + ((x - inner.left) / inner.width) * (across.to - across.from),
    along: (y) => along.from + ((inner.top + inner.height - y) / inner.height) * (along.to - along.from),
  };
}

// Ticks and titles of both axes.
export function axesGroup(frame, across, along, names) {
  const group = svg("g", { class: "axes", "aria-hidden": "true" });
  const bottom = frame.top + frame.height;
  group.append(svg("rect", { class: "border", x: frame.left, y: frame.top, width: frame.width, height: frame.height }));
  for (const tick of ticks(across.from, across.to, Math.max(3, frame.width / 90))) {
    const x = frame.x(tick);
    group.append(svg("line", { x1: x, x2: x, y1: bottom, y2: bottom + 4 }));
    group.append(svg("text", { x, y: bottom + 17, "text-anchor": "middle" }, words(tick)));
  }
  for (const tick of ticks(along.from, along.to, Math.max(3, frame.height / 70))) {
    const y = frame.y(tick);
    group.append(svg("line", { x1: frame.left - 4, x2: frame.left, y1: y, y2: y }));
    group.append(svg("text", { x: frame.left - 8, y: y + 4, "text-anchor": "end" }, words(tick)));
  }
  const middle = frame.top + frame.height / 2;
  group.append(
    svg("text", { class: "title", x: frame.left + frame.width / 2, y: bottom + 35, "text-anchor": "middle" }, names[0]),
    svg("text", { class: "title", x: 12, y: middle, "text-anchor": "middle", transform: `rotate(-90 12 ${middle})` }, names[1]),
  );
  return group;
}

// A canvas as sharp as the screen, cleared: its context in page pixels.
export function sharp(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== wide || canvas.height !== high) Object.assign(canvas, { width: wide, height: high });
  Object.assign(canvas.style, { width: `${width}px`, height: `${height}px` });
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// A colour for each whole number from low; numbers beyond the last colour share it.
export function stepsOf(low, high, ramps) {
  const count = Math.min(high - low + 1, ramps.length);
  const colours = ramps[count - 1];
  const names = colours.map((_, place) => whole(low + place));
  if (low + count - 1 < high) names[count - 1] = `≥ ${whole(low + count - 1)}`;
  return { low, colours, names, of: (value) => colours[Math.min(Math.max(value - low, 0), count - 1)] };
}

// A picture with one pixel for each place of the grid, the first level at the bottom.
export function pictureOf(table, shape, steps) {
  const [across, along] = shape;
  const picture = element("canvas", { width: across, height: along });
  const context = picture.getContext("2d");
  const image = context.createImageData(across, along);
  const colours = steps.colours.map((colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16)));
  for (let i = 0; i < across; i++) {
    for (let j = 0; j < along; j++) {
      const value = table[i * along + j];
      if (value < 0) continue; // no value
      const place = 4 * ((along - 1 - j) * across + i);
      image.data.set(colours[Math.min(Math.max(value - steps.low, 0), colours.length - 1)], place);
      image.data[place + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
  return picture;
}

export function paint(canvas, picture, frame) {
  const context = sharp(canvas, frame.total.width, frame.total.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(picture, frame.left, frame.top, frame.width, frame.height);
}

// Colours and the numbers that they stand for, in one line.
export function showSteps(list, steps, title) {
  list.replaceChildren(element("li", { class: "of" }, title));
  steps.colours.forEach((colour, place) => {
    const swatch = element("span", { class: "swatch" });
    swatch.style.background = colour;
    list.append(element("li", {}, swatch, steps.names[place]));
  });
}

// The values of custom properties, as colours that a canvas takes.
export function coloursOf(root) {
  const read = (name) => getComputedStyle(root.querySelector(`.ink-${name}`)).color;
  return { text: read("text"), soft: read("soft"), line: read("line"), accent: read("accent") };
}
