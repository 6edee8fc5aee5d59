/** A pair that may not be matched. */
export const FORBIDDEN = Number.POSITIVE_INFINITY;

/** Large finite stand-in for forbidden pairs, so that a full assignment always exists. */
const BLOCKED = 1e6;

/**
 * Minimum-cost assignment of rows to columns (Hungarian method with potentials, O(rows² · columns); Kuhn 1955,
 * Munkres 1957). Pairs whose cost is {@link FORBIDDEN} stay unmatched.
 * @param cost one row per track, one column per detection; finite costs must lie far below 1e6
 * @returns for each row the matched column, or -1
 */
export function assign(cost: readonly (readonly number[])[]): number[] {
  const rows = cost.length;
  const columns = cost[0]?.length ?? 0;
  if (rows === 0 || columns === 0) return new Array<number>(rows).fill(-1);
  if (rows > columns) return transposedAssign(cost, rows, columns);
  const rowOf = solve(cost, rows, columns);
  const columnOf = new Array<number>(rows).fill(-1);
  for (let column = 1; column <= columns; column++) {
    const row = (rowOf[column] ?? 0) - 1;
    if (row >= 0 && cost[row]?.[column - 1] !== FORBIDDEN) columnOf[row] = column - 1;
  }
  return columnOf;
}

function transposedAssign(cost: readonly (readonly number[])[], rows: number, columns: number): number[] {
  const transposed = Array.from({ length: columns }, (_, column) =>
    Array.from({ length: rows }, (__, row) => cost[row]?.[column] ?? FORBIDDEN),
  );
  const columnOf = new Array<number>(rows).fill(-1);
  assign(transposed).forEach((row, column) => {
    if (row >= 0) columnOf[row] = column;
  });
  return columnOf;
}

/** Shortest augmenting paths with potentials; index 0 of every array is the virtual start. Needs rows <= columns. */
function solve(cost: readonly (readonly number[])[], rows: number, columns: number): Int32Array {
  const rowPotential = new Float64Array(rows + 1);
  const columnPotential = new Float64Array(columns + 1);
  const rowOf = new Int32Array(columns + 1);
  const cameFrom = new Int32Array(columns + 1);
  for (let row = 1; row <= rows; row++) {
    rowOf[0] = row;
    const slack = new Float64Array(columns + 1).fill(Number.POSITIVE_INFINITY);
    const done = new Uint8Array(columns + 1);
    let column = 0;
    do {
      done[column] = 1;
      const current = at(rowOf, column);
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let other = 1; other <= columns; other++) {
        if (done[other] === 1) continue;
        const price = Math.min(cost[current - 1]?.[other - 1] ?? BLOCKED, BLOCKED);
        const reduced = price - at(rowPotential, current) - at(columnPotential, other);
        if (reduced < at(slack, other)) {
          slack[other] = reduced;
          cameFrom[other] = column;
        }
        if (at(slack, other) < delta) {
          delta = at(slack, other);
          next = other;
        }
      }
      for (let other = 0; other <= columns; other++) {
        if (done[other] === 1) {
          rowPotential[at(rowOf, other)] = at(rowPotential, at(rowOf, other)) + delta;
          columnPotential[other] = at(columnPotential, other) - delta;
        } else {
          slack[other] = at(slack, other) - delta;
        }
      }
      column = next;
    } while (at(rowOf, column) !== 0);
    while (column !== 0) {
      const previous = at(cameFrom, column);
      rowOf[column] = at(rowOf, previous);
      column = previous;
    }
  }
  return rowOf;
}

function at(array: Float64Array | Int32Array, index: number): number {
  return array[index] ?? 0;
}
