// What has entered at the place that is looked at: points, edges and triangles, or pixels.
import { coloursOf, sharp, whole, words } from "./drawing.js";
import { MOST_TRIANGLES, pairLengths, ripsAt, simplicesAt, squareOf } from "./simplices.js";

const MARGIN = 14;
const MOST_PAIRED = 1000; // points whose pairs are all looked at
const TURN = 0.01; // radians a pixel
const KEY_TURN = 0.12;

export function complexPanel(root, data, store) {
  const box = root.querySelector(".complex .canvas-box");
  const canvas = box.querySelector("canvas");
  const said = root.querySelector(".complex .value");
  root.querySelector(".complex .how").textContent = data.picture.words;
  const solid = data.picture.dimensions === 3;
  const at = chooser(data);
  if (solid) turnable();

  function turnable() {
    canvas.tabIndex = 0;
    canvas.classList.add("solid");
    const turn = (yaw, pitch) => store.set({ turn: [store.state.turn[0] + yaw, Math.min(Math.max(store.state.turn[1] + pitch, -1.5), 1.5)] });
    canvas.addEventListener("pointerdown", (event) => {
      canvas.setPointerCapture(event.pointerId);
      let last = [event.clientX, event.clientY];
      const move = (moved) => {
        turn((moved.clientX - last[0]) * TURN, (moved.clientY - last[1]) * TURN);
        last = [moved.clientX, moved.clientY];
      };
      canvas.addEventListener("pointermove", move);
      const end = () => canvas.removeEventListener("pointermove", move);
      canvas.addEventListener("pointerup", end, { once: true });
      canvas.addEventListener("pointercancel", end, { once: true });
    });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      turn(step[0] * KEY_TURN, step[1] * KEY_TURN);
    });
  }

  return {
    draw(state, changed) {
      if (!["size", "place", "hover", "turn"].some((name) => changed.has(name))) return;
      const size = box.clientWidth;
      const height = Math.min(size * data.picture.aspect, 520);
      box.style.height = `${height}px`;
      const context = sharp(canvas, size, height);
      const [i, j] = state.hover ?? state.place;
      const [radius, level] = [data.across.values[i], data.along.values[j]];
      const colours = coloursOf(root);
      const what = data.picture.kind === "image"
        ? drawPixels(context, size, height, data, radius, level, colours)
        : drawSimplices(context, size, height, data, at, state.turn, radius, level, colours);
      const place = `At ${data.names[0]} ${words(radius)}, ${data.names[1]} ${words(level)}`;
      const counts = data.degrees.toReversed().map((degree) => counted(data.tables[degree][i * data.shape[1] + j], data.nouns[degree]));
      said.textContent = `${place}: ${what}, ${counts.join(", ")}.`;
      canvas.setAttribute("aria-label", said.textContent);
    },
  };
}

export function counted(count, [one, many]) {
  return `${whole(count)} ${count === 1 ? one : many}`;
}

// A function of (radius, level) that lists what has entered; null where nothing but points can be drawn.
function chooser(data) {
  const { arrays, picture } = data;
  const count = picture.count;
  if (picture.kind === "cells" && data.complex) {
    const vertices = data.complex.map((_, dimension) => arrays[`cells_vertices_${dimension}`]);
    return (radius, level) => simplicesAt(data.complex, vertices, count, radius, level);
  }
  const small = count <= MOST_PAIRED && (arrays.coordinates || arrays.edge_lengths);
  if (picture.kind === "rips" && small) {
    const lengths = arrays.edge_lengths ? squareOf(arrays.edge_lengths, count) : pairLengths(arrays.coordinates, picture.ambient);
    return (radius, level) => ripsAt(lengths, arrays.values, radius, level);
  }
  return (_, level) => ({ points: Uint8Array.from(arrays.values, (value) => (value <= level ? 1 : 0)), edges: [], edgeCount: null, triangles: [] });
}

function drawSimplices(context, width, height, data, at, turn, radius, level, colours) {
  if (!data.arrays.places) return "too many to be drawn";
  const { points, edges, edgeCount, triangles } = at(radius, level);
  const { x, y, depth, scale } = projected(data, turn, width, height);
  if (data.picture.noun === "vertices") drawEdges(context, at(Infinity, Infinity).edges, x, y, colours.soft, 0.2);
  if (data.picture.balls) drawBalls(context, points, x, y, (radius / 2) * scale, colours);
  context.fillStyle = colours.accent;
  const count = triangles ? triangles.length / 3 : 0;
  context.globalAlpha = Math.max(0.012, Math.min(0.12, 0.12 * Math.sqrt(60 / (count + 1)))); // they lie on each other
  for (let k = 0; k < 3 * count; k += 3) {
    context.beginPath();
    context.moveTo(x[triangles[k]], y[triangles[k]]);
    context.lineTo(x[triangles[k + 1]], y[triangles[k + 1]]);
    context.lineTo(x[triangles[k + 2]], y[triangles[k + 2]]);
    context.fill();
  }
  drawEdges(context, edges, x, y, colours.text, Math.max(0.07, Math.min(0.45, 14 / Math.sqrt(edges.length + 1))));
  drawPoints(context, points, x, y, depth, colours);
  const present = points.reduce((sum, point) => sum + point, 0);
  const parts = [`${whole(present)} of ${whole(points.length)} ${data.picture.noun}`];
  if (edgeCount !== null) parts.push(counted(edgeCount, ["edge", "edges"]) + (edgeCount > edges.length / 2 ? ` (${whole(edges.length / 2)} drawn)` : ""));
  if (!triangles) parts.push(`more than ${whole(MOST_TRIANGLES)} triangles, not drawn`);
  return parts.join(", ");
}

