// Persistent homology along one filtration of a complex, over the field of two elements.
//
// A complex is a list by dimension of {count, radius, level, starts, faces}: cell i enters at (radius[i], level[i]), and
// its boundary is faces[starts[i]] to faces[starts[i + 1] - 1], numbers of cells one dimension below.

// When each cell enters along t -> base + t direction: the first t at which it is reached in both coordinates.
export function lineTimes(complex, base, direction) {
  return complex.map(({ count, radius, level }) => {
    const times = new Float64Array(count);
    for (let cell = 0; cell < count; cell++) {
      times[cell] = Math.max((radius[cell] - base[0]) / direction[0], (level[cell] - base[1]) / direction[1]);
    }
    return times;
  });
}

// By degree, the bars of positive length: births, deaths (Infinity for those that never end), birthCells, and deathCells
// (-1). Times are by dimension, never before those of a cell's faces, and Infinity for cells that stay out.
//
// A column whose cell begins a bar of its own degree is zero, so boundaries are reduced from the highest dimension down
// and such columns are left out (Chen and Kerber's twist).
export function barsOf(complex, times, degrees) {
  const orders = times.map(inOrder);
  const killed = new Map(); // by dimension of the columns: which row each one kills
  const lowest = Math.min(...degrees);
  let cleared = null;
  for (let dimension = Math.min(Math.max(...degrees) + 1, complex.length - 1); dimension > 0; dimension--) {
    if (dimension < lowest) break;
    const kills = reduced(complex[dimension], orders[dimension], cleared, orders[dimension - 1], complex[dimension - 1].count);
    killed.set(dimension, kills);
    cleared = new Uint8Array(complex[dimension - 1].count);
    for (const row of kills) if (row >= 0) cleared[row] = 1;
  }
  return new Map(degrees.map((degree) => [degree, paired(times, orders, killed, degree)]));
}

// Cells that enter, the earliest first; of equal times the one with the lower number.
function inOrder(times) {
  const order = new Int32Array(times.length);
  let count = 0;
  for (let cell = 0; cell < times.length; cell++) if (times[cell] < Infinity) order[count++] = cell;
  return order.subarray(0, count).sort((a, b) => times[a] - times[b] || a - b);
}

// The rank of a boundary by the cells that have it. It is the same in every order, so that once so many rows are killed
// all other columns are known to become zero.
const ranks = new WeakMap();

// For each column the row that it kills: its lowest one once the columns before it are added; -1 if it becomes zero.
function reduced(columns, order, cleared, rows, rowCount) {
  const all = order.length === columns.count; // none stays out, so neither do their faces
  const rank = all ? ranks.get(columns) : undefined;
  let killed = 0;
  const kills = new Int32Array(columns.count).fill(-1);
  const places = new Int32Array(rowCount).fill(-1);
  rows.forEach((row, place) => { places[row] = place; });
  const withLowest = new Array(rows.length); // the reduced column with each lowest row, as places
  const bits = new Int32Array((rows.length >> 5) + 1); // the column at work
  const kept = [];
  for (const column of order) {
    if (killed === rank) break;
    if (cleared && cleared[column]) continue;
    let low = -1;
    for (let place = columns.starts[column]; place < columns.starts[column + 1]; place++) {
      const row = places[columns.faces[place]];
      bits[row >> 5] ^= 1 << (row & 31);
      if (row > low) low = row;
    }
    while (low >= 0 && withLowest[low]) {
      for (const row of withLowest[low]) bits[row >> 5] ^= 1 << (row & 31);
      low = highestBit(bits, low);
    }
    if (low < 0) continue;
    kept.length = 0;
    for (let word = low >> 5; word >= 0; word--) {
      while (bits[word]) {
        const bit = 31 - Math.clz32(bits[word]);
        kept.push((word << 5) | bit);
        bits[word] ^= 1 << bit;
      }
    }
    withLowest[low] = Int32Array.from(kept);
    kills[column] = rows[low];
    killed += 1;
  }
  if (all) ranks.set(columns, killed);
  return kills;
}

// The highest bit at or below a place; -1 for none.
function highestBit(bits, place) {
  for (let word = place >> 5; word >= 0; word--) {
    if (bits[word]) return (word << 5) | (31 - Math.clz32(bits[word]));
  }
  return -1;
}

function paired(times, orders, killed, degree) {
  const found = { births: [], deaths: [], birthCells: [], deathCells: [] };
  if (degree >= times.length) return found;
  const killer = new Int32Array(times[degree].length).fill(-1);
  killed.get(degree + 1)?.forEach((row, column) => { if (row >= 0) killer[row] = column; });
  for (const cell of orders[degree]) {
    if (degree > 0 && killed.get(degree)[cell] >= 0) continue;
    const birth = times[degree][cell];
    const death = killer[cell] >= 0 ? times[degree + 1][killer[cell]] : Infinity;
    if (!(death > birth)) continue;
    found.births.push(birth);
    found.deaths.push(death);
    found.birthCells.push(cell);
    found.deathCells.push(killer[cell]);
  }
  return found;
}
