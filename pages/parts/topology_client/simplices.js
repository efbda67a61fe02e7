// The simplices of points, graphs and Delaunay complexes that have entered up to a radius and a level.

export const MOST_EDGES = 12000; // that are drawn
export const MOST_TRIANGLES = 10000;

// Lengths of all pairs of points, [n * n].
export function pairLengths(points, dimensions) {
  const n = points.length / dimensions;
  const lengths = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      let square = 0;
      for (let k = 0; k < dimensions; k++) square += (points[i * dimensions + k] - points[j * dimensions + k]) ** 2;
      lengths[i * n + j] = lengths[j * n + i] = Math.sqrt(square);
    }
  }
  return lengths;
}

// The same from the upper triangle of a matrix, row by row.
export function squareOf(upper, n) {
  const lengths = new Float64Array(n * n);
  let place = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) lengths[i * n + j] = lengths[j * n + i] = upper[place++];
  }
  return lengths;
}

// The Vietoris-Rips complex at (radius, level): {points: 0 or 1 each, edges: pairs, edgeCount, triangles: triples, or
// null where there are too many to draw}. Edges are counted to the end, but listed up to MOST_EDGES only.
export function ripsAt(lengths, values, radius, level) {
  const n = values.length;
  const points = Uint8Array.from(values, (value) => (value <= level ? 1 : 0));
  const later = Array.from({ length: n }, () => []); // neighbours with a higher number
  const edges = [];
  let edgeCount = 0;
  for (let i = 0; i < n; i++) {
    if (!points[i]) continue;
    for (let j = i + 1; j < n; j++) {
      if (!points[j] || lengths[i * n + j] > radius) continue;
      edgeCount++;
      if (edgeCount > MOST_EDGES) continue;
      edges.push(i, j);
      later[i].push(j);
    }
  }
  return { points, edges, edgeCount, triangles: edgeCount > MOST_EDGES ? null : trianglesOf(later, lengths, n, radius) };
}

function trianglesOf(later, lengths, n, radius) {
  const triangles = [];
  for (let i = 0; i < n; i++) {
    for (let a = 0; a < later[i].length; a++) {
      for (let b = a + 1; b < later[i].length; b++) {
        if (lengths[later[i][a] * n + later[i][b]] > radius) continue;
        triangles.push(i, later[i][a], later[i][b]);
        if (triangles.length > 3 * MOST_TRIANGLES) return null;
      }
    }
  }
  return triangles;
}

// What has entered of a complex of simplices whose vertices are listed by dimension, in the form of `ripsAt`.
export function simplicesAt(complex, vertices, n, radius, level) {
  const points = new Uint8Array(n);
  const lists = complex.map((cells, dimension) => {
    const size = dimension + 1;
    const found = [];
    for (let cell = 0; cell < cells.count && vertices[dimension]; cell++) {
      if (cells.radius[cell] > radius || cells.level[cell] > level) continue;
      for (let k = 0; k < size; k++) found.push(vertices[dimension][cell * size + k]);
    }
    return found;
  });
  for (const vertex of lists[0]) points[vertex] = 1;
  const [, edges = [], triangles = []] = lists;
  const drawn = triangles.length <= 3 * MOST_TRIANGLES ? triangles : null;
  return { points, edges: edges.slice(0, 2 * MOST_EDGES), edgeCount: edges.length / 2, triangles: drawn };
}
