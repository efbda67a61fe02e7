// The rank invariant from one place: rk(a, b) = rank of H(a) -> H(b) for all b of a grid.
import { barsOf } from "./persistence.js";

// Yields {column, ranks} for each level of the grid at or above a: ranks by radius, 0 where b >= a does not hold.
//
// For a level y one filtration has what is at a, then what has entered up to (radius of a, y), then goes along the radii
// at level y. Its bars that are there at the start count rk(a, b) for every b with level y.
export function* rankFrom(complex, start, radii, levels, degree) {
  const first = radii.findIndex((radius) => radius >= start[0]);
  const ahead = first < 0 ? [] : radii.slice(first);
  const used = complex.slice(0, degree + 2);
  const arrivals = used.map(({ radius }) => arrivalsOf(radius, start[0], ahead));
  for (let column = 0; column < levels.length; column++) {
    const ranks = new Int32Array(radii.length);
    if (levels[column] >= start[1]) {
      const times = used.map(({ level }, dimension) => timesAt(level, arrivals[dimension], start[1], levels[column]));
      const { births, deaths } = barsOf(used, times, [degree]).get(degree);
      const counts = new Int32Array(ahead.length + 1); // how many end before each of the radii ahead
      let there = 0;
      for (let bar = 0; bar < births.length; bar++) {
        if (births[bar] > 0) continue;
        there++;
        if (deaths[bar] < Infinity) counts[Math.max(deaths[bar] - 2, 0)]++;
      }
      for (let k = 0; k < ahead.length; k++) {
        there -= counts[k];
        ranks[first + k] = there;
      }
    }
    yield { column, ranks };
  }
}

// 0 for cells within the radius of a, else 2 + k for the k-th radius ahead; Infinity beyond the last one.
function arrivalsOf(radius, start, ahead) {
  return Float64Array.from(radius, (value) => {
    if (value <= start) return 0;
    let low = 0;
    let high = ahead.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ahead[middle] >= value) high = middle;
      else low = middle + 1;
    }
    return low < ahead.length ? 2 + low : Infinity;
  });
}

// 0: at a; 1: at the radius of a and the level y; later steps as they arrive; Infinity above the level y.
function timesAt(level, arrivals, start, y) {
  return Float64Array.from(level, (value, cell) => {
    if (value > y) return Infinity;
    return arrivals[cell] || (value <= start ? 0 : 1);
  });
}
