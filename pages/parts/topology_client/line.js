// The line along which bars are computed: two handles in the plane, and the angle and offset that they stand for.
//
// Both parameters are measured in extents of the grid, so the diagonal of the grid has 45 degrees. Along the line, t grows
// by 1 over the length of that diagonal, and t = 0 is nearest to the low corner.

const LEAST = 0.02; // by which the line must rise in both parameters, in extents
const INSET = 0.06; // of the handles from where the line leaves the plane

export function diagonal() {
  return { start: [INSET, INSET], end: [1 - INSET, 1 - INSET] };
}

// Angle in degrees, and the distance from the low corner: above 0 on the upper left of the diagonal.
export function angleAndOffset({ start, end }) {
  const along = unit(start, end);
  return { angle: (Math.atan2(along[1], along[0]) * 180) / Math.PI, offset: start[1] * along[0] - start[0] * along[1] };
}

// The line of an angle and an offset with its handles near the edges of the plane; null where it misses the plane.
export function lineOf(angle, offset) {
  const radians = (Math.min(Math.max(angle, 1), 89) * Math.PI) / 180;
  const along = [Math.cos(radians), Math.sin(radians)];
  const foot = [-along[1] * offset, along[0] * offset];
  const from = Math.max(-foot[0] / along[0], -foot[1] / along[1]);
  const to = Math.min((1 - foot[0]) / along[0], (1 - foot[1]) / along[1]);
  if (!(to - from > 3 * LEAST)) return null;
  const inset = INSET * (to - from);
  const at = (t) => [foot[0] + t * along[0], foot[1] + t * along[1]];
  return risen({ start: at(from + inset), end: at(to - inset) });
}

// Both handles moved by the same step, as far as they stay in the plane.
export function shifted({ start, end }, step) {
  const moved = step.map((wanted, axis) => Math.min(Math.max(wanted, -start[axis]), 1 - end[axis]));
  return { start: start.map((value, axis) => value + moved[axis]), end: end.map((value, axis) => value + moved[axis]) };
}

// One handle moved to a place, as near as the line still rises.
export function withHandle(line, handle, place) {
  const other = handle === "start" ? line.end : line.start;
  const bounded = place.map((value, axis) =>
    handle === "start" ? Math.min(Math.max(value, 0), other[axis] - LEAST) : Math.max(Math.min(value, 1), other[axis] + LEAST));
  return { ...line, [handle]: bounded };
}

// Base point and direction in radius and level, and where on it t enters and leaves the plane.
export function parametrised({ start, end }, across, along) {
  const step = unit(start, end).map((value) => value * Math.SQRT2);
  const { offset } = angleAndOffset({ start, end });
  const foot = [(-step[1] / Math.SQRT2) * offset, (step[0] / Math.SQRT2) * offset];
  const axes = [across, along];
  const base = axes.map((axis, place) => axis.low + foot[place] * axis.extent);
  const direction = axes.map((axis, place) => step[place] * axis.extent);
  const enters = Math.max(...axes.map((axis, place) => (axis.from - base[place]) / direction[place]));
  const leaves = Math.min(...axes.map((axis, place) => (axis.to - base[place]) / direction[place]));
  return { base, direction, enters, leaves, at: (t) => [base[0] + t * direction[0], base[1] + t * direction[1]] };
}

function risen({ start, end }) {
  return withHandle({ start, end }, "end", end);
}

function unit(start, end) {
  const [x, y] = [end[0] - start[0], end[1] - start[1]];
  const length = Math.hypot(x, y);
  return [x / length, y / length];
}
