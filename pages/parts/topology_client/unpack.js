// One block of bytes: the length of a header in JSON, the header, and arrays that begin at multiples of 8.

const TYPES = { float64: Float64Array, float32: Float32Array, int32: Int32Array, uint32: Uint32Array, uint8: Uint8Array };

// The header with `arrays` by name: typed arrays that share the memory of a copy of the block.
export function unpack(bytes) {
  const block = bytes.slice(); // begins at a multiple of 8, as typed arrays must
  const length = new DataView(block.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(block.subarray(4, 4 + length)));
  const first = Math.ceil((4 + length) / 8) * 8;
  const arrays = {};
  for (const [name, { type, offset, count }] of Object.entries(header.arrays)) {
    arrays[name] = new TYPES[type](block.buffer, first + offset, count);
  }
  return { ...header, arrays };
}

// The filtered complex among the arrays: by dimension the grades of its cells and their faces; null without.
export function complexOf(arrays) {
  const cells = [];
  while (arrays[`cells_grades_${cells.length}`]) {
    const dimension = cells.length;
    const grades = arrays[`cells_grades_${dimension}`];
    cells.push({
      count: grades.length / 2,
      radius: grades.filter((_, place) => place % 2 === 0),
      level: grades.filter((_, place) => place % 2 === 1),
      starts: arrays[`cells_starts_${dimension}`],
      faces: arrays[`cells_faces_${dimension}`],
    });
  }
  return cells.length ? cells : null;
}