function drawBalls(context, points, x, y, radius, colours) {
  context.globalAlpha = 0.12;
  context.fillStyle = colours.accent;
  context.beginPath(); // one path, so that the union is filled once
  for (let point = 0; point < points.length; point++) {
    if (!points[point]) continue;
    context.moveTo(x[point] + radius, y[point]);
    context.arc(x[point], y[point], radius, 0, 2 * Math.PI);
  }
  context.fill();
}

// Many edges must be thin and see-through.
function drawEdges(context, edges, x, y, colour, opacity) {
  context.strokeStyle = colour;
  context.lineWidth = edges.length > 2000 ? 0.6 : 1;
  context.globalAlpha = opacity;
  for (let first = 0; first < edges.length; first += 1000) {
    context.beginPath();
    for (let k = first; k < Math.min(first + 1000, edges.length); k += 2) {
      context.moveTo(x[edges[k]], y[edges[k]]);
      context.lineTo(x[edges[k + 1]], y[edges[k + 1]]);
    }
    context.stroke();
  }
}

function drawPoints(context, points, x, y, depth, colours) {
  const size = points.length > 1500 ? 1.5 : points.length > 400 ? 2.2 : 3.2;
  for (const present of [0, 1]) {
    context.fillStyle = present ? colours.text : colours.soft;
    for (let point = 0; point < points.length; point++) {
      if (points[point] !== present) continue;
      context.globalAlpha = (present ? 1 : 0.4) * (depth ? 0.45 + 0.55 * depth[point] : 1);
      context.beginPath();
      context.arc(x[point], y[point], present ? size : size * 0.7, 0, 2 * Math.PI);
      context.fill();
    }
  }
  context.globalAlpha = 1;
}

// Pixels of the page for each point, turned where there are three coordinates; depth is 0 at the back and 1 in front.
function projected(data, [yaw, pitch], width, height) {
  const { places } = data.arrays;
  const { dimensions, count, middle, reach, equal } = data.picture;
  const [x, y] = [new Float64Array(count), new Float64Array(count)];
  const depth = dimensions === 3 ? new Float64Array(count) : null;
  const room = [width / 2 - MARGIN, height / 2 - MARGIN];
  const scales = equal
    ? [Math.min(room[0] / reach[0], room[1] / reach[1]), Math.min(room[0] / reach[0], room[1] / reach[1])]
    : [room[0] / reach[0], room[1] / reach[1]];
  const [cy, sy, cp, sp] = [Math.cos(yaw), Math.sin(yaw), Math.cos(pitch), Math.sin(pitch)];
  for (let point = 0; point < count; point++) {
    let [u, v] = [places[point * dimensions] - middle[0], places[point * dimensions + 1] - middle[1]];
    if (depth) {
      const w = places[point * 3 + 2] - middle[2];
      const back = v * cy - u * sy;
      u = u * cy + v * sy;
      v = w * cp + back * sp;
      depth[point] = 0.5 + (w * sp - back * cp) / (2 * reach[0]);
    }
    x[point] = width / 2 + u * scales[0];
    y[point] = height / 2 - v * scales[1];
  }
  return { x, y, depth, scale: scales[0] };
}

function drawPixels(context, width, height, data, radius, level, colours) {
  const { rows, columns } = data.picture;
  const side = Math.min((width - 2 * MARGIN) / columns, (height - 2 * MARGIN) / rows);
  const [left, top] = [(width - side * columns) / 2, (height - side * rows) / 2];
  const { brightness, values } = data.arrays;
  const [darkest, brightest] = data.picture.range;
  const gap = side > 6 ? 1 : 0;
  let present = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const pixel = row * columns + column;
      const there = -brightness[pixel] <= radius && values[pixel] <= level;
      const share = brightest > darkest ? (brightness[pixel] - darkest) / (brightest - darkest) : 1;
      present += there ? 1 : 0;
      context.fillStyle = there ? colours.accent : colours.soft;
      context.globalAlpha = there ? 1 : 0.06 + 0.3 * share;
      context.fillRect(left + column * side, top + row * side, side - gap, side - gap);
    }
  }
  context.globalAlpha = 1;
  return `${whole(present)} of ${whole(rows * columns)} pixels`;
}
